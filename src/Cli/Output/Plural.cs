using System.Globalization;

namespace Holdfast.Cli.Output;

/// <summary>Numbers of things.</summary>
internal static class Plural
{
    /// <summary>Such as "1 copy" and "2 copies".</summary>
    public static string Of(int count, string noun) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{count} {(count == 1 ? noun : noun.EndsWith('y') ? $"{noun[..^1]}ies" : $"{noun}s")}"
        );
}
