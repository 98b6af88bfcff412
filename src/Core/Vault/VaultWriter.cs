using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Vault;

/// <summary>
/// Sees before anything is written to a target that it is what it was, and draws the key for it. Thread-safe.
/// </summary>
/// <param name="pins">What this machine remembers.</param>
/// <param name="pinned">What the configuration says of the target; null when it says nothing.</param>
/// <param name="time">The time.</param>
public sealed class VaultWriter(VaultPins pins, ConfiguredVault? pinned, TimeProvider time)
{
    /// <summary>
    /// Compares the target with what is remembered of it; the first time it is believed, unless the configuration says
    /// otherwise, and remembered.
    /// </summary>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Refused"/>: it is something else. Nothing may be written.
    /// </exception>
    /// <exception cref="StoreException">It cannot be read.</exception>
    public async Task<VaultPin> CheckAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        var seen = await FindAsync(store, cancellationToken);
        pinned?.Require(seen, store.Address);
        if (pins.Find(store.Address) is { } known)
        {
            // The configuration names its keys itself; then it, and not this machine, says what is right.
            if (pinned?.Recipients == null)
            {
                known.Require(seen, store.Address);
                return known;
            }
        }

        var pin = VaultPin.Of(seen);
        pins.Save(store.Address, pin);
        return pin;
    }

    /// <summary>Checks the target and begins a session for a database: its key is stored, wrapped, when this returns.</summary>
    /// <returns>The key; null when the target is not encrypted.</returns>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Refused"/>: the target is not what it was. Nothing may be written.
    /// </exception>
    /// <exception cref="StoreException">It cannot be read or written.</exception>
    public async Task<SessionKey?> BeginAsync(IObjectStore store, string database, CancellationToken cancellationToken)
    {
        var pin = await CheckAsync(store, cancellationToken);
        return pin.IsEncrypted ? await DrawAsync(store, pin, database, cancellationToken) : null;
    }

    private async Task<SessionKey> DrawAsync(
        IObjectStore store,
        VaultPin pin,
        string database,
        CancellationToken cancellationToken
    )
    {
        var session = SessionKey.New();
        var record = new SessionRecord
        {
            Vault = pin.Vault!.Value,
            Database = database,
            Session = session.Id,
            Created = time.GetUtcNow(),
            Wraps =
            [
                .. pin.Recipients.Select(recipient =>
                {
                    var (key, wrapped) = SessionWraps.Wrap(session, pin.Vault.Value, database, recipient);
                    return new RecipientWrap(recipient.Fingerprint, key, wrapped);
                }),
            ],
        };
        _ = await store.PutAsync(
            VaultNames.Session(database, session.Id),
            VaultRecords.ToContent(record, VaultJson.Default.SessionRecord),
            PutCondition.IfAbsent,
            cancellationToken
        );
        return session;
    }

    // A directory that does not exist yet is no vault; one that was a vault is told by its pin.
    private static async Task<TargetVault?> FindAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        try
        {
            return await TargetVault.FindAsync(store, cancellationToken);
        }
        catch (StoreException error) when (error.Fault == StoreFault.TargetNotFound)
        {
            return null;
        }
    }
}

/// <summary>What a configuration says of a target.</summary>
/// <param name="Encryption">Whether it must be encrypted; null when it does not say.</param>
/// <param name="Vault">The vault that it must be; null when it does not say.</param>
/// <param name="Recipients">The fingerprints of its keys, all of them; null when it does not say.</param>
public sealed record ConfiguredVault(
    VaultEncryption? Encryption,
    KeyId? Vault = null,
    IReadOnlyCollection<KeyId>? Recipients = null
)
{
    /// <summary>Compares it with what a target says.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Refused"/>: it says something else.</exception>
    internal void Require(TargetVault? seen, string address)
    {
        var isEncrypted = seen is { Encryption: VaultEncryption.P256Hpke };
        var why =
            isEncrypted && Encryption == VaultEncryption.None ? "is an encrypted vault, and the configuration says none"
            : !isEncrypted && (Encryption == VaultEncryption.P256Hpke || Vault != null || Recipients != null)
                ? "is no encrypted vault, and the configuration says that it is"
            : Vault != null && seen!.Id != Vault ? $"is the vault {seen.Id}, and the configuration says {Vault}"
            : Recipients != null && !seen!.Recipients.Select(one => one.Id).ToHashSet().SetEquals(Recipients)
                ? $"is sealed for {TargetVault.Names(seen.Recipients)}, and the configuration names {string.Join(", ", Recipients)}"
            : null;
        if (why != null)
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"{address} {why}",
                "if the target is right, change the configuration: holdfast key list shows what it says; nothing was written"
            );
        }
    }
}
