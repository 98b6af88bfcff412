using System.Security.Cryptography;
using System.Text;

namespace Holdfast.Core.Vault;

/// <summary>Session keys for recipients. Keep in sync with docs/vault.md.</summary>
internal static class SessionWraps
{
    public static (byte[] Key, byte[] Sealed) Wrap(
        SessionKey session,
        KeyId vault,
        string database,
        PublicKey recipient
    ) => Hpke.Seal(recipient, InfoOf(vault, session.Id, database), [], session.Bytes);

    /// <summary>Opens a wrap.</summary>
    /// <exception cref="Stores.StoreException">It is not what was wrapped for this key.</exception>
    public static SessionKey Unwrap(
        PrivateKey key,
        KeyId vault,
        KeyId session,
        string database,
        byte[] encapsulated,
        byte[] wrapped,
        string where
    )
    {
        byte[]? opened = null;
        try
        {
            opened = Hpke.Open(key, encapsulated, InfoOf(vault, session, database), [], wrapped);
            return opened.Length == SessionKey.Length
                ? new SessionKey(session, opened)
                : throw new FormatException("a session key is 32 bytes");
        }
        catch (Exception error) when (error is FormatException or AuthenticationTagMismatchException)
        {
            throw VaultRecords.Damaged(where, "what it says to be wrapped for this key was not", error);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(opened);
        }
    }

    private static byte[] InfoOf(KeyId vault, KeyId session, string database)
    {
        ReadOnlySpan<byte> label = "holdfast/1 session"u8;
        Span<byte> ids = stackalloc byte[2 * KeyId.Length];
        vault.CopyTo(ids);
        session.CopyTo(ids[KeyId.Length..]);
        return [.. label, .. ids, .. Encoding.UTF8.GetBytes(database)];
    }
}
