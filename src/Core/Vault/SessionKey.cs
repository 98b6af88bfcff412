using System.Security.Cryptography;

namespace Holdfast.Core.Vault;

/// <summary>A key under which an agent seals what it stores of one database from its start on. Thread-safe.</summary>
public sealed class SessionKey
{
    /// <summary>The length in bytes.</summary>
    public const int Length = 32;

    private readonly byte[] key;
    private ulong salt;

    /// <summary>Takes a key.</summary>
    /// <param name="id">What it is found by.</param>
    /// <param name="key">The 32 bytes, which are the secret; they are copied.</param>
    internal SessionKey(KeyId id, ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, Length);
        Id = id;
        this.key = key.ToArray();
        Span<byte> first = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(first);
        salt = BitConverter.ToUInt64(first);
    }

    /// <summary>What it is found by.</summary>
    public KeyId Id { get; }

    /// <summary>A salt that no other segment of the session has: what is sealed under one key is never sealed twice.</summary>
    public ulong NextSalt() => Interlocked.Increment(ref salt);

    /// <summary>The secret.</summary>
    internal ReadOnlySpan<byte> Bytes => key;

    /// <summary>A new one, at random.</summary>
    public static SessionKey New()
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
