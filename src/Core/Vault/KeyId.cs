using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Holdfast.Core.Vault;

/// <summary>Sixteen bytes that name a vault, a recipient or a session; as text 32 lower-case hexadecimal digits.</summary>
public readonly record struct KeyId
{
    /// <summary>The length in bytes.</summary>
    public const int Length = 16;

    /// <summary>Takes the bytes.</summary>
    public KeyId(ReadOnlySpan<byte> bytes) => Value = BinaryPrimitives.ReadUInt128LittleEndian(bytes[..Length]);

    /// <summary>Takes the bytes as a number.</summary>
    public KeyId(UInt128 value) => Value = value;

    /// <summary>The bytes as a little-endian number, as the header of a segment holds a session.</summary>
    public UInt128 Value { get; }

    /// <summary>A new one, at random.</summary>
    public static KeyId New()
    {
        Span<byte> bytes = stackalloc byte[Length];
        RandomNumberGenerator.Fill(bytes);
        return new KeyId(bytes);
    }

    /// <summary>Reads the text; false for anything else, and for capitals: they would be a second name.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out KeyId id)
    {
        id = default;
        if (text is not { Length: 2 * Length } || !text.All(char.IsAsciiHexDigitLower))
        {
            return false;
        }

        id = new KeyId(Convert.FromHexString(text));
        return true;
    }

    /// <summary>Writes the bytes.</summary>
    public void CopyTo(Span<byte> bytes) => BinaryPrimitives.WriteUInt128LittleEndian(bytes, Value);

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
