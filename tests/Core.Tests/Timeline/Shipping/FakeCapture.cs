using Holdfast.Core.Timeline;

namespace Holdfast.Core.Tests.Timeline.Shipping;

/// <summary>
/// A capture of a model database. Its file lags behind the commits and takes some of their pages at random, as
/// checkpoints of the application do; pages may be torn until they are settled.
/// </summary>
internal sealed class FakeCapture(LogPlace place, int seed = 1) : ICapture
{
    private readonly Lock gate = new();
    private readonly Random random = new(seed);
    private readonly Dictionary<uint, byte[]> file = [];

    /// <summary>Done before each read of the file, as if the application were writing meanwhile.</summary>
    public Action<uint> BeforeRead { get; set; } = _ => { };

    private uint rotten;

    /// <summary>Makes a page of the file another one than its commits say; 0 for none.</summary>
    public void Rot(uint page) => Volatile.Write(ref rotten, page);

    public CaptureStatus Status => new(0, 0, null, 0, TimeSpan.Zero, 0);

    public Task Completion => Task.CompletedTask;

    /// <summary>Makes commits, some of whose pages reach the file.</summary>
    public void Commit(int count)
    {
        lock (gate)
        {
            for (var number = 0; number < count; number++)
            {
                place.CommitMany(1);
                foreach (var (page, content) in place.Database.ChangesOf(place.Database.Commits.Count))
                {
                    Tear(page, content);
                }
            }
        }
    }

    public Task<CommitInfo> CatchUpAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return Task.FromResult(place.Log.Tip);
        }
    }

    public Task<CommitInfo> SettleAsync(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            for (uint page = 1; page <= place.Database.Size; page++)
            {
                file[page] = place.Database.Page(page).ToArray();
            }

            return Task.FromResult(place.Log.Tip);
        }
    }

    public void ReadFile(uint first, Span<byte> destination)
    {
        BeforeRead(first);
        lock (gate)
        {
            var size = place.Database.PageSize;
            for (var at = 0; at * size < destination.Length; at++)
            {
                var page = destination.Slice(at * size, size);
                page.Clear();
                if (file.TryGetValue(first + (uint)at, out var content))
                {
                    content.CopyTo(page);
                }

                page[200] ^= first + (uint)at == Volatile.Read(ref rotten) ? (byte)1 : (byte)0;
            }
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Tear(uint page, byte[] content)
    {
        switch (random.Next(3))
        {
            case 0:
                file[page] = content;
                break;
            case 1 when file.TryGetValue(page, out var old):
                file[page] = [.. content[..100], .. old[100..]];
                break;
        }
    }
}
