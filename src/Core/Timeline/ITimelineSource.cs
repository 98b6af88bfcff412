namespace Holdfast.Core.Timeline;

/// <summary>A database whose commits can be captured.</summary>
public interface ITimelineSource
{
    /// <summary>Starts the capture: continues where the log stands when that is provably right, else resynchronises or
    /// begins a new lineage.</summary>
    /// <param name="log">Where commits go; used by the capture's thread only from now on.</param>
    /// <param name="cancellationToken">Ends the start, not the capture.</param>
    /// <exception cref="Errors.HoldfastException">It cannot be captured, with what to do.</exception>
    Task<ICapture> StartCaptureAsync(ITimelineLog log, CancellationToken cancellationToken);
}
