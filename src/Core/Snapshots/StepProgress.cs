using Holdfast.Core.Engines;

namespace Holdfast.Core.Snapshots;

/// <summary>How far a step of an operation has come.</summary>
/// <param name="Step">The step: copy, compress, restore, verify.</param>
/// <param name="Done">Bytes done.</param>
/// <param name="Total">Bytes in all; 0 when not known.</param>
public readonly record struct StepProgress(string Step, long Done, long Total);

/// <summary>Reports bytes as the progress of one step, on the thread that reports.</summary>
internal sealed class StepReporter : IProgress<ByteProgress>
{
    private readonly IProgress<StepProgress> progress;
    private readonly string step;

    private StepReporter(IProgress<StepProgress> progress, string step)
    {
        this.progress = progress;
        this.step = step;
    }

    public static StepReporter? For(IProgress<StepProgress>? progress, string step) =>
        progress is null ? null : new StepReporter(progress, step);

    public void Report(ByteProgress value) => progress.Report(new StepProgress(step, value.Done, value.Total));
}
