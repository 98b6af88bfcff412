using System.Text;
using System.Text.Json;

namespace Holdfast.Configuration.Sources;

/// <summary>
/// Reads the section "Holdfast" of a JSON file such as appsettings.json, with comments and trailing commas as .NET
/// reads them; what other sections hold is not looked at.
/// </summary>
internal static class JsonDocumentReader
{
    private const string Section = "Holdfast";

    /// <summary>Reads a text into a document.</summary>
    /// <exception cref="UnreadableDocumentException">It is not JSON, or has no such section.</exception>
    public static void Read(string text, string source, ConfigurationDocument document)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var options = new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        var reader = new Utf8JsonReader(bytes, options);
        var positions = new Positions(bytes, source);
        try
        {
            if (!FindSection(ref reader, positions))
            {
                throw new UnreadableDocumentException(new SettingLocation(source), $"has no section \"{Section}\"");
            }

            ReadSection(ref reader, positions, document);
            ExpectNoSecond(ref reader, positions);
        }
        catch (JsonException exception)
        {
            var location = positions.At((int)(exception.LineNumber ?? 0), (int)(exception.BytePositionInLine ?? 0));
            throw new UnreadableDocumentException(location, "is not JSON", exception);
        }
    }

    private static bool FindSection(ref Utf8JsonReader reader, Positions positions)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (IsSection(ref reader, positions))
            {
                reader.Read();
                return reader.TokenType == JsonTokenType.StartObject
                    ? true
                    : throw new UnreadableDocumentException(
                        positions.Of(ref reader),
                        $"\"{Section}\" is not an object"
                    );
            }

            reader.Skip();
        }

        return false;
    }

    private static void ExpectNoSecond(ref Utf8JsonReader reader, Positions positions)
    {
        while (reader.Read())
        {
            if (
                reader is { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName }
                && IsSection(ref reader, positions)
            )
            {
                throw new UnreadableDocumentException(positions.Of(ref reader), $"holds \"{Section}\" twice");
            }
        }
    }

    private static bool IsSection(ref Utf8JsonReader reader, Positions positions)
    {
        var name = reader.GetString()!;
        return name.StartsWith($"{Section}:", StringComparison.OrdinalIgnoreCase)
            ? throw new UnreadableDocumentException(
                positions.Of(ref reader),
                $"settings are read from the object \"{Section}\", not from keys with a \":\""
            )
            : string.Equals(name, Section, StringComparison.OrdinalIgnoreCase);
    }

    private static void ReadSection(ref Utf8JsonReader reader, Positions positions, ConfigurationDocument document)
    {
        var outside = reader.CurrentDepth;
        do
        {
            var location = positions.Of(ref reader);
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    document.Begin(EntryKind.Mapping, location);
                    break;
                case JsonTokenType.StartArray:
                    document.Begin(EntryKind.Sequence, location);
                    break;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    document.End();
                    break;
                case JsonTokenType.PropertyName:
                    document.Key(reader.GetString()!, location);
                    break;
                default:
                    document.Scalar(TextOf(ref reader), location);
                    break;
            }
        } while ((reader.TokenType != JsonTokenType.EndObject || reader.CurrentDepth != outside) && reader.Read());
    }

    private static string? TextOf(ref Utf8JsonReader reader) =>
        reader.TokenType switch
        {
            JsonTokenType.Null => null,
            JsonTokenType.True => "true",
            JsonTokenType.False => "false",
            JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
            _ => reader.GetString(),
        };

    /// <summary>Turns offsets into lines and columns; asked in ascending order, it looks at each byte once.</summary>
    private sealed class Positions(byte[] bytes, string source)
    {
        private int _line = 1;
        private int _lineStart;
        private int _seen;

        public SettingLocation Of(ref Utf8JsonReader reader)
        {
            var offset = (int)reader.TokenStartIndex;
            for (; _seen < offset; _seen++)
            {
                if (bytes[_seen] == '\n')
                {
                    _line++;
                    _lineStart = _seen + 1;
                }
            }

            return new SettingLocation(
                source,
                _line,
                Encoding.UTF8.GetCharCount(bytes, _lineStart, offset - _lineStart) + 1
            );
        }

        public SettingLocation At(int lineFromZero, int byteInLine) => new(source, lineFromZero + 1, byteInLine + 1);
    }
}
