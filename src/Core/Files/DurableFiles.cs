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
    public static void CreatePrivateDirectory(string path) => Directory.CreateDirectory(path, PrivateDirectory);

    /// <summary>Renames unless the new name exists; false when it does. The directory is not flushed.</summary>
    public static bool TryRenameToNew(string from, string to) => NativeFiles.TryRenameToNew(from, to);
}
