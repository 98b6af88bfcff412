namespace Holdfast.Cli.Output;

/// <summary>Columns of text, two spaces apart; plain, so that it can be read and cut anywhere.</summary>
internal static class Table
{
    public static IEnumerable<string> Lines(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = header.Select((h, i) => rows.Select(r => r[i].Length).Append(h.Length).Max()).ToArray();
        return new[] { header }.Concat(rows).Select(row => Line(row, widths));
    }

    private static string Line(IReadOnlyList<string> row, int[] widths) =>
        string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd();
}
