using System.Runtime.CompilerServices;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Tests.Snapshots;

/// <summary>What is done to a store.</summary>
public enum Operation
{
    Put,
    Read,
    List,
    Head,
    Delete,
}

/// <summary>A store with a hook before and after each operation, which may throw, wait or do mischief.</summary>
internal sealed class HookedStore(IObjectStore inner) : IObjectStore
{
    private int count;

    public Action<Operation, string> Before { get; set; } = (_, _) => { };

    public Action<Operation, string> After { get; set; } = (_, _) => { };

    /// <summary>After the operation of this number nothing works any more, as if the process were killed; 0 for never.</summary>
    public int DieAfter { get; set; }

    public int Count => count;

    public string Address => inner.Address;

    public static StoreException Unreachable() => new(StoreFault.Unreachable, "the store does not answer");

    public async Task<ObjectInfo> PutAsync(
        ObjectKey key,
        ObjectContent content,
        PutCondition condition,
        CancellationToken cancellationToken
    )
    {
        Begin(Operation.Put, key.Value);
        var stored = await inner.PutAsync(key, content, condition, cancellationToken);
        After(Operation.Put, key.Value);
        return stored;
    }

    public async Task<Stream> OpenReadAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken)
    {
        Begin(Operation.Read, key.Value);
        var stream = await inner.OpenReadAsync(key, range, cancellationToken);
        After(Operation.Read, key.Value);
        return stream;
    }

    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix,
        ObjectKey? startAfter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        Begin(Operation.List, prefix);
        await foreach (var found in inner.ListAsync(prefix, startAfter, cancellationToken))
        {
            yield return found;
            After(Operation.List, found.Key.Value);
        }
    }

    public async Task<ObjectInfo?> HeadAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Begin(Operation.Head, key.Value);
        var found = await inner.HeadAsync(key, cancellationToken);
        After(Operation.Head, key.Value);
        return found;
    }

    public async Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        Begin(Operation.Delete, key.Value);
        await inner.DeleteAsync(key, cancellationToken);
        After(Operation.Delete, key.Value);
    }

    public void Dispose() => inner.Dispose();

    private void Begin(Operation operation, string name)
    {
        if (DieAfter > 0 && Interlocked.Increment(ref count) > DieAfter)
        {
            throw Unreachable();
        }

        Before(operation, name);
    }
}
