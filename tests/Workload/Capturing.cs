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
        var source = new SqliteTimelineSource(path, new SqliteOptions(), TimeProvider.System);
        await using var capture = await source.StartCaptureAsync(log, CancellationToken.None);
        Session.Ready();
        await Task.WhenAny(Task.Run(Session.WaitUntilLetGo), capture.Completion);
        _ = await capture.CatchUpAsync(CancellationToken.None);
        Console.WriteLine(capture.Status);
        return 0;
    }
}
