using System.Security.Cryptography;

namespace Holdfast.Core.Vault;

/// <summary>The public key of a recipient: a point of the curve P-256. Immutable.</summary>
public sealed class PublicKey : IEquatable<PublicKey>
{
    /// <summary>The length in bytes: 4 ‖ X ‖ Y.</summary>
    public const int Length = 65;

    internal const int Coordinate = 32;
    private const byte Uncompressed = 4;
    private readonly byte[] bytes;

    private PublicKey(byte[] bytes) => this.bytes = bytes;

    /// <summary>The 65 bytes.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>The first 16 bytes of the SHA-256 of the key.</summary>
    public KeyId Fingerprint => new(SHA256.HashData(bytes));

    /// <summary>Reads a key.</summary>
    /// <exception cref="FormatException">It is no point of the curve.</exception>
    public static PublicKey Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length || bytes[0] != Uncompressed)
        {
            throw new FormatException("a public key is 65 bytes: 4, and a point of the curve P-256");
        }

        var key = new PublicKey(bytes.ToArray());
        using (key.ToEcdh()) { }
        return key;
    }

    /// <inheritdoc/>
    public bool Equals(PublicKey? other) => other != null && bytes.AsSpan().SequenceEqual(other.bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PublicKey);

    /// <inheritdoc/>
    public override int GetHashCode() => Fingerprint.GetHashCode();

    internal static PublicKey Of(ECParameters parameters) =>
        new([Uncompressed, .. Padded(parameters.Q.X!), .. Padded(parameters.Q.Y!)]);

    /// <summary>The key as the platform knows it.</summary>
    /// <exception cref="FormatException">It is no point of the curve.</exception>
    internal ECDiffieHellman ToEcdh()
    {
        try
        {
            return ECDiffieHellman.Create(
                new ECParameters
                {
                    Curve = ECCurve.NamedCurves.nistP256,
                    Q = new ECPoint { X = bytes[1..(1 + Coordinate)], Y = bytes[(1 + Coordinate)..] },
                }
            );
        }
        catch (CryptographicException error)
        {
            throw new FormatException("a public key is not a point of the curve P-256", error);
        }
    }

    private static byte[] Padded(byte[] coordinate) => [.. new byte[Coordinate - coordinate.Length], .. coordinate];
}
