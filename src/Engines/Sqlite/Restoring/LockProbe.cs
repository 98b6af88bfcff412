using System.Runtime.InteropServices;
using Holdfast.Engines.Sqlite.Files;

namespace Holdfast.Engines.Sqlite.Restoring;

/// <summary>
/// Asks the kernel who holds SQLite's locks on a database: also of processes whose descriptors cannot be seen, those of
/// other users and in other containers. A connection in WAL mode always holds one.
/// </summary>
internal static class LockProbe
{
    private const int GetLock = 5;
    private const short WriteLock = 1;
    private const short NoLock = 2;

    // See os_unix.c of SQLite: the pending, reserved and shared bytes of the database; the locks of the wal-index.
    private const long DatabaseLocks = 0x40000000;
    private const long DatabaseLocksLength = 512;
    private const long WalIndexLocks = 120;
    private const long WalIndexLocksLength = 9;

    public static IReadOnlyList<string> HoldersOf(string path) =>
        Ask(path, DatabaseLocks, DatabaseLocksLength)
        ?? Ask(path + SideFiles.SharedMemory, WalIndexLocks, WalIndexLocksLength)
        ?? [];

    private static unsafe string[]? Ask(string path, long start, long length)
    {
        try
        {
            using var file = File.OpenHandle(
                path,
                FileMode.Open,
                FileAccess.Read,
                FileShare.ReadWrite | FileShare.Delete
            );
            var question = new FileLock
            {
                Type = WriteLock,
                Start = start,
                Length = length,
            };
            if (Posix.FileControl(file, GetLock, &question) != 0 || question.Type == NoLock)
            {
                return null;
            }

            return [question.Process > 0 ? DatabaseUsers.Describe(question.Process) : "a process in another container"];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>struct flock of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Process;
    }
}
