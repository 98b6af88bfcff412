using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Holdfast.Configuration.Sources;

/// <summary>
/// Reads YAML event by event, so that every key keeps its place and nothing is built that a hostile file could blow up:
/// anchors, aliases and tags are refused instead of followed.
/// </summary>
internal static class YamlDocumentReader
{
    /// <summary>Reads a text into a document.</summary>
    /// <exception cref="UnreadableDocumentException">It is not YAML, or not the YAML of a configuration.</exception>
    public static void Read(
        string text,
        string source,
        ConfigurationDocument document,
        ICollection<ConfigurationProblem> problems
    )
    {
        var reading = new Reading(source, document, problems);
        var parser = new Parser(new StringReader(text));
        while (MoveNext(parser, text, source))
        {
            reading.Take(parser.Current!);
        }
    }

    private static bool MoveNext(Parser parser, string text, string source)
    {
        try
        {
            return parser.MoveNext();
        }
        catch (YamlException exception)
        {
            var location = At(exception.Start, source);
            throw exception.Message.Contains("tab", StringComparison.Ordinal)
                ? new UnreadableDocumentException(
                    FirstTab(text, location),
                    "is not YAML: a tab indents this line; YAML wants spaces",
                    exception
                )
                : new UnreadableDocumentException(
                    location,
                    $"is not YAML: {exception.Message.TrimEnd('.')}",
                    exception
                );
        }
        // What the parser throws for some texts instead of an exception of its own.
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            var location = At(parser.Current?.End ?? Mark.Empty, source);
            throw new UnreadableDocumentException(location, "is not YAML from here on", exception);
        }
    }

    private static SettingLocation At(Mark mark, string source) => new(source, (int)mark.Line, (int)mark.Column);

    private static SettingLocation FirstTab(string text, SettingLocation start)
    {
        var lines = text.Split('\n');
        for (var line = start.Line; line <= lines.Length; line++)
        {
            var content = lines[line - 1];
            var tab = content.IndexOf('\t', StringComparison.Ordinal);
            if (tab >= 0 && string.IsNullOrWhiteSpace(content[..tab]))
            {
                return start with { Line = line, Column = tab + 1 };
            }
        }

        return start;
    }

    private sealed class Reading(
        string source,
        ConfigurationDocument document,
        ICollection<ConfigurationProblem> problems
    )
    {
        private int _documents;
        private int _depth;

        public void Take(ParsingEvent happened)
        {
            var location = At(happened.Start, source);
            switch (happened)
            {
                case DocumentStart:
                    RequireFirst(location);
                    break;
                case AnchorAlias:
                    Refuse(location, "an alias (*name) cannot be used here; write the value again");
                    TakeAlias(location);
                    break;
                case Scalar scalar:
                    RefuseProperties(scalar, location);
                    TakeScalar(ValueOf(scalar), location, scalar.Value);
                    break;
                case MappingStart start:
                    RefuseProperties(start, location);
                    Begin(EntryKind.Mapping, location);
                    break;
                case SequenceStart start:
                    RefuseProperties(start, location);
                    Begin(EntryKind.Sequence, location);
                    break;
                case MappingEnd or SequenceEnd:
                    _depth--;
                    document.End();
                    break;
                default:
                    break;
            }
        }

        private static string? ValueOf(Scalar scalar) =>
            scalar.Style == ScalarStyle.Plain && scalar.Value is "" or "~" or "null" or "Null" or "NULL"
                ? null
                : scalar.Value;

        private void RequireFirst(SettingLocation location)
        {
            _documents++;
            if (_documents > 1)
            {
                throw new UnreadableDocumentException(location, "holds more than one document (---)");
            }
        }

        private void TakeAlias(SettingLocation location)
        {
            if (document.ExpectsKey)
            {
                document.SkipKey(location);
            }
            else if (_depth > 0)
            {
                document.SkipValue();
            }
        }

        private void TakeScalar(string? value, SettingLocation location, string key)
        {
            if (document.ExpectsKey)
            {
                document.Key(key, location);
            }
            else if (_depth > 0)
            {
                document.Scalar(value, location);
            }
            else if (value is not null)
            {
                throw new UnreadableDocumentException(location, "holds a text and not settings");
            }
        }

        private void Begin(EntryKind kind, SettingLocation location)
        {
            if (document.ExpectsKey)
            {
                throw new UnreadableDocumentException(location, "a key must be a text, not a list or a mapping");
            }

            if (_depth == 0 && kind == EntryKind.Sequence)
            {
                throw new UnreadableDocumentException(location, "holds a list and not settings");
            }

            _depth++;
            document.Begin(kind, location);
        }

        private void RefuseProperties(NodeEvent node, SettingLocation location)
        {
            if (!node.Anchor.IsEmpty)
            {
                Refuse(location, "an anchor (&name) cannot be used here; remove it");
            }

            if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific)
            {
                Refuse(location, "a tag (!name) cannot be used here; remove it");
            }
        }

        private void Refuse(SettingLocation location, string message) =>
            problems.Add(new ConfigurationProblem(location, message));
    }
}
