using System.Security.Cryptography;

namespace Holdfast.Core.Vault;

/// <summary>A key under which an agent seals what it stores of one database from its start on. Immutable.</summary>
public sealed class SessionKey
{
    /// <summary>The length in bytes.</summary>
    public const int Length = 32;

    private readonly byte[] key;

    /// <summary>Takes a key.</summary>
    /// <param name="id">What it is found by.</param>
    /// <param name="key">The 32 bytes, which are the secret; they are copied.</param>
    internal SessionKey(KeyId id, ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Length);
        Id = id;
        this.key = key.ToArray();
    }

    /// <summary>What it is found by.</summary>
    public KeyId Id { get; }

    /// <summary>The secret.</summary>
    internal ReadOnlySpan<byte> Bytes => key;

    /// <summary>A new one, at random.</summary>
    internal static SessionKey New()
    {
        Span<byte> key = stackalloc byte[Length];
        RandomNumberGenerator.Fill(key);
        var session = new SessionKey(KeyId.New(), key);
        CryptographicOperations.ZeroMemory(key);
        return session;
    }

    /// <summary>A key for one purpose, by HKDF-SHA256.</summary>
    internal void Derive(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> info, Span<byte> derived) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, derived, salt, info);
}
