using Holdfast.Core;
using Holdfast.Core.Engines;
using Holdfast.Core.Snapshots;
using Spectre.Console;

namespace Holdfast.Cli.Output;

/// <summary>Shows how far an operation is: a bar on a terminal, a line at the beginning of each step elsewhere.</summary>
internal static class ProgressDisplay
{
    public static Task<T> ShowAsync<T>(
        CommandOutput output,
        string subject,
        Func<IProgress<StepProgress>?, Task<T>> work
    ) =>
        output.ShowsProgressBar ? BarAsync(subject, work)
        : output.ShowsSteps ? work(new StepLines(output, subject))
        : work(null);

    /// <summary>Shows how far an operation of one step is.</summary>
    public static Task<T> ShowAsync<T>(
        CommandOutput output,
        string subject,
        string step,
        Func<IProgress<ByteProgress>?, Task<T>> work
    ) => ShowAsync(output, subject, progress => work(progress is null ? null : new OneStep(progress, step)));

    private sealed class OneStep(IProgress<StepProgress> progress, string step) : IProgress<ByteProgress>
    {
        public void Report(ByteProgress value) => progress.Report(new StepProgress(step, value.Done, value.Total));
    }

    private static async Task<T> BarAsync<T>(string subject, Func<IProgress<StepProgress>?, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console
            .Progress()
            .AutoClear(enabled: true)
            .Columns(
                new TaskDescriptionColumn(),
                new ProgressBarColumn(),
                new PercentageColumn(),
                new TransferSpeedColumn(),
                new RemainingTimeColumn()
            )
            .StartAsync(context => work(new Bars(context, subject)));
    }

    private sealed class Bars(ProgressContext context, string subject) : IProgress<StepProgress>
    {
        private readonly Dictionary<string, ProgressTask> tasks = [];
        private readonly Lock gate = new();

        public void Report(StepProgress value)
        {
            lock (gate)
            {
                if (!tasks.TryGetValue(value.Step, out var task))
                {
                    task = context.AddTask(Markup.Escape($"{value.Step} {subject}"));
                    tasks.Add(value.Step, task);
                }

                task.IsIndeterminate = value.Total == 0;
                task.MaxValue = Math.Max(1, value.Total);
                task.Value = value.Done;
            }
        }
    }

    private sealed class StepLines(CommandOutput output, string subject) : IProgress<StepProgress>
    {
        private readonly HashSet<string> seen = [];
        private readonly Lock gate = new();

        public void Report(StepProgress value)
        {
            lock (gate)
            {
                if (seen.Add(value.Step))
                {
                    var size = value.Total > 0 ? $" ({ByteText.Of(value.Total)})" : "";
                    output.Note($"{value.Step} {subject}{size}");
                }
            }
        }
    }
}
