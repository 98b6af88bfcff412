using Holdfast.Core.Errors;

namespace Holdfast.Core.Files;

/// <summary>Turns errors of the local file system into failures a person can act on.</summary>
internal static class LocalFailure
{
    private const int NoSpace = 28;
    private const int NoQuota = 122;

    /// <summary>Whether an error is one of the local file system.</summary>
    public static bool Is(Exception error) => error is IOException or UnauthorizedAccessException;

    /// <summary>The failure.</summary>
    /// <param name="doing">What was being done, to which file.</param>
    /// <param name="error">What the file system said.</param>
    /// <param name="elsewhere">How to take another place.</param>
    public static HoldfastException Of(string doing, Exception error, string elsewhere) =>
        new(
            ErrorCode.Failure,
            $"{doing} failed: {error.Message}",
            error.HResult is NoSpace or NoQuota ? $"make room, or {elsewhere}" : $"look at its rights, or {elsewhere}",
            error
        );
}
