using System.Globalization;

namespace Holdfast.Configuration.Units;

/// <summary>A number of bytes, 0 or more.</summary>
/// <param name="Bytes">The number.</param>
public readonly record struct ByteSize(long Bytes)
{
    private static readonly (string Name, long Bytes)[] Units =
    [
        ("TiB", 1L << 40),
        ("GiB", 1L << 30),
        ("MiB", 1L << 20),
        ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000),
        ("GB", 1_000_000_000),
        ("MB", 1_000_000),
        ("KB", 1_000),
        ("B", 1),
    ];

    /// <summary>Reads a whole number and a unit: B, KB, MB, GB, TB (powers of 1000), KiB, MiB, GiB, TiB (of 1024).</summary>
    /// <returns>False when the text is something else or the number too large.</returns>
    public static bool TryParse(string text, out ByteSize size)
    {
        size = default;
        foreach (var (name, bytes) in Units)
        {
            if (!text.EndsWith(name, StringComparison.Ordinal))
            {
                continue;
            }

            var digits = text.AsSpan(0, text.Length - name.Length).TrimEnd(' ');
            if (
                !long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                || count > long.MaxValue / bytes
            )
            {
                return false;
            }

            size = new ByteSize(count * bytes);
            return true;
        }

        return false;
    }

    /// <summary>The shortest exact form, such as "1MiB".</summary>
    public override string ToString()
    {
        var bytes = Bytes;
        var (name, unit) = Array.Find(Units, unit => bytes != 0 && bytes % unit.Bytes == 0);
        return name is null ? "0B" : string.Create(CultureInfo.InvariantCulture, $"{bytes / unit}{name}");
    }
}
