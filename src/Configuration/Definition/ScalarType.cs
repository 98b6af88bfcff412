using System.Text.Json.Nodes;

namespace Holdfast.Configuration.Definition;

/// <summary>What a text of the configuration must be.</summary>
internal abstract class ScalarType(string name, Func<JsonObject> schema)
{
    /// <summary>The name with its article, such as "a duration".</summary>
    public string Name { get; } = name;

    /// <summary>Whether it is written without quotes in JSON: a number or true and false.</summary>
    public required bool IsText { get; init; }

    /// <summary>A new JSON schema of the texts, without references.</summary>
    public JsonObject Schema() => schema();
}

/// <summary>Reads a text.</summary>
/// <param name="text">The text with its references resolved.</param>
/// <param name="value">What it says.</param>
/// <returns>Null, or what is wrong: it goes on after the text, such as "is not a duration".</returns>
internal delegate string? ScalarParser<T>(SettingText text, out T value);

/// <summary>A text that is read as a <typeparamref name="T"/>.</summary>
internal sealed class ScalarType<T>(string name, Func<JsonObject> schema, ScalarParser<T> parse)
    : ScalarType(name, schema)
    where T : notnull
{
    /// <summary>Reads a text.</summary>
    public ScalarParser<T> Parse { get; } = parse;
}
