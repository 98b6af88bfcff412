using Microsoft.Win32.SafeHandles;

namespace Holdfast.Core.Files;

/// <summary>Durable changes of directories.</summary>
public static class DurableFiles
{
    /// <summary>Mode of directories that Holdfast makes: 0700.</summary>
    public const UnixFileMode PrivateDirectory =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes renames and removals in a directory survive a loss of power.</summary>
    /// <exception cref="IOException">The directory cannot be opened or flushed.</exception>
    public static void FlushDirectory(string path) => NativeFiles.FlushDirectory(path);

    /// <summary>Creates a directory, and those above it, with mode 0700; leaves existing ones as they are.</summary>
    public static void CreatePrivateDirectory(string path)
    {
        // One by one: .NET gives the mode to the innermost only.
        var missing = new Stack<string>();
        for (
            var level = Path.GetFullPath(path);
            level is not null && !Directory.Exists(level);
            level = Path.GetDirectoryName(level)
        )
        {
            missing.Push(level);
        }

        foreach (var level in missing)
        {
            _ = Directory.CreateDirectory(level, PrivateDirectory);
        }
    }

    /// <summary>Renames unless the new name exists; false when it does. The directory is not flushed.</summary>
    public static bool TryRenameToNew(string from, string to) => NativeFiles.TryRenameToNew(from, to);

    /// <summary>
    /// Opens a file for reading without the advisory lock that <see cref="File.OpenHandle"/> takes, so that neither a
    /// <see cref="PendingFile"/> that was just committed nor its sweep gets in the way of a reader, or it in theirs.
    /// </summary>
    /// <exception cref="IOException">The file does not exist or cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">Reading it is not allowed.</exception>
    public static SafeFileHandle OpenForReading(string path) => NativeFiles.OpenForReading(path);
}
