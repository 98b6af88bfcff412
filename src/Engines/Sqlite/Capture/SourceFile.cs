using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Restoring;

namespace Holdfast.Engines.Sqlite.Capture;

/// <summary>What can be said about a database from outside, without SQLite and without touching anything.</summary>
internal static class SourceFile
{
    /// <summary>Up to this many bytes SQLite takes a file for an empty database: one byte is a workaround of its own.</summary>
    public const long EmptySize = 1;

    /// <summary>The path without symbolic links, beside which SQLite keeps its side files.</summary>
    /// <exception cref="HoldfastException">It is missing, or cannot be a database.</exception>
    public static string Require(string path)
    {
        if (Look(path) is not { } status)
        {
            throw InterruptedRestore.PreviousOf(path) is { } previous
                ? Missing(
                    $"a restore of {path} was interrupted; what was there before is {previous}",
                    "run the restore again, or move the previous database back"
                )
                : Missing($"there is no database at {path}", "check the path; nothing was created");
        }

        if (status.Kind != FileKind.Regular)
        {
            throw status.Kind == FileKind.Directory
                ? Missing($"{path} is a directory", "name the database file in it")
                : Missing($"{path} is not a regular file", "name a database file");
        }

        var real = Posix.RealPath(path) ?? throw Missing($"there is no database at {path}", "check the path");
        return status.Size > EmptySize ? real : throw Empty(path, real, status.Size);
    }

    private static FileStatus? Look(string path)
    {
        try
        {
            return FileStatus.Of(path);
        }
        catch (IOException error)
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                $"{path} cannot be examined: {error.Message}",
                "run as a user who may read its directory",
                error
            );
        }
    }

    // For SQLite a file of no bytes is a database without tables, and a -wal beside it is rubbish, which it deletes. For
    // somebody who wants a backup it is an accident, and the -wal may be all that is left. So SQLite must not see it.
    private static HoldfastException Empty(string path, string real, long size) =>
        SideFiles.HasContent(real + SideFiles.Wal)
            ? Missing(
                $"{path} is empty ({size} bytes), but {real}{SideFiles.Wal} is not",
                "keep a copy of both before any program opens them: SQLite deletes the -wal beside an empty file"
            )
            : Missing($"{path} is empty ({size} bytes): it holds no database", "check the path");

    private static HoldfastException Missing(string message, string hint) =>
        new(ErrorCode.SourceMissing, message, hint);
}
