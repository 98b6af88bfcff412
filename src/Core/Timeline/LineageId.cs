using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;

namespace Holdfast.Core.Timeline;

/// <summary>
/// The identity of an unbroken history of commits: 16 bytes, written as 32 lower-case hexadecimal digits. The first six
/// bytes are the time at which it began (milliseconds since 1970), so that lineages of one database sort by age.
/// </summary>
public readonly record struct LineageId : IComparable<LineageId>
{
    /// <summary>The length in bytes.</summary>
    public const int Length = 16;

    private readonly UInt128 value;

    private LineageId(UInt128 value) => this.value = value;

    /// <summary>Takes the bytes of an id.</summary>
    public LineageId(ReadOnlySpan<byte> bytes)
        : this(BinaryPrimitives.ReadUInt128BigEndian(bytes)) { }

    /// <summary>When it began, as exactly as its maker's clock.</summary>
    public DateTimeOffset Began => DateTimeOffset.FromUnixTimeMilliseconds((long)(value >> 80));

    /// <summary>A new id.</summary>
    public static LineageId New(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[Length];
        RandomNumberGenerator.Fill(bytes);
        var random = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return new LineageId(((UInt128)(ulong)now.ToUnixTimeMilliseconds() << 80) | (random >> 48));
    }

    /// <summary>Reads 32 hexadecimal digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out LineageId id)
    {
        id = default;
        // IsAsciiHexDigitLower takes digits and small letters: capitals would be a second name of one lineage.
        if (text is not { Length: 2 * Length } || !text.All(char.IsAsciiHexDigitLower))
        {
            return false;
        }

        id = new LineageId(UInt128.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
        return true;
    }

    /// <summary>Writes the bytes of the id.</summary>
    public void CopyTo(Span<byte> destination) => BinaryPrimitives.WriteUInt128BigEndian(destination, value);

    /// <inheritdoc/>
    public int CompareTo(LineageId other) => value.CompareTo(other.value);

    /// <inheritdoc/>
    public override string ToString() => value.ToString("x32", CultureInfo.InvariantCulture);

    /// <summary>Orders by age.</summary>
    public static bool operator <(LineageId left, LineageId right) => left.CompareTo(right) < 0;

    /// <summary>Orders by age.</summary>
    public static bool operator <=(LineageId left, LineageId right) => left.CompareTo(right) <= 0;

    /// <summary>Orders by age.</summary>
    public static bool operator >(LineageId left, LineageId right) => left.CompareTo(right) > 0;

    /// <summary>Orders by age.</summary>
    public static bool operator >=(LineageId left, LineageId right) => left.CompareTo(right) >= 0;
}
