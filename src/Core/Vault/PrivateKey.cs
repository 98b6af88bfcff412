using System.Security.Cryptography;

namespace Holdfast.Core.Vault;

/// <summary>The private key of a recipient: who has it can read. Thread-safe. Its bytes are cleared when it is disposed.</summary>
public sealed class PrivateKey : IDisposable
{
    /// <summary>The length in bytes: a number from 1 to the order of P-256, big-endian.</summary>
    public const int Length = 32;

    private readonly byte[] bytes;

    private PrivateKey(byte[] bytes, PublicKey publicKey)
    {
        this.bytes = bytes;
        PublicKey = publicKey;
    }

    /// <summary>The key that belongs to it.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>The 32 bytes. They are the secret.</summary>
    internal ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>A new one, at random.</summary>
    public static PrivateKey New()
    {
        using var pair = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var parameters = pair.ExportParameters(includePrivateParameters: true);
        var bytes = new byte[Length];
        parameters.D!.CopyTo(bytes, Length - parameters.D.Length);
        CryptographicOperations.ZeroMemory(parameters.D);
        return new PrivateKey(bytes, PublicKey.Of(parameters));
    }

    /// <summary>Reads a key.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    internal static PrivateKey Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new FormatException("a private key is 32 bytes");
        }

        var copy = bytes.ToArray();
        try
        {
            using var pair = Import(copy);
            return new PrivateKey(copy, PublicKey.Of(pair.ExportParameters(includePrivateParameters: false)));
        }
        catch (CryptographicException error)
        {
            CryptographicOperations.ZeroMemory(copy);
            throw new FormatException("the private key is none of the curve P-256", error);
        }
    }

    /// <summary>The common secret with another key: the X of the common point.</summary>
    internal void Agree(PublicKey other, Span<byte> secret)
    {
        using var mine = Import(bytes);
        using var others = other.ToEcdh();
        using var key = others.PublicKey;
        var raw = mine.DeriveRawSecretAgreement(key);
        raw.CopyTo(secret);
        CryptographicOperations.ZeroMemory(raw);
    }

    /// <inheritdoc/>
    public void Dispose() => CryptographicOperations.ZeroMemory(bytes);

    private static ECDiffieHellman Import(byte[] bytes) =>
        ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = bytes });
}
