namespace Holdfast.Core.Timeline;

/// <summary>Where a restore writes pages. Thread-safe for different pages.</summary>
public interface IPageWriter
{
    /// <summary>Writes a run of whole pages.</summary>
    /// <param name="first">The first page, from 1.</param>
    /// <param name="pages">Whole pages.</param>
    void Write(uint first, ReadOnlySpan<byte> pages);
}
