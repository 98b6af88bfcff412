using System.Text;

namespace Holdfast.Configuration;

/// <summary>A file that cannot be read; the message goes on after its path: "does not exist".</summary>
internal sealed class UnreadableFileException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Reads small text files whole, and large ones not at all.</summary>
internal static class BoundedFile
{
    private static readonly UTF8Encoding Strict = new(
        encoderShouldEmitUTF8Identifier: false,
        throwOnInvalidBytes: true
    );

    /// <summary>Reads a UTF-8 file of at most <paramref name="largest"/> bytes, without its byte order mark.</summary>
    /// <exception cref="UnreadableFileException">It is missing, refused, too large or no text.</exception>
    public static string ReadText(string path, int largest)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[largest + 1];
            var length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > largest)
            {
                throw new UnreadableFileException($"is larger than {largest / 1024} KiB");
            }

            var start = bytes.AsSpan(0, length).StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            return Strict.GetString(bytes, start, length - start);
        }
        catch (Exception exception) when (Describe(path, exception) is { } description)
        {
            throw new UnreadableFileException(description, exception);
        }
    }

    private static string? Describe(string path, Exception exception) =>
        exception switch
        {
            FileNotFoundException or DirectoryNotFoundException => "does not exist",
            UnauthorizedAccessException when Directory.Exists(path) => "is a directory",
            UnauthorizedAccessException => "may not be read by this user",
            DecoderFallbackException => "is not UTF-8 text",
            IOException or ArgumentException or NotSupportedException => "cannot be read",
            _ => null,
        };
}
