using System.Runtime.InteropServices;

namespace Holdfast.Engines.Sqlite.Files;

/// <summary>What .NET does not offer of the file system.</summary>
internal static unsafe partial class Posix
{
    public const int NoPermission = 1;
    public const int NotThere = 2;
    public const int Exists = 17;
    public const int Invalid = 22;
    public const int ReadOnlyFileSystem = 30;
    public const int NoSuchCall = 38;
    public const int NotSupported = 95;

    private const int CurrentDirectory = -100;
    private const int WriteAccess = 2;
    private const uint SwapNames = 2;

    /// <summary>The path without symbolic links; null when it does not exist.</summary>
    public static string? RealPath(string path)
    {
        var resolved = ResolvePath(path, IntPtr.Zero);
        try
        {
            return Marshal.PtrToStringUTF8(resolved);
        }
        finally
        {
            Free(resolved);
        }
    }

    /// <summary>Whether the file system it lies on is mounted read-only.</summary>
    public static bool IsOnReadOnlyFileSystem(string path) =>
        TestAccess(path, WriteAccess) != 0 && Marshal.GetLastPInvokeError() == ReadOnlyFileSystem;

    /// <summary>Swaps two names in one step; an error number, or 0.</summary>
    public static int Exchange(string one, string other) =>
        RenameAt2(CurrentDirectory, one, CurrentDirectory, other, SwapNames) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Gives a file a second name; an error number, or 0.</summary>
    public static int Link(string from, string to) => HardLink(from, to) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Makes a symbolic link; an error number, or 0.</summary>
    public static int Symlink(string text, string path) =>
        SymbolicLink(text, path) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>Changes the owner; an error number, or 0.</summary>
    public static int ChangeOwner(string path, uint user, uint group) =>
        ChOwn(path, user, group) == 0 ? 0 : Marshal.GetLastPInvokeError();

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Statx(int directory, string path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    internal static partial int FileControl(SafeHandle file, int command, void* argument);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial IntPtr ResolvePath(string path, IntPtr buffer);

    [LibraryImport("libc", EntryPoint = "free")]
    private static partial void Free(IntPtr memory);

    [LibraryImport("libc", EntryPoint = "access", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int TestAccess(string path, int mode);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int HardLink(string from, string to);

    [LibraryImport("libc", EntryPoint = "symlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SymbolicLink(string text, string path);

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChOwn(string path, uint user, uint group);
}
