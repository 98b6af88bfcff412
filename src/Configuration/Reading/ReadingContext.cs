using Holdfast.Configuration.Definition;
using Holdfast.Configuration.References;

namespace Holdfast.Configuration.Reading;

/// <summary>What is shared while one configuration is read.</summary>
internal sealed class ReadingContext(ReferenceResolver references, ICollection<ConfigurationProblem> problems)
{
    /// <summary>Notes something wrong.</summary>
    public void Report(SettingLocation location, string message) =>
        problems.Add(new ConfigurationProblem(location, message));

    /// <summary>Reads the text of a node as a type; false when that was reported as wrong.</summary>
    public bool TryRead<T>(SettingNode node, string path, ScalarType<T> type, bool secret, out T value)
        where T : notnull
    {
        value = default!;
        if (!TryReadText(node, path, type.Name, secret, out var text))
        {
            return false;
        }

        if (type.Parse(text, out value) is not { } wrong)
        {
            return true;
        }

        var shown = text.HasReference ? $"the value of {Printable.Text(text.ToString())}" : Quoted(text, secret);
        Report(node.ValueLocation, $"{path}: {shown} {wrong}");
        return false;
    }

    /// <summary>Reads the text of a node, with its references resolved.</summary>
    public bool TryReadText(SettingNode node, string path, string expected, bool secret, out SettingText text)
    {
        text = null!;
        if (node.Children.Count > 0 || node.IsSequence || (node.IsMapping && node.ValueLayer < 0))
        {
            var given = node.IsSequence ? "a list" : "a mapping";
            Report(node.ValueLocation, $"{path} is {given}, but takes {expected}");
            return false;
        }

        if (string.IsNullOrEmpty(node.Value))
        {
            Report(node.Location, $"{path} has no value; it takes {expected}");
            return false;
        }

        if (node.Value.Length > Redaction.LongestText)
        {
            Report(node.ValueLocation, $"{path} is longer than {Redaction.LongestText} characters");
            return false;
        }

        if (references.Resolve(node.Value, secret, node.ValueLocation, out var error) is not { } resolved)
        {
            Report(node.ValueLocation, $"{path}: {error}");
            return false;
        }

        if (resolved.Reveal().Any(char.IsControl))
        {
            Report(node.ValueLocation, $"{path} holds a control character or a line break");
            return false;
        }

        text = resolved;
        return true;
    }

    private static string Quoted(SettingText text, bool secret) =>
        secret ? "the value" : $"\"{Printable.Text(text.ToString())}\"";
}
