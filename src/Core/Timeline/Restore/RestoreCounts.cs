using Holdfast.Core.Engines;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>Counts what a restore does. Thread-safe.</summary>
internal sealed class RestoreCounts(long totalBytes, IProgress<ByteProgress>? progress)
{
    private readonly Lock gate = new();
    private readonly HashSet<string> objects = [];
    private long bytesDone;

    public long BytesRead { get; private set; }

    public long PagesWritten { get; private set; }

    public long PagesKept { get; private set; }

    public int Objects => objects.Count;

    public void Opened(SegmentReader reader) => Read(reader.Key.Value, reader.IndexBytesRead);

    public void Read(string name, long bytes)
    {
        lock (gate)
        {
            objects.Add(name);
            BytesRead += bytes;
        }
    }

    public void Wrote(int pages, int bytes, bool kept)
    {
        lock (gate)
        {
            PagesWritten += pages;
            PagesKept += kept ? pages : 0;
            bytesDone += bytes;
            progress?.Report(new ByteProgress(bytesDone, totalBytes));
        }
    }
}
