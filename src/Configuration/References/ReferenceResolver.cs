using System.Text;

namespace Holdfast.Configuration.References;

/// <summary>Replaces references by what they refer to. Errors name the reference, never the text.</summary>
internal sealed class ReferenceResolver(IReadOnlyDictionary<string, string> environment)
{
    private const int LargestFile = 64 * 1024;

    /// <summary>Resolves a text.</summary>
    /// <returns>The text, or null with the error.</returns>
    public SettingText? Resolve(string written, bool secret, SettingLocation location, out string? error)
    {
        var value = new StringBuilder();
        var parts = TextPart.Split(written);
        foreach (var part in parts)
        {
            error = Append(value, part);
            if (error is not null)
            {
                return null;
            }
        }

        error = null;
        var display = Redaction.Display(written, secret);
        return new SettingText(value.ToString(), display, parts.Any(part => part.IsReference), location);
    }

    private string? Append(StringBuilder value, TextPart part)
    {
        switch (part.Kind)
        {
            case PartKind.Literal:
                value.Append(part.Content);
                return null;
            case PartKind.Environment:
                return AppendVariable(value, part.Content);
            case PartKind.File:
                return AppendFile(value, part.Content);
            default:
                return "has a ${…} that is neither ${env:NAME} nor ${file:/path}; write $${ for a literal ${";
        }
    }

    private string? AppendVariable(StringBuilder value, string name)
    {
        if (!environment.TryGetValue(name, out var text))
        {
            return $"the environment variable {name} is not set";
        }

        value.Append(text);
        return text.Length == 0 ? $"the environment variable {name} is empty" : null;
    }

    private static string? AppendFile(StringBuilder value, string path)
    {
        var shown = Printable.Text(path);
        try
        {
            var text = BoundedFile.ReadText(path, LargestFile).TrimEnd('\r', '\n');
            value.Append(text);
            return text.Length == 0 ? $"the file {shown} is empty" : null;
        }
        catch (UnreadableFileException exception)
        {
            return $"the file {shown} {exception.Message}";
        }
    }
}
