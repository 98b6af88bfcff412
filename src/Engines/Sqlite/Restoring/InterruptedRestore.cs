using System.ComponentModel;
using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Files;

namespace Holdfast.Engines.Sqlite.Restoring;

/// <summary>
/// What stands in a database's place for the moment in which neither the old nor the new one may: a symbolic link into
/// a directory that does not exist. Every program that opens it fails, even one that would create the database; its
/// text tells a person who looks where the old one is.
/// </summary>
internal static class InterruptedRestore
{
    private const string Nowhere = ".holdfast-restore-interrupted/";

    /// <summary>The previous database, when a restore of this path was interrupted; else null.</summary>
    public static string? PreviousOf(string path) =>
        TextOf(path) is { } text && text.StartsWith(Nowhere, StringComparison.Ordinal)
            ? Path.Combine(Path.GetDirectoryName(path)!, text[Nowhere.Length..])
            : null;

    /// <summary>Makes the link at the name that the previous database is to have, to be swapped with it.</summary>
    public static void Prepare(string kept)
    {
        if (Posix.Symlink(Nowhere + Path.GetFileName(kept), kept) is not 0 and var error)
        {
            throw CannotKeep(kept, error);
        }
    }

    /// <summary>Takes away what a run left that was killed before the swap: nothing had been changed then.</summary>
    public static void Sweep(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        foreach (
            var kept in Directory.EnumerateFileSystemEntries(directory, Path.GetFileName(path) + KeptName.Infix + "*")
        )
        {
            if (PreviousOf(kept) == kept)
            {
                File.Delete(kept + SideFiles.Wal);
                File.Delete(kept + SideFiles.Journal);
                File.Delete(kept);
            }
        }
    }

    /// <summary>The previous database cannot be kept: never on this file system, or not now.</summary>
    /// <param name="kept">The name under which it was to be kept.</param>
    /// <param name="error">What the file system answered.</param>
    public static Exception CannotKeep(string kept, int error) =>
        error is Posix.NoPermission or Posix.Invalid or Posix.NoSuchCall or Posix.NotSupported
            ? new HoldfastException(
                ErrorCode.Refused,
                $"the file system of {kept} has no links or cannot swap two names, so the previous database cannot be kept safely",
                "move the database away yourself, with its -wal and -journal, then restore again"
            )
            : new IOException(
                $"the previous database cannot be kept as {kept}: {new Win32Exception(error).Message}",
                new Win32Exception(error)
            );

    private static string? TextOf(string path) =>
        FileStatus.OfLink(path)?.Kind == FileKind.SymbolicLink ? new FileInfo(path).LinkTarget : null;
}
