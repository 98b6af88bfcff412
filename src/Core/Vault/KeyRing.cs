using System.Collections.Concurrent;
using Holdfast.Core.Errors;

namespace Holdfast.Core.Vault;

/// <summary>Opens the sessions of one database with a private key; reads each once. Thread-safe.</summary>
public sealed class KeyRing : ISessionKeys
{
    private readonly TargetVault vault;
    private readonly string database;
    private readonly PrivateKey key;
    private readonly KeyId recipient;
    private readonly ConcurrentDictionary<KeyId, SessionKey> found = [];
    private Dictionary<KeyId, SessionWrap>? later;

    internal KeyRing(TargetVault vault, string database, PrivateKey key)
    {
        this.vault = vault;
        this.database = database;
        this.key = key;
        recipient = key.PublicKey.Fingerprint;
    }

    /// <inheritdoc/>
    public async ValueTask<SessionKey> FindAsync(KeyId session, CancellationToken cancellationToken) =>
        found.TryGetValue(session, out var known)
            ? known
            : found.GetOrAdd(session, await OpenAsync(session, cancellationToken));

    /// <summary>The sessions that there are.</summary>
    internal async Task<IReadOnlyList<KeyId>> SessionsAsync(CancellationToken cancellationToken)
    {
        var sessions = new List<KeyId>();
        var prefix = VaultNames.Database(database);
        await foreach (var info in vault.Store.ListAsync(prefix, startAfter: null, cancellationToken))
        {
            if (VaultNames.TryParseSession(info.Key, out var of, out var session) && of == database)
            {
                sessions.Add(session);
            }
        }

        return sessions;
    }

    private async Task<SessionKey> OpenAsync(KeyId session, CancellationToken cancellationToken)
    {
        var name = VaultNames.Session(database, session);
        var where = $"{name} at {vault.Store.Address}";
        var record = await VaultRecords.ReadAsync(
            vault.Store,
            name,
            VaultRecords.MaxSessionBytes,
            VaultJson.Default.SessionRecord,
            cancellationToken
        );
        if (record.Vault != vault.Id || record.Database != database || record.Session != session)
        {
            throw VaultRecords.Damaged(where, "it is another session than its name says");
        }

        if (record.Wraps.FirstOrDefault(wrap => wrap.Recipient == recipient) is { } mine)
        {
            return SessionWraps.Unwrap(key, vault.Id, session, database, mine.Key, mine.Sealed, where);
        }

        later ??= await ReadLaterAsync(cancellationToken);
        return later.TryGetValue(session, out var wrap)
            ? SessionWraps.Unwrap(key, vault.Id, session, database, wrap.Key, wrap.Sealed, where)
            : throw new HoldfastException(
                ErrorCode.WrongKey,
                $"what was stored of {database} from {record.Created:u} on is sealed for {Names(record)}, and not for the key {recipient}",
                "give one of those keys: --key-file FILE; or wrap it for this one with it: holdfast key add"
            );
    }

    private string Names(SessionRecord record) =>
        string.Join(
            ", ",
            record.Wraps.Select(wrap =>
                vault.AllRecipients.FirstOrDefault(other => other.Id == wrap.Recipient) is { } known
                    ? $"{known.Name} ({known.Id})"
                    : wrap.Recipient.ToString()
            )
        );

    private async Task<Dictionary<KeyId, SessionWrap>> ReadLaterAsync(CancellationToken cancellationToken)
    {
        var wraps = new Dictionary<KeyId, SessionWrap>();
        var prefix = VaultNames.Later(database, recipient);
        await foreach (var info in vault.Store.ListAsync(prefix, startAfter: null, cancellationToken))
        {
            var record = await VaultRecords.ReadAsync(
                vault.Store,
                info.Key,
                VaultRecords.MaxLaterBytes,
                VaultJson.Default.LaterWrapsRecord,
                cancellationToken
            );
            foreach (var wrap in record.Wraps)
            {
                _ = wraps.TryAdd(wrap.Session, wrap);
            }
        }

        return wraps;
    }
}
