using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Holdfast.Core.Vault;

/// <summary>
/// Hybrid public key encryption of RFC 9180, base mode, one message for each encapsulated key: DHKEM(P-256, HKDF-SHA256),
/// HKDF-SHA256, AES-256-GCM. Thread-safe.
/// </summary>
internal static class Hpke
{
    /// <summary>The bytes that a message grows by: the tag.</summary>
    public const int TagLength = 16;

    private const ushort Kem = 0x0010;
    private const ushort Kdf = 0x0001;
    private const ushort Aes256Gcm = 0x0002;
    private const int HashLength = SHA256.HashSizeInBytes;
    private const int NonceLength = 12;

    private static readonly byte[] KemSuite = [.. "KEM"u8, .. Number(Kem)];

    /// <summary>Seals a message for the holder of a private key.</summary>
    /// <returns>The encapsulated key, and the ciphertext with its tag.</returns>
    public static (byte[] Key, byte[] Sealed) Seal(
        PublicKey recipient,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> associated,
        ReadOnlySpan<byte> message
    )
    {
        using var ephemeral = PrivateKey.New();
        return Seal(recipient, ephemeral, info, associated, message);
    }

    /// <summary>Seals with a given ephemeral key, for test vectors.</summary>
    internal static (byte[] Key, byte[] Sealed) Seal(
        PublicKey recipient,
        PrivateKey ephemeral,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> associated,
        ReadOnlySpan<byte> message
    )
    {
        var encapsulated = ephemeral.PublicKey.Bytes.ToArray();
        Span<byte> secret = stackalloc byte[HashLength];
        SharedSecret(ephemeral, recipient, encapsulated, recipient, secret);
        Span<byte> key = stackalloc byte[HashLength];
        Span<byte> nonce = stackalloc byte[NonceLength];
        Schedule(secret, info, Aes256Gcm, key, nonce);
        var sealedMessage = new byte[message.Length + TagLength];
        using (var aes = new AesGcm(key, TagLength))
        {
            aes.Encrypt(
                nonce,
                message,
                sealedMessage.AsSpan(0, message.Length),
                sealedMessage.AsSpan(message.Length),
                associated
            );
        }

        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(secret);
        return (encapsulated, sealedMessage);
    }

    /// <summary>Opens a message.</summary>
    /// <exception cref="FormatException">The encapsulated key is none, or the message is too short.</exception>
    /// <exception cref="AuthenticationTagMismatchException">It was sealed for another key, or is not what was sealed.</exception>
    public static byte[] Open(
        PrivateKey recipient,
        ReadOnlySpan<byte> encapsulated,
        ReadOnlySpan<byte> info,
        ReadOnlySpan<byte> associated,
        ReadOnlySpan<byte> sealedMessage
    )
    {
        if (sealedMessage.Length < TagLength)
        {
            throw new FormatException("a sealed message is at least 16 bytes");
        }

        var theirs = PublicKey.Parse(encapsulated);
        Span<byte> secret = stackalloc byte[HashLength];
        SharedSecret(recipient, theirs, encapsulated, recipient.PublicKey, secret);
        Span<byte> key = stackalloc byte[HashLength];
        Span<byte> nonce = stackalloc byte[NonceLength];
        Schedule(secret, info, Aes256Gcm, key, nonce);
        var message = new byte[sealedMessage.Length - TagLength];
        using (var aes = new AesGcm(key, TagLength))
        {
            aes.Decrypt(nonce, sealedMessage[..^TagLength], sealedMessage[^TagLength..], message, associated);
        }

        CryptographicOperations.ZeroMemory(key);
        CryptographicOperations.ZeroMemory(secret);
        return message;
    }

    /// <summary>The secret that an encapsulated key stands for (DHKEM).</summary>
    internal static void SharedSecret(
        PrivateKey mine,
        PublicKey theirs,
        ReadOnlySpan<byte> encapsulated,
        PublicKey recipient,
        Span<byte> secret
    )
    {
        Span<byte> agreed = stackalloc byte[PublicKey.Coordinate];
        mine.Agree(theirs, agreed);
        Span<byte> prk = stackalloc byte[HashLength];
        Extract(KemSuite, [], "eae_prk"u8, agreed, prk);
        Expand(KemSuite, prk, "shared_secret"u8, [.. encapsulated, .. recipient.Bytes], secret);
        CryptographicOperations.ZeroMemory(agreed);
        CryptographicOperations.ZeroMemory(prk);
    }

    /// <summary>Key and nonce of the first message (the key schedule of base mode).</summary>
    /// <param name="secret">The shared secret.</param>
    /// <param name="info">What both sides know.</param>
    /// <param name="aead">The number of the cipher; another than AES-256-GCM for test vectors.</param>
    /// <param name="key">Takes the key; its length is that of the cipher's keys.</param>
    /// <param name="nonce">Takes the nonce.</param>
    internal static void Schedule(
        ReadOnlySpan<byte> secret,
        ReadOnlySpan<byte> info,
        ushort aead,
        Span<byte> key,
        Span<byte> nonce
    )
    {
        byte[] suite = [.. "HPKE"u8, .. Number(Kem), .. Number(Kdf), .. Number(aead)];

        // Mode 0, and the hashes of a pre-shared key's id, which is empty, and of the info.
        Span<byte> context = stackalloc byte[1 + 2 * HashLength];
        context[0] = 0;
        Extract(suite, [], "psk_id_hash"u8, [], context.Slice(1, HashLength));
        Extract(suite, [], "info_hash"u8, info, context[(1 + HashLength)..]);
        Span<byte> prk = stackalloc byte[HashLength];
        Extract(suite, secret, "secret"u8, [], prk);
        Expand(suite, prk, "key"u8, context, key);
        Expand(suite, prk, "base_nonce"u8, context, nonce);
        CryptographicOperations.ZeroMemory(prk);
    }

    private static void Extract(
        byte[] suite,
        ReadOnlySpan<byte> salt,
        ReadOnlySpan<byte> label,
        ReadOnlySpan<byte> input,
        Span<byte> prk
    ) => HKDF.Extract(HashAlgorithmName.SHA256, [.. "HPKE-v1"u8, .. suite, .. label, .. input], salt, prk);

    private static void Expand(
        byte[] suite,
        ReadOnlySpan<byte> prk,
        ReadOnlySpan<byte> label,
        ReadOnlySpan<byte> info,
        Span<byte> output
    ) =>
        HKDF.Expand(
            HashAlgorithmName.SHA256,
            prk,
            output,
            [.. Number((ushort)output.Length), .. "HPKE-v1"u8, .. suite, .. label, .. info]
        );

    private static byte[] Number(ushort value)
    {
        var bytes = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, value);
        return bytes;
    }
}
