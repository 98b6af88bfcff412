using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Core.Vault;

/// <summary>A private key under a passphrase. Keep in sync with docs/vault.md.</summary>
internal static class PassphraseLock
{
    /// <summary>What OWASP recommends for PBKDF2-HMAC-SHA256.</summary>
    public const int Iterations = 600_000;

    private const int LeastIterations = 100_000;
    private const int MostIterations = 10_000_000;
    private const string Kdf = "pbkdf2-hmac-sha256";
    private const int SaltLength = 16;
    private const int NonceLength = 12;
    private const int TagLength = 16;

    public static SealedPrivateKey Seal(PrivateKey key, KeyId vault, string passphrase)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltLength);
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        var stored = new byte[PrivateKey.Length + TagLength];
        using var cipher = CipherOf(passphrase, salt, Iterations);
        cipher.Encrypt(
            nonce,
            key.Bytes,
            stored.AsSpan(0, PrivateKey.Length),
            stored.AsSpan(PrivateKey.Length),
            Associated(vault, key.PublicKey.Fingerprint)
        );
        return new SealedPrivateKey
        {
            Kdf = Kdf,
            Iterations = Iterations,
            Salt = salt,
            Nonce = nonce,
            Sealed = stored,
        };
    }

    /// <summary>Opens it; null when the passphrase does not fit.</summary>
    public static PrivateKey? Open(SealedPrivateKey stored, KeyId vault, KeyId recipient, string passphrase)
    {
        Span<byte> key = stackalloc byte[PrivateKey.Length];
        try
        {
            using var cipher = CipherOf(passphrase, stored.Salt, stored.Iterations);
            cipher.Decrypt(
                stored.Nonce,
                stored.Sealed.AsSpan(0, PrivateKey.Length),
                stored.Sealed.AsSpan(PrivateKey.Length),
                key,
                Associated(vault, recipient)
            );
            return PrivateKey.Parse(key);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Why what was stored cannot be one; null when it can.</summary>
    public static string? Check(SealedPrivateKey stored) =>
        stored.Kdf != Kdf ? $"its private key is locked by {stored.Kdf}, which this holdfast does not know"
        : stored.Iterations is < LeastIterations or > MostIterations
            ? $"its private key has {stored.Iterations} iterations, where {LeastIterations} to {MostIterations} are right"
        : stored.Salt.Length != SaltLength
        || stored.Nonce.Length != NonceLength
        || stored.Sealed.Length != PrivateKey.Length + TagLength
            ? "its private key has a wrong length"
        : null;

    private static AesGcm CipherOf(string passphrase, byte[] salt, int iterations)
    {
        Span<byte> key = stackalloc byte[32];
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(passphrase), salt, key, iterations, HashAlgorithmName.SHA256);
        var cipher = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    private static byte[] Associated(KeyId vault, KeyId recipient)
    {
        ReadOnlySpan<byte> label = "holdfast/1 recipient"u8;
        var bytes = new byte[label.Length + 2 * KeyId.Length];
        label.CopyTo(bytes);
        vault.CopyTo(bytes.AsSpan(label.Length));
        recipient.CopyTo(bytes.AsSpan(label.Length + KeyId.Length));
        return bytes;
    }
}
