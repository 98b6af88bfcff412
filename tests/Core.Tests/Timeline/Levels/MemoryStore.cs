using System.Runtime.CompilerServices;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Tests.Timeline.Levels;

/// <summary>A store in memory: thousands of histories in the time of some on a disk.</summary>
internal sealed class MemoryStore : IObjectStore
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<string, byte[]> objects = new(StringComparer.Ordinal);

    public string Address => "memory";

    public Task<ObjectInfo> PutAsync(
        ObjectKey key,
        ObjectContent content,
        PutCondition condition,
        CancellationToken cancellationToken
    )
    {
        using var bytes = new MemoryStream();
        using (var from = content.OpenRead())
        {
            from.CopyTo(bytes);
        }

        lock (gate)
        {
            if (condition == PutCondition.Always || !objects.TryGetValue(key.Value, out var known))
            {
                objects[key.Value] = bytes.ToArray();
            }
            else if (!known.AsSpan().SequenceEqual(bytes.ToArray()))
            {
                throw new StoreException(StoreFault.AlreadyExists, $"{key} exists");
            }
        }

        return Task.FromResult(new ObjectInfo(key, content.Length, default));
    }

    public Task<Stream> OpenReadAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            var bytes = objects.GetValueOrDefault(key.Value) ?? throw new StoreException(StoreFault.NotFound, $"{key}");
            var start = (int)Math.Min(range?.Offset ?? 0, bytes.Length);
            var count = (int)Math.Min(range?.Length ?? bytes.Length, bytes.Length - start);
            return Task.FromResult<Stream>(new MemoryStream(bytes, start, count, writable: false));
        }
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix,
        ObjectKey? startAfter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        List<ObjectInfo> found;
        lock (gate)
        {
            found =
            [
                .. objects
                    .Where(item => item.Key.StartsWith(prefix, StringComparison.Ordinal))
                    .Select(item => new ObjectInfo(new ObjectKey(item.Key), item.Value.Length, default)),
            ];
        }

        await Task.CompletedTask;
        foreach (
            var info in found.Where(info =>
                startAfter is not { } after || string.CompareOrdinal(info.Key.Value, after.Value) > 0
            )
        )
        {
            yield return info;
        }
    }

    public Task<ObjectInfo?> HeadAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(
                objects.TryGetValue(key.Value, out var bytes) ? new ObjectInfo(key, bytes.Length, default) : null
            );
        }
    }

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            _ = objects.Remove(key.Value);
        }

        return Task.CompletedTask;
    }

    public void Dispose() { }
}
