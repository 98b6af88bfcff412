using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Vault;

/// <summary>How a vault is encrypted.</summary>
public enum VaultEncryption
{
    /// <summary>Not at all, because somebody said so.</summary>
    None,

    /// <summary>For P-256 keys, see docs/vault.md.</summary>
    P256Hpke,
}

/// <summary>What a target says of itself: that it is a vault, and for whom it is sealed. Immutable.</summary>
public sealed class TargetVault
{
    private const string P256Hpke = "p256-hpke";
    private const string Plain = "none";
    private const int MostRecipients = 64;

    private TargetVault(IObjectStore store, KeyId id, VaultEncryption encryption, IReadOnlyList<Recipient> all)
    {
        Store = store;
        Id = id;
        Encryption = encryption;
        AllRecipients = all;
    }

    /// <summary>Where it is.</summary>
    public IObjectStore Store { get; }

    /// <summary>Its name, at random.</summary>
    public KeyId Id { get; }

    /// <summary>Whether what is written is sealed.</summary>
    public VaultEncryption Encryption { get; }

    /// <summary>Everybody that it was ever sealed for, the oldest first.</summary>
    public IReadOnlyList<Recipient> AllRecipients { get; }

    /// <summary>Those that it is sealed for now.</summary>
    public IEnumerable<Recipient> Recipients => AllRecipients.Where(recipient => !recipient.IsRemoved);

    /// <summary>Reads the description of a target; null when it has none.</summary>
    /// <exception cref="StoreException">
    /// It cannot be read; <see cref="StoreFault.TargetNotFound"/> when there is no such directory or bucket.
    /// </exception>
    public static async Task<TargetVault?> FindAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        VaultDescription description;
        try
        {
            description = await VaultRecords.ReadAsync(
                store,
                VaultNames.Description,
                VaultRecords.MaxBytes,
                VaultJson.Default.VaultDescription,
                cancellationToken
            );
        }
        catch (StoreException error) when (error.Fault == StoreFault.NotFound)
        {
            return null;
        }

