using System.Reflection;
using System.Runtime.InteropServices;
using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite;

/// <summary>
/// Which copy of SQLite is used. Two copies in one process on one database drop each other's locks and corrupt it, so
/// inside an application the application's own copy is taken. Thread-safe.
/// </summary>
public static class SqliteLibrary
{
    /// <summary>The name under which the imports ask for the library; never a file name.</summary>
    internal const string ImportName = "holdfast-sqlite";

    private const string System = "libsqlite3.so.0";
    private static readonly Lock Gate = new();
    private static string? chosen;
    private static IntPtr loaded;

    /// <summary>The version of the library, such as "3.40.1".</summary>
    /// <exception cref="HoldfastException">SQLite is not installed.</exception>
    public static string Version => Marshal.PtrToStringUTF8(Native.LibraryVersion())!;

    /// <summary>Takes this library instead of looking for one.</summary>
    /// <param name="path">A file, or a name that the dynamic loader finds.</param>
    /// <exception cref="InvalidOperationException">SQLite was already used in this process.</exception>
    public static void Use(string path)
    {
        lock (Gate)
        {
            if (loaded != IntPtr.Zero)
            {
                throw new InvalidOperationException(
                    "SQLite was already loaded; choose the library before its first use"
                );
            }

            chosen = path;
        }
    }

    internal static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? search)
    {
        if (name != ImportName)
        {
            return IntPtr.Zero;
        }

        lock (Gate)
        {
            return loaded == IntPtr.Zero ? loaded = Load(chosen) : loaded;
        }
    }

    internal static IntPtr Load(string? path)
    {
        if (path is not null)
        {
            return NativeLibrary.TryLoad(path, out var own) ? own : throw Missing(path);
        }

        if (LoadedInProcess() is { } mapped && NativeLibrary.TryLoad(mapped, out var running))
        {
            return running;
        }

        // An application that ships e_sqlite3 but has not used it yet will load it later: it must be the same copy.
        if (
            Assembly.GetEntryAssembly() is { } application
            && NativeLibrary.TryLoad("e_sqlite3", application, searchPath: null, out var shipped)
        )
        {
            return shipped;
        }

        return NativeLibrary.TryLoad(System, out var installed) ? installed : throw Missing(System);
    }

    private static string? LoadedInProcess() =>
        File.ReadLines("/proc/self/maps")
            .Select(line => line.IndexOf('/', StringComparison.Ordinal) is var at and >= 0 ? line[at..] : "")
            .FirstOrDefault(path =>
                Path.GetFileName(path) is var file
                && (
                    file.StartsWith("libe_sqlite3.so", StringComparison.Ordinal)
                    || file.StartsWith("libsqlite3.so", StringComparison.Ordinal)
                )
            );

    private static HoldfastException Missing(string path) =>
        new(
            ErrorCode.Failure,
            $"the SQLite library {path} cannot be loaded",
            "on Debian and Ubuntu: apt-get install libsqlite3-0"
        );
}
