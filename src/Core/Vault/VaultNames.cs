using Holdfast.Core.Stores;

namespace Holdfast.Core.Vault;

/// <summary>The names of the objects of a vault. Keep in sync with docs/vault.md.</summary>
internal static class VaultNames
{
    public const string Recipients = "vault/recipients/";
    public const string Removed = "vault/removed/";
    public const string Databases = "vault/databases/";
    private const string SessionMark = "s-";
    private const string LaterMark = "w-";

    public static ObjectKey Description { get; } = new("vault/vault.json");

    public static ObjectKey Recipient(KeyId recipient) => new($"{Recipients}{recipient}");

    public static ObjectKey Removal(KeyId recipient) => new($"{Removed}{recipient}");

    /// <summary>What everything begins with that is needed to read a database.</summary>
    public static string Database(string database) => $"{Databases}{database}/";

    public static ObjectKey Session(string database, KeyId session) =>
        new($"{Database(database)}{SessionMark}{session}");

    /// <summary>What the names of later wraps for a recipient begin with.</summary>
    public static string Later(string database, KeyId recipient) => $"{Database(database)}{LaterMark}{recipient}-";

    public static ObjectKey Later(string database, KeyId recipient, DateTimeOffset time) =>
        new($"{Later(database, recipient)}{time.ToUnixTimeMilliseconds():x12}");

    /// <summary>Reads the name of a session; false for any other.</summary>
    public static bool TryParseSession(ObjectKey key, out string database, out KeyId session)
    {
        (database, session) = ("", default);
        if (!key.Value.StartsWith(Databases, StringComparison.Ordinal))
        {
            return false;
        }

        var rest = key.Value[Databases.Length..];
        var end = rest.LastIndexOf('/');
        if (end <= 0 || !rest[(end + 1)..].StartsWith(SessionMark, StringComparison.Ordinal))
        {
            return false;
        }

        database = rest[..end];
        return KeyId.TryParse(rest[(end + 1 + SessionMark.Length)..], out session);
    }
}
