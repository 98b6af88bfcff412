using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Configuration.Units;

namespace Holdfast.Configuration.Definition;

/// <summary>The types of texts that settings are made of.</summary>
internal static class ScalarTypes
{
    /// <summary>Any text on one line.</summary>
    public static ScalarType<SettingText> Text(string name) => Checked(name, null, _ => null);

    /// <summary>A text with a check of its own.</summary>
    /// <param name="name">The name with its article.</param>
    /// <param name="pattern">What the schema asks; null for nothing.</param>
    /// <param name="check">Gives null, or what is wrong.</param>
    public static ScalarType<SettingText> Checked(string name, string? pattern, Func<string, string?> check) =>
        new(
            name,
            () => StringSchema(pattern),
            (SettingText text, out SettingText value) =>
            {
                value = text;
                return check(text.Reveal());
            }
        )
        {
            IsText = true,
        };

    /// <summary>true or false.</summary>
    public static ScalarType<bool> Flag { get; } =
        new(
            "true or false",
            () => new JsonObject { ["type"] = "boolean" },
            (SettingText text, out bool value) =>
                bool.TryParse(text.Reveal(), out value) ? null : "is neither true nor false"
        )
        {
            IsText = false,
        };

    /// <summary>A whole number in a range, ends included.</summary>
    public static ScalarType<int> WholeNumber(int lowest, int highest) =>
        new(
            $"a whole number from {lowest} to {highest}",
            () =>
                new JsonObject
                {
                    ["type"] = "integer",
                    ["minimum"] = lowest,
                    ["maximum"] = highest,
                },
            (SettingText text, out int value) =>
                int.TryParse(text.Reveal(), NumberStyles.None, CultureInfo.InvariantCulture, out value)
                && value >= lowest
                && value <= highest
                    ? null
                    : $"is not a whole number from {lowest} to {highest}"
        )
        {
            IsText = false,
        };

    /// <summary>A number of bytes with its unit.</summary>
    public static ScalarType<ByteSize> Size { get; } =
        new(
            "a size",
            () => StringSchema("^[0-9]+ ?([KMGT]i?)?B$"),
            (SettingText text, out ByteSize value) =>
                ByteSize.TryParse(text.Reveal(), out value)
                    ? null
                    : "is not a size; write a number and B, KB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 1MiB"
        )
        {
            IsText = true,
        };

    /// <summary>A number of bytes with its unit, not less than the smallest.</summary>
    public static ScalarType<ByteSize> SizeFrom(string smallest) =>
        ByteSize.TryParse(smallest, out var least)
            ? new(
                Size.Name,
                Size.Schema,
                (SettingText text, out ByteSize value) =>
                    Size.Parse(text, out value) ?? (value.Bytes < least.Bytes ? $"is less than {smallest}" : null)
            )
            {
                IsText = true,
            }
            : throw new ArgumentException($"{smallest} is not a size", nameof(smallest));

    /// <summary>A duration in a range, ends included.</summary>
    public static ScalarType<TimeSpan> Duration(string shortest, string longest)
    {
        if (!DurationText.TryParse(shortest, out var lowest) || !DurationText.TryParse(longest, out var highest))
        {
            throw new ArgumentException($"{shortest} to {longest} is not a range of durations", nameof(shortest));
        }

        return new ScalarType<TimeSpan>(
            $"a duration from {shortest} to {longest}",
            () => StringSchema("^[0-9]+ ?(ms|s|m|h|d|w)$"),
            (SettingText text, out TimeSpan value) =>
                !DurationText.TryParse(text.Reveal(), out value)
                    ? "is not a duration; write a number and ms, s, m, h, d or w, such as 30s"
                : value < lowest || value > highest ? $"is not from {shortest} to {longest}"
                : null
        )
        {
            IsText = true,
        };
    }

    /// <summary>One of some words.</summary>
    public static ScalarType<T> Choice<T>(params (string Word, T Value)[] choices)
        where T : notnull
    {
        var words = choices.Select(choice => choice.Word).ToArray();
        var name = string.Join(", ", words[..^1]) + " or " + words[^1];
        return new ScalarType<T>(
            name,
            () => new JsonObject { ["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]) },
            (SettingText text, out T value) =>
            {
                var index = Array.IndexOf(words, text.Reveal());
                value = choices[Math.Max(index, 0)].Value;
                return index >= 0 ? null : $"is not one of {name}";
            }
        )
        {
            IsText = true,
        };
    }

    private static JsonObject StringSchema(string? pattern)
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (pattern is not null)
        {
            schema["pattern"] = pattern;
        }
        else
        {
            schema["minLength"] = 1;
        }

        return schema;
    }
}
