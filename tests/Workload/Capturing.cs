using Holdfast.Core.Timeline;
using Holdfast.Engines.Sqlite;
using Holdfast.Engines.Sqlite.Timeline;
using Holdfast.Testing;

namespace Holdfast.Workload;

/// <summary>Captures the commits of a database, until it is let go or killed.</summary>
internal static class Capturing
{
    public static async Task<int> RunAsync(string path, string logPath)
    {
        using var log = new RecordingLog(logPath);
        await using var capture = await StartAsync(path, log);
        Session.Ready();
        await Task.WhenAny(Task.Run(Session.WaitUntilLetGo), capture.Completion);
        _ = await capture.CatchUpAsync(CancellationToken.None);
        Console.WriteLine(capture.Status);
        return 0;
    }

    /// <summary>Keeps nothing; many databases at once.</summary>
    public static async Task<int> MeasureAsync(string[] paths)
    {
        var captures = new List<ICapture>();
        foreach (var path in paths)
        {
            captures.Add(await StartAsync(path, new DiscardingLog()));
        }

        Session.Ready();
        await Task.Run(Session.WaitUntilLetGo);
        foreach (var capture in captures)
        {
            Console.WriteLine(capture.Status);
            await capture.DisposeAsync();
        }

        return 0;
    }

    private static Task<ICapture> StartAsync(string path, ITimelineLog log) =>
        new SqliteTimelineSource(path, new SqliteOptions(), TimeProvider.System).StartCaptureAsync(
            log,
            CancellationToken.None
        );
}
