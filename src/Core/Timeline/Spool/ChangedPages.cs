namespace Holdfast.Core.Timeline.Spool;

/// <summary>A set of pages that grows as commits change them. Thread-safe; dispose it to end the tracking.</summary>
public sealed class ChangedPages(long since, Action<ChangedPages> end) : IDisposable
{
    private readonly Lock gate = new();
    private ulong[] bits = new ulong[64];

    /// <summary>Pages changed by commits after this one are in the set.</summary>
    public long Since => since;

    /// <summary>Adds a page.</summary>
    public void Add(uint number)
    {
        var word = (int)(number >> 6);
        lock (gate)
        {
            if (word >= bits.Length)
            {
                Array.Resize(ref bits, Math.Max(word + 1, bits.Length * 2));
            }

            bits[word] |= 1UL << (int)(number & 63);
        }
    }

    /// <summary>Whether a page is in the set.</summary>
    public bool Contains(uint number)
    {
        var word = (int)(number >> 6);
        lock (gate)
        {
            return word < bits.Length && (bits[word] & (1UL << (int)(number & 63))) != 0;
        }
    }

    /// <summary>Ends the tracking; the set stays as it is.</summary>
    public void Dispose() => end(this);
}
