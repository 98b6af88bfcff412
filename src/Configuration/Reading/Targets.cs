using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Reading;

/// <summary>Targets by their names.</summary>
internal static class Targets
{
    /// <summary>The target of a name, upper and lower case being the same; null when there is none.</summary>
    public static TargetSettings? Find(IReadOnlyList<TargetSettings> targets, string name) =>
        targets.FirstOrDefault(target => string.Equals(target.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The sentence about a name that is none.</summary>
    public static string Unknown(IReadOnlyList<TargetSettings> targets, string name)
    {
        var shown = Printable.Text(name);
        if (name.Contains('/', StringComparison.Ordinal))
        {
            return $"\"{shown}\" is not the name of a target; write the address below targets, and its name here";
        }

        var names = targets.Select(target => target.Name).ToArray();
        var advice =
            Nearest.Of(name, names) is { } near ? $"did you mean {near}?"
            : names.Length == 0 ? "there are none"
            : $"there are {string.Join(", ", names)}";
        return $"\"{shown}\" is not the name of a target; {advice}";
    }
}
