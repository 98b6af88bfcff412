namespace Holdfast.Cli.Output;

/// <summary>Text that a person can paste.</summary>
internal static class Shell
{
    /// <summary>A word as a shell takes it: quoted when it must be.</summary>
    public static string Quote(string word) =>
        word.Length > 0
        && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:@%+=,".Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>Where an object is, within the address of its target.</summary>
    public static string Place(string address, string key)
    {
        var query = address.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? $"{address.TrimEnd('/')}/{key}" : $"{address[..query].TrimEnd('/')}/{key}";
    }
}
