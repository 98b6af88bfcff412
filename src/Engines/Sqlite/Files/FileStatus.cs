using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Holdfast.Engines.Sqlite.Files;

/// <summary>
/// What the file system knows of a file, asked without opening it: closing any descriptor of a database drops the locks
/// that SQLite holds on it in this process.
/// </summary>
internal readonly record struct FileStatus(
    FileIdentity Identity,
    FileKind Kind,
    long Size,
    UnixFileMode Mode,
    uint User,
    uint Group,
    long ModifiedSeconds,
    long ModifiedNanoseconds,
    long ChangedSeconds,
    long ChangedNanoseconds
)
{
    private const int CurrentDirectory = -100;
    private const int DoNotFollow = 0x100;
    private const uint BasicStats = 0x7ff;
    private const int BufferSize = 256;

    /// <summary>Follows symbolic links; null when nothing is there.</summary>
    /// <exception cref="IOException">The file system refuses to say.</exception>
    public static FileStatus? Of(string path) => Of(path, flags: 0);

    /// <summary>Of a symbolic link itself; null when nothing is there.</summary>
    /// <exception cref="IOException">The file system refuses to say.</exception>
    public static FileStatus? OfLink(string path) => Of(path, DoNotFollow);

    private static unsafe FileStatus? Of(string path, int flags)
    {
        // The layout of struct statx is the same on every architecture; see statx(2).
        var buffer = stackalloc byte[BufferSize];
        if (Posix.Statx(CurrentDirectory, path, flags, BasicStats, buffer) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            return error is Posix.NotThere or NotADirectory
                ? null
                : throw new IOException($"cannot examine {path}: {new Win32Exception(error).Message}");
        }

        var mode = *(ushort*)(buffer + 28);
        return new FileStatus(
            new FileIdentity(*(uint*)(buffer + 136), *(uint*)(buffer + 140), *(ulong*)(buffer + 32)),
            (FileKind)(mode & 0xF000),
            *(long*)(buffer + 40),
            (UnixFileMode)(mode & 0xFFF),
            *(uint*)(buffer + 20),
            *(uint*)(buffer + 24),
            *(long*)(buffer + 112),
            *(uint*)(buffer + 120),
            *(long*)(buffer + 96),
            *(uint*)(buffer + 104)
        );
    }

    private const int NotADirectory = 20;
}

/// <summary>What makes two names the same file.</summary>
internal readonly record struct FileIdentity(uint DeviceMajor, uint DeviceMinor, ulong Inode);

/// <summary>The kinds of file that matter here; the values are those of the system.</summary>
internal enum FileKind
{
    /// <summary>A directory.</summary>
    Directory = 0x4000,

    /// <summary>A regular file.</summary>
    Regular = 0x8000,

    /// <summary>A symbolic link.</summary>
    SymbolicLink = 0xA000,
}
