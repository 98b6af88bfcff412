using Holdfast.Core.Files;
using Holdfast.Engines.Sqlite.Capture;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Restoring;

/// <summary>
/// Keeps a database as it is while a connection of ours has its write lock and has written nothing. In WAL mode others, and so
/// another connection of ours, can read beside it. In the rollback modes the lock is exclusive: nobody else can read, and the
/// file is exactly the last commit, so its bytes are copied as they are.
/// </summary>
/// <param name="path">The database.</param>
/// <param name="kept">The file that is to appear; nothing is there.</param>
/// <param name="holder">The connection with the write lock.</param>
/// <param name="isWal">Whether the database is in WAL mode.</param>
/// <param name="busy">For the moment in which a reader recovers the database.</param>
internal sealed class SafetyCopy(string path, string kept, Connection holder, bool isWal, BusyRetry busy)
{
    private const int BufferBytes = 1 << 20;

    /// <summary>Makes the copy; when it returns, the file survives a loss of power.</summary>
    public async Task TakeAsync(CancellationToken token)
    {
        DurableFiles.CreatePrivateDirectory(Path.GetDirectoryName(kept)!);
        _ = PendingFile.SweepOrphans(Path.GetDirectoryName(kept)!);
        using var file = PendingFile.Create(kept);
        if (isWal)
        {
            await CopyBesideAsync(file, token);
        }
        else
        {
            CopyBytes(file, token);
        }

        if (!file.Commit(replace: false))
        {
            throw new IOException($"{kept} exists");
        }

        DurableFiles.FlushDirectory(Path.GetDirectoryName(Path.GetDirectoryName(kept))!);
    }

    private async Task CopyBesideAsync(PendingFile file, CancellationToken token)
    {
        using var source = await Source.OpenAsync(path, scratch: null, busy, token);
        source.Connection.Execute("BEGIN");
        var facts = await busy.RunAsync(() => SourceFacts.Of(source.Connection), token);
        await OnlineCopy.RunAsync(source, facts.PageSize, file.Path, progress: null, busy, token);
    }

    private void CopyBytes(PendingFile file, CancellationToken token)
    {
        var database = DatabaseFile.Of(holder);
        var buffer = new byte[BufferBytes];
        for (var (offset, size) = (0L, database.Size); offset < size; )
        {
            token.ThrowIfCancellationRequested();
            var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, size - offset));
            database.Read(offset, piece);
            file.Stream.Write(piece);
            offset += piece.Length;
        }
    }
}
