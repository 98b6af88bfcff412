using System.Text.Json.Nodes;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Capture;

/// <summary>
/// The checkpoint before a copy. The copy is complete without it, so whatever becomes of it is recorded and the copy
/// goes on.
/// </summary>
internal static class CheckpointFirst
{
    private const int Passive = 0;
    private const int Truncate = 3;

    // It holds the write lock while it waits for readers: writers wait with it.
    private const int PatienceInMilliseconds = 500;

    /// <summary>Tries it; what became of it, or null when none was asked for.</summary>
    public static JsonObject? Run(Source source, SqliteCheckpoint kind)
    {
        if (kind == SqliteCheckpoint.None)
        {
            return null;
        }

        var result = new JsonObject { ["mode"] = kind == SqliteCheckpoint.Truncate ? "truncate" : "passive" };
        if (!source.IsWal || source.Frozen is not null)
        {
            result["skipped"] = source.IsWal ? "read-only file system" : "not in WAL mode";
            return result;
        }

        Run(source.Connection, kind, result);
        return result;
    }

    private static void Run(Connection connection, SqliteCheckpoint kind, JsonObject result)
    {
        var mode = kind == SqliteCheckpoint.Truncate ? Truncate : Passive;
        _ = Native.SetBusyTimeout(connection.Handle, PatienceInMilliseconds);
        var code = Native.Checkpoint(connection.Handle, "main", mode, out var frames, out var done);
        _ = Native.SetBusyTimeout(connection.Handle, 0);

        var failure = code == ResultCode.Ok ? null : connection.Failure();
        result["busy"] = failure?.IsBusy ?? false;
        result["walFrames"] = frames;
        result["checkpointed"] = done;
        if (failure is { IsBusy: false })
        {
            result["error"] = failure.Message;
        }
    }
}
