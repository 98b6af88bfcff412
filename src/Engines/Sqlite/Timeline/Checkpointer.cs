using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>Copies frames into the database file, never waiting for anybody and nobody waiting for it.</summary>
internal sealed class Checkpointer(Connection connection) : IDisposable
{
    private const int Passive = 0;
    private readonly DatabaseFile file = DatabaseFile.Of(connection);

    /// <summary>Copies what no pin of anybody forbids.</summary>
    /// <returns>False when another process does so now.</returns>
    public bool TryRun()
    {
        var code = Native.Checkpoint(connection.Handle, "main", Passive, out _, out _);
        return code == ResultCode.Ok
            || (connection.Failure() is { IsMomentary: false } failure ? throw failure : false);
    }

    /// <summary>
    /// Flushes the database file. A complete checkpoint does so while the write lock is held; done before, there is
    /// little left to flush then.
    /// </summary>
    public void Sync() => file.Sync();

    /// <inheritdoc/>
    public void Dispose() => connection.Dispose();
}
