using System.Globalization;

namespace Holdfast.Core;

/// <summary>Numbers of bytes for people.</summary>
public static class ByteText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>A number of bytes with three significant digits and a binary unit, such as "1.25 MiB".</summary>
    public static string Of(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (Math.Abs(value) >= 1000 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        var format =
            unit == 0 || Math.Abs(value) >= 100 ? "0"
            : Math.Abs(value) >= 10 ? "0.0"
            : "0.00";
        return value.ToString(format, CultureInfo.InvariantCulture) + " " + Units[unit];
    }
}
