using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Holdfast.Agent.Control;

/// <summary>One object of JSON a line.</summary>
internal static class ControlLines
{
    /// <summary>Writes a line.</summary>
    public static async Task WriteAsync<T>(
        Stream stream,
        T message,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(message, type), (byte)'\n'];
        await stream.WriteAsync(line, cancellationToken);
    }

    /// <summary>Reads a line.</summary>
    /// <param name="stream">Where from.</param>
    /// <param name="type">What it must be.</param>
    /// <param name="mostBytes">The longest line that is read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidDataException">It ends too early, is too long, or is something else.</exception>
    public static async Task<T> ReadAsync<T>(
        Stream stream,
        JsonTypeInfo<T> type,
        int mostBytes,
        CancellationToken cancellationToken
    )
    {
        var buffer = new byte[4096];
        var length = 0;
        while (true)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            var end = buffer.AsSpan(length, read).IndexOf((byte)'\n');
            if (end >= 0)
            {
                return Parse(buffer.AsSpan(0, length + end), type);
            }

            length += read;
            if (read == 0 || length >= mostBytes)
            {
                throw new InvalidDataException(read == 0 ? "the line is not complete" : "the line is too long");
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, Math.Min(mostBytes, buffer.Length * 2));
            }
        }
    }

    private static T Parse<T>(ReadOnlySpan<byte> line, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(line, type) ?? throw new InvalidDataException("the line holds nothing");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException(error.Message, error);
        }
    }
}
