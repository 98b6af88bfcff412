using Microsoft.Win32.SafeHandles;

namespace Holdfast.Core.Files;

/// <summary>Durable changes of directories.</summary>
public static class DurableFiles
{
    /// <summary>Mode of directories that Holdfast makes: 0700.</summary>
    public const UnixFileMode PrivateDirectory =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Makes renames and removals in a directory survive a loss of power.</summary>
    /// <exception cref="DirectoryNotFoundException">It does not exist.</exception>
    /// <exception cref="IOException">It cannot be opened or flushed.</exception>
    public static void FlushDirectory(string path) => NativeFiles.FlushDirectory(path);

    /// <summary>Creates a directory, and those above it, with mode 0700; leaves existing ones as they are.</summary>
    public static void CreatePrivateDirectory(string path)
    {
        var full = Path.GetFullPath(path);
        if (Directory.Exists(full))
        {
            return;
        }

        // One by one: the mode is given to the last directory of a call only.
        if (Path.GetDirectoryName(full) is { } parent)
        {
            CreatePrivateDirectory(parent);
        }

        Directory.CreateDirectory(full, PrivateDirectory);
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
