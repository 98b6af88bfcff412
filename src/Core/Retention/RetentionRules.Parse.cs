using System.Globalization;

namespace Holdfast.Core.Retention;

public sealed partial record RetentionRules
{
    private const string Keys = "last, within, hourly, daily, weekly, monthly, yearly, forever, min and grace";

    /// <summary>Reads <c>last=3 daily=7</c>, separated by spaces or commas; <c>forever</c> needs no value.</summary>
    /// <param name="text">The rules; nothing means none.</param>
    /// <param name="rules">The rules; <see cref="None"/> when there are errors.</param>
    /// <param name="errors">Every error, each a sentence naming the offender and the remedy.</param>
    public static bool TryParse(string? text, out RetentionRules rules, out IReadOnlyList<string> errors)
    {
        var words = (text ?? "").Split([' ', ',', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var entries = words
            .Select(word => word.Split('=', 2))
            .Select(pair => KeyValuePair.Create(pair[0], pair.Length > 1 ? pair[1] : null));
        return TryParse(entries, out rules, out errors);
    }

    /// <summary>Reads rules as configuration holds them, key by key; names of keys ignore case.</summary>
    /// <param name="entries">Keys and values.</param>
    /// <param name="rules">The rules; <see cref="None"/> when there are errors.</param>
    /// <param name="errors">Every error, each a sentence naming the offender and the remedy.</param>
    public static bool TryParse(
        IEnumerable<KeyValuePair<string, string?>> entries,
        out RetentionRules rules,
        out IReadOnlyList<string> errors
    )
    {
        var read = new RetentionRules();
        var found = new List<string>();
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, value) in entries)
        {
            if (!seen.Add(key))
            {
                found.Add($"'{key}' is given twice; a rule has one value");
                continue;
            }

            read = read.With(key.ToLowerInvariant(), value?.Trim() ?? "", found);
        }

        errors = found;
        rules = found.Count == 0 ? read : None;
        return found.Count == 0;
    }

    private RetentionRules With(string key, string value, List<string> errors)
    {
        switch (key)
        {
            case "last":
                return this with { Last = Count(key, value, errors) };
            case "min":
                return this with { Min = Count(key, value, errors) ?? Min };
            case "within":
                return this with { Within = Duration(key, value, errors) };
            case "grace":
                return this with { Grace = value is "none" ? KeepDuration.Zero : Duration(key, value, errors) };
            case "hourly":
                return this with { Hourly = Limit(key, value, errors) };
            case "daily":
                return this with { Daily = Limit(key, value, errors) };
            case "weekly":
                return this with { Weekly = Limit(key, value, errors) };
            case "monthly":
                return this with { Monthly = Limit(key, value, errors) };
            case "yearly":
                return this with { Yearly = Limit(key, value, errors) };
            case "forever":
                return this with { Forever = Truth(key, value, errors) };
            default:
                errors.Add($"'{key}' is not a rule; the rules are {Keys}");
                return this;
        }
    }

    private static int? Count(string key, string value, List<string> errors)
    {
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0)
        {
            return count;
        }

        errors.Add($"'{key}' is '{value}', but takes a number of copies from 1 on, such as {key}=3");
        return null;
    }

    private static KeepDuration? Duration(string key, string value, List<string> errors)
    {
        if (KeepDuration.TryParse(value, out var duration) && duration.Amount > 0)
        {
            return duration;
        }

        var none = key is "grace" ? ", or none" : "";
        errors.Add($"'{key}' is '{value}', but takes a duration of at most 1000 years: 48h, 30d, 12w, 6m or 7y{none}");
        return null;
    }

    private static TierLimit? Limit(string key, string value, List<string> errors)
    {
        if (TierLimit.TryParse(value, out var limit))
        {
            return limit;
        }

        errors.Add($"'{key}' is '{value}', but takes a number ({key}=7) or a duration ({key}=48h, 30d, 12w, 6m or 7y)");
        return null;
    }

    private static bool Truth(string key, string value, List<string> errors)
    {
        if (value is "" || bool.TryParse(value, out _))
        {
            return value is "" || bool.Parse(value);
        }

        errors.Add($"'{key}' is '{value}', but takes true or false");
        return false;
    }
}
