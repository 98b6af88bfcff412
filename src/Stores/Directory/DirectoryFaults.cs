using Holdfast.Core.Stores;

namespace Holdfast.Stores.Directories;

/// <summary>Says which fault of a store an error of the file system is.</summary>
internal static class DirectoryFaults
{
    private const int NotPermitted = 1;
    private const int InputOutput = 5;
    private const int AccessDenied = 13;
    private const int TooLarge = 27;
    private const int NoSpace = 28;
    private const int ReadOnly = 30;
    private const int NoQuota = 122;

    public static bool IsOfFileSystem(Exception error) => error is IOException or UnauthorizedAccessException;

    /// <summary>Whether something vanished that a concurrent removal or sweep may have taken.</summary>
    public static bool MayBeRace(Exception error) => error is DirectoryNotFoundException or FileNotFoundException;

    public static StoreException Translate(Exception error, string doing)
    {
        var message = $"{doing} failed: {error.Message}";
        return NumberOf(error) switch
        {
            NoSpace => new(StoreFault.NoSpace, message, "free space on that disk, or choose another target", error),
            NoQuota => new(StoreFault.NoSpace, message, "raise the quota, or choose another target", error),
            TooLarge => new(StoreFault.NoSpace, message, "the file system or a limit allows no file this large", error),
            ReadOnly => new(StoreFault.Denied, message, "the file system is mounted read-only", error),
            AccessDenied or NotPermitted => new(StoreFault.Denied, message, "check owner and mode of the path", error),
            InputOutput => new(
                StoreFault.Unreachable,
                message,
                "the disk reports errors: look at the kernel's log",
                error
            ),
            _ => new(StoreFault.Unexpected, message, hint: null, error),
        };
    }

    private static int NumberOf(Exception error) =>
        error switch
        {
            UnauthorizedAccessException => AccessDenied,
            { InnerException: System.ComponentModel.Win32Exception native } => native.NativeErrorCode,
            _ => error.HResult,
        };
}
