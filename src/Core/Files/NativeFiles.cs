using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Core.Files;

/// <summary>The file operations of POSIX that .NET does not offer.</summary>
internal static partial class NativeFiles
{
    private const int CurrentDirectory = -100;
    private const uint NoReplace = 1;
    private const int NotPermitted = 1;
    private const int NoSuchFile = 2;
    private const int AccessDenied = 13;
    private const int NotADirectory = 20;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int FileExists = 17;
    private const int Invalid = 22;
    private const int NoSuchCall = 38;
    private const uint BeginOnly = 2;

    /// <summary>Makes renames and removals in a directory durable.</summary>
    public static void FlushDirectory(string path)
    {
        var descriptor = Open(path, CloseOnExec);
        if (descriptor < 0)
        {
            var failure = Failure($"cannot open the directory {path}");
            throw Marshal.GetLastPInvokeError() == NoSuchFile
                ? new DirectoryNotFoundException(failure.Message, failure)
                : failure;
        }

        try
        {
            // Some file systems cannot flush a directory and say EINVAL; there is nothing more to be done on them.
            if (Flush(descriptor) != 0 && Marshal.GetLastPInvokeError() != Invalid)
            {
                throw Failure($"cannot flush the directory {path}");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    /// <summary>Opens a file for reading without the advisory lock that .NET takes.</summary>
    public static SafeFileHandle OpenForReading(string path)
    {
        // Not blocking: a named pipe without a writer must not hang the caller. Files do not care.
        var descriptor = Open(path, CloseOnExec | NonBlocking);
        if (descriptor >= 0)
        {
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }

        var failure = Failure($"cannot open {path}");
        throw Marshal.GetLastPInvokeError() switch
        {
            NoSuchFile or NotADirectory => new FileNotFoundException(failure.Message, path, failure),
            AccessDenied or NotPermitted => new UnauthorizedAccessException(failure.Message, failure),
            _ => failure,
        };
    }

    /// <summary>
    /// Lets the disk begin with bytes that were written, so that flushing the file later finds little left to do. It promises
    /// nothing, and its failure means nothing.
    /// </summary>
    public static void BeginWriting(SafeFileHandle file, long offset, long length) =>
        _ = SyncFileRange(file, offset, length, BeginOnly);

    /// <summary>Renames a file unless the new name exists; false when it does.</summary>
    public static bool TryRenameToNew(string from, string to)
    {
        if (RenameAt2(CurrentDirectory, from, CurrentDirectory, to, NoReplace) == 0)
        {
            return true;
        }

        if (Marshal.GetLastPInvokeError() is Invalid or NoSuchCall)
        {
            // A file system without RENAME_NOREPLACE: a hard link fails on an existing name, too.
            if (Link(from, to) == 0)
            {
                File.Delete(from);
                return true;
            }
        }

        return Marshal.GetLastPInvokeError() == FileExists ? false : throw Failure($"cannot rename {from} to {to}");
    }

    private static IOException Failure(string what)
    {
        var error = new Win32Exception(Marshal.GetLastPInvokeError());
        var message = $"{what}: {error.Message}";
        return error.NativeErrorCode == NoSuchFile
            ? new DirectoryNotFoundException(message, error)
            : new IOException(message, error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle file, long offset, long length, uint flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "renameat2", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int RenameAt2(int fromDirectory, string from, int toDirectory, string to, uint flags);

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);
}
