using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Vault;

/// <summary>A small object, sealed under a session and bound to its name. Keep in sync with docs/vault.md.</summary>
internal static class SealedObject
{
    /// <summary>What stands in a name in the place of what is sealed.</summary>
    public const string Slug = "sealed";

    private const ushort Version = 1;
    private const int HeaderLength = 48;
    private const int SaltOffset = 32;
    private const int TagLength = 16;

    private static ReadOnlySpan<byte> Magic => "HFOBJECT"u8;

    public static ObjectContent Seal(SessionKey session, ObjectKey name, ReadOnlySpan<byte> content)
    {
        var bytes = new byte[HeaderLength + content.Length + TagLength];
        var header = bytes.AsSpan(0, HeaderLength);
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], Version);
        session.Id.CopyTo(header[16..]);
        RandomNumberGenerator.Fill(header[SaltOffset..]);
        using var cipher = CipherOf(session, header);
        cipher.Encrypt(
            stackalloc byte[12],
            content,
            bytes.AsSpan(HeaderLength, content.Length),
            bytes.AsSpan(^TagLength..),
            Associated(header, name)
        );
        return ObjectContent.FromBytes(bytes);
    }

    /// <summary>Opens one.</summary>
    /// <exception cref="StoreException">It is not sealed, or not what was sealed under that name.</exception>
    public static async ValueTask<byte[]> OpenAsync(
        ISessionKeys keys,
        ObjectKey name,
        byte[] bytes,
        string where,
        CancellationToken cancellationToken
    )
    {
        if (bytes.Length < HeaderLength + TagLength || !bytes.AsSpan().StartsWith(Magic))
        {
            throw VaultRecords.Damaged(where, "it is not sealed, and the vault holds only what is");
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8)) != Version)
        {
            throw new Errors.HoldfastException(
                Errors.ErrorCode.Failure,
                $"{where} is of a version that this holdfast does not know",
                "use a newer holdfast"
            );
        }

        var session = await keys.FindAsync(new KeyId(bytes.AsSpan(16)), cancellationToken);
        try
        {
            var header = bytes.AsSpan(0, HeaderLength);
            var content = new byte[bytes.Length - HeaderLength - TagLength];
            using var cipher = CipherOf(session, header);
            cipher.Decrypt(
                stackalloc byte[12],
                bytes.AsSpan(HeaderLength, content.Length),
                bytes.AsSpan(^TagLength..),
                content,
                Associated(header, name)
            );
            return content;
        }
        catch (AuthenticationTagMismatchException error)
        {
            throw VaultRecords.Damaged(where, "it is not what was sealed under this name", error);
        }
    }

    private static AesGcm CipherOf(SessionKey session, ReadOnlySpan<byte> header)
    {
        Span<byte> key = stackalloc byte[32];
        session.Derive(header[SaltOffset..], "holdfast/1 object"u8, key);
        var cipher = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    private static byte[] Associated(ReadOnlySpan<byte> header, ObjectKey name) =>
        [.. header, .. Encoding.UTF8.GetBytes(name.Value)];
}