        var encryption = description.Encryption switch
        {
            P256Hpke => VaultEncryption.P256Hpke,
            Plain => VaultEncryption.None,
            var other => throw new HoldfastException(
                ErrorCode.Failure,
                $"the vault {store.Address} is encrypted by {Shown(other)}, which this holdfast does not know",
                "use a newer holdfast"
            ),
        };
        return new TargetVault(
            store,
            description.Vault,
            encryption,
            await RecipientsAsync(store, description.Vault, cancellationToken)
        );
    }

    /// <summary>Makes a vault of a target that is none.</summary>
    /// <param name="store">The target.</param>
    /// <param name="id">The vault's name, as the kit holds it.</param>
    /// <param name="key">The key of the first recipient; null for a vault without encryption.</param>
    /// <param name="name">The name of the first recipient.</param>
    /// <param name="passphrase">Under which the vault keeps the key; null when it does not.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Refused"/>: it is one already, or holds timelines that are not encrypted.
    /// </exception>
    public static async Task<TargetVault> CreateAsync(
        IObjectStore store,
        KeyId id,
        PrivateKey? key,
        string name,
        string? passphrase,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        if (key != null)
        {
            await RequireNoTimelinesAsync(store, cancellationToken);
            _ = await AddAsync(store, id, key.PublicKey, key, name, passphrase, now, cancellationToken);
        }

        var description = new VaultDescription
        {
            Vault = id,
            Encryption = key == null ? Plain : P256Hpke,
            Created = now,
        };
        try
        {
            _ = await store.PutAsync(
                VaultNames.Description,
                VaultRecords.ToContent(description, VaultJson.Default.VaultDescription),
                PutCondition.IfAbsent,
                cancellationToken
            );
        }
        catch (StoreException error) when (error.Fault == StoreFault.AlreadyExists)
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"{store.Address} is a vault already and was left as it is",
                "holdfast key list shows for whom it is sealed; holdfast key add adds a key",
                error
            );
        }

        return (await FindAsync(store, cancellationToken))!;
    }

    /// <summary>Adds a recipient; what is sealed from the next session on is for it, too.</summary>
    /// <param name="publicKey">Its key.</param>
    /// <param name="privateKey">The private key, to be kept under the passphrase; null for none.</param>
    /// <param name="name">Its name.</param>
    /// <param name="passphrase">The passphrase; null for none.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Refused"/>: it is a recipient, or was one.
    /// </exception>
    public async Task<Recipient> AddAsync(
        PublicKey publicKey,
        PrivateKey? privateKey,
        string name,
        string? passphrase,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        RequireEncryption();
        if (Recipients.Count() >= MostRecipients)
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"a vault has at most {MostRecipients} recipients",
                "holdfast key remove ID"
            );
        }

        return await AddAsync(Store, Id, publicKey, privateKey, name, passphrase, now, cancellationToken);
    }

    /// <summary>Removes a recipient: sessions that begin later are not wrapped for it.</summary>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Refused"/>: it is the last one.
    /// </exception>
    public async Task RemoveAsync(Recipient recipient, DateTimeOffset now, CancellationToken cancellationToken)
    {
        RequireEncryption();
        if (!Recipients.Any(other => other.Id != recipient.Id))
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"{recipient.Name} is the only key of the vault {Store.Address}: nobody could read what is stored from now on",
                "add another one first: holdfast key add"
            );
        }

        var removal = new RemovalRecord
        {
            Vault = Id,
            Recipient = recipient.Id,
            Removed = now,
        };
        try
        {
            _ = await Store.PutAsync(
                VaultNames.Removal(recipient.Id),
                VaultRecords.ToContent(removal, VaultJson.Default.RemovalRecord),
                PutCondition.IfAbsent,
                cancellationToken
            );
        }
        catch (StoreException error) when (error.Fault == StoreFault.AlreadyExists)
        {
            // Somebody did the same at the same time.
        }
    }

    /// <summary>The private keys that the vault keeps under a passphrase.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.WrongKey"/>: it fits none.</exception>
    public PrivateKey Unlock(string passphrase)
    {
        foreach (var recipient in AllRecipients)
        {
            if (
                recipient.SealedKey is { } stored
                && PassphraseLock.Open(stored, Id, recipient.Id, passphrase) is { } key
            )
            {
                return key;
            }
        }

        throw AllRecipients.Any(recipient => recipient.HasPassphrase)
            ? new HoldfastException(
                ErrorCode.WrongKey,
                $"the passphrase fits no key of the vault {Store.Address}",
                "try again, or give the recovery kit: --key-file FILE"
            )
            : new HoldfastException(
                ErrorCode.WrongKey,
                $"the vault {Store.Address} keeps no key under a passphrase",
                "give the recovery kit: --key-file FILE"
            );
    }

    /// <summary>The recipient whose private key this is; it may have been removed.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.WrongKey"/>: there is none.</exception>
    public Recipient RecipientOf(PrivateKey key)
    {
        var id = key.PublicKey.Fingerprint;
        return AllRecipients.FirstOrDefault(recipient => recipient.Id == id)
            ?? throw new HoldfastException(
                ErrorCode.WrongKey,
                $"the key {id} is none of the vault {Store.Address}: it is sealed for {Names(AllRecipients)}",
                "give the recovery kit of this vault: --key-file FILE"
            );
    }

    /// <summary>Opens what was sealed of a database.</summary>
    /// <param name="database">The database.</param>
    /// <param name="key">A private key; it must live as long as the ring is used.</param>
    public KeyRing RingOf(string database, PrivateKey key) => new(this, database, key);

    /// <summary>Deletes every wrap of the sessions of a database: what was sealed of it can never be read again.</summary>
    /// <returns>How many sessions there were.</returns>
    public async Task<int> ShredAsync(string database, CancellationToken cancellationToken)
    {
        RequireEncryption();
        var keys = new List<ObjectKey>();
        await foreach (var info in Store.ListAsync(VaultNames.Database(database), startAfter: null, cancellationToken))
        {
            keys.Add(info.Key);
        }

        foreach (var key in keys)
        {
            await Store.DeleteAsync(key, cancellationToken);
        }

        return keys.Count(key => VaultNames.TryParseSession(key, out var of, out _) && of == database);
    }

    /// <summary>The databases that have sessions, in order.</summary>
    public async Task<IReadOnlyList<string>> DatabasesAsync(CancellationToken cancellationToken)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (var info in Store.ListAsync(VaultNames.Databases, startAfter: null, cancellationToken))
        {
            if (VaultNames.TryParseSession(info.Key, out var database, out _))
            {
                _ = names.Add(database);
            }
        }

        return [.. names];
    }

    /// <summary>Wraps the sessions of a database for a recipient that was added after they began.</summary>
    /// <param name="database">The database.</param>
    /// <param name="key">A private key that can read them.</param>
    /// <param name="recipient">Who shall read them.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>How many were wrapped, and how many the key could not open.</returns>
    public async Task<(int Wrapped, int Closed)> WrapLaterAsync(
        string database,
        PrivateKey key,
        Recipient recipient,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        RequireEncryption();
        var ring = RingOf(database, key);
        var wraps = new List<SessionWrap>();
        var closed = 0;
        foreach (var session in await ring.SessionsAsync(cancellationToken))
        {
            try
            {
                var found = await ring.FindAsync(session, cancellationToken);
                var (encapsulated, wrapped) = SessionWraps.Wrap(found, Id, database, recipient.PublicKey);
                wraps.Add(new SessionWrap(session, encapsulated, wrapped));
            }
            catch (HoldfastException error) when (error.Code == ErrorCode.WrongKey)
            {
                closed++;
            }
        }

        if (wraps.Count > 0)
        {
            var record = new LaterWrapsRecord
            {
                Vault = Id,
                Database = database,
                Recipient = recipient.Id,
                Created = now,
                Wraps = wraps,
            };
            _ = await Store.PutAsync(
                VaultNames.Later(database, recipient.Id, now),
                VaultRecords.ToContent(record, VaultJson.Default.LaterWrapsRecord),
                PutCondition.IfAbsent,
                cancellationToken
            );
        }

        return (wraps.Count, closed);
    }

    internal static string Names(IEnumerable<Recipient> recipients) =>
        string.Join(", ", recipients.Select(recipient => $"{recipient.Name} ({recipient.Id})"));

    private static string Shown(string text) =>
        text.Length <= 40 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') ? text : "something";

    private void RequireEncryption()
    {
        if (Encryption == VaultEncryption.None)
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"the vault {Store.Address} is not encrypted: it was made so",
                "make an encrypted one at another place: holdfast init --to TARGET"
            );
        }
    }

    /// <summary>Sees that there is no timeline yet: what is plain would be damage in an encrypted vault.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Refused"/>: there is one.</exception>
    public static async Task RequireNoTimelinesAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var info in store.ListAsync("timeline/", startAfter: null, cancellationToken))
            {
                throw new HoldfastException(
                    ErrorCode.Refused,
                    $"{store.Address} holds a timeline that is not encrypted ({info.Key}), and was left as it is",
                    "take a target of its own for the vault: holdfast init --to TARGET; or say --encryption none"
                );
            }
        }
        catch (StoreException error) when (error.Fault == StoreFault.TargetNotFound)
        {
            // It is made by the first write.
        }
    }

    private static async Task<Recipient> AddAsync(
        IObjectStore store,
        KeyId vault,
        PublicKey publicKey,
        PrivateKey? privateKey,
        string name,
        string? passphrase,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var record = new RecipientRecord
        {
            Vault = vault,
            Recipient = publicKey.Fingerprint,
            Name = name,
            PublicKey = publicKey.Bytes.ToArray(),
            Created = now,
            PrivateKey = passphrase == null ? null : PassphraseLock.Seal(privateKey!, vault, passphrase),
        };
        try
        {
            _ = await store.PutAsync(
                VaultNames.Recipient(record.Recipient),
                VaultRecords.ToContent(record, VaultJson.Default.RecipientRecord),
                PutCondition.IfAbsent,
                cancellationToken
            );
        }
        catch (StoreException error) when (error.Fault == StoreFault.AlreadyExists)
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"the key {record.Recipient} is, or was, one of the vault {store.Address}",
                "holdfast key list; a key that was removed does not come back: make a new one",
                error
            );
        }

        return new Recipient(name, publicKey, now) { SealedKey = record.PrivateKey };
    }

    private static async Task<IReadOnlyList<Recipient>> RecipientsAsync(
        IObjectStore store,
        KeyId vault,
        CancellationToken cancellationToken
    )
    {
        var removed = await ListAsync(store, VaultNames.Removed, cancellationToken);
        var recipients = new List<Recipient>();
        foreach (var id in await ListAsync(store, VaultNames.Recipients, cancellationToken))
        {
            var key = VaultNames.Recipient(id);
            var record = await VaultRecords.ReadAsync(
                store,
                key,
                VaultRecords.MaxBytes,
                VaultJson.Default.RecipientRecord,
                cancellationToken
            );
            if (record.Vault == vault)
            {
                var recipient = RecipientOf(record, id, $"{key} at {store.Address}");
                recipients.Add(recipient with { IsRemoved = removed.Contains(id) });
            }
        }

        return [.. recipients.OrderBy(recipient => recipient.Created).ThenBy(recipient => recipient.Id.ToString())];
    }

    private static async Task<List<KeyId>> ListAsync(
        IObjectStore store,
        string prefix,
        CancellationToken cancellationToken
    )
    {
        var ids = new List<KeyId>();
        await foreach (var info in store.ListAsync(prefix, startAfter: null, cancellationToken))
        {
            if (KeyId.TryParse(info.Key.Value[prefix.Length..], out var id))
            {
                ids.Add(id);
            }
        }

        return ids;
    }

    private static Recipient RecipientOf(RecipientRecord record, KeyId name, string where)
    {
        PublicKey publicKey;
        try
        {
            publicKey = PublicKey.Parse(record.PublicKey);
        }
        catch (FormatException error)
        {
            throw VaultRecords.Damaged(where, error.Message, error);
        }

        var why =
            publicKey.Fingerprint != name || record.Recipient != name ? "it holds another key than its name says"
            : !Recipient.IsName(record.Name) ? "its name cannot be shown"
            : record.PrivateKey is { } locked ? PassphraseLock.Check(locked)
            : null;
        return why == null
            ? new Recipient(record.Name, publicKey, record.Created) { SealedKey = record.PrivateKey }
            : throw VaultRecords.Damaged(where, why);
    }
}
