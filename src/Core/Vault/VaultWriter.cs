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
    /// <see cref="ErrorCode.Refused"/>: it is something else. <see cref="ErrorCode.Usage"/>: nobody said that it is to be
    /// written to without encryption. Nothing may be written.
    /// </exception>
    /// <exception cref="StoreException">It cannot be read.</exception>
    public async Task<VaultPin> CheckAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        var seen = await FindAsync(store, cancellationToken);
        pinned?.Require(seen, store.Address);

        // Where the configuration names the keys itself, it, and not this machine, says what is right.
        var known = pinned?.Recipients == null ? pins.Find(store.Address) : null;
        known?.Require(seen, store.Address);
        pinned?.RequireSaid(seen, store.Address);
        if (known != null)
        {
            return known;
        }

        var pin = VaultPin.Of(seen);
        pins.Save(store.Address, pin);
        return pin;
    }

    /// <summary>
    /// Draws the key of a session for a database. Nothing may be sealed under it before the object that wraps it is stored.
    /// </summary>
    /// <param name="pin">What <see cref="CheckAsync"/> found: an encrypted vault.</param>
    /// <param name="database">The database.</param>
    public NewSession Draw(VaultPin pin, string database)
    {
        var vault = pin.Vault ?? throw new ArgumentException("what is not encrypted has no sessions", nameof(pin));
        var session = SessionKey.New();
        var record = new SessionRecord
        {
            Vault = vault,
            Database = database,
            Session = session.Id,
            Created = time.GetUtcNow(),
            Wraps =
            [
                .. pin.Recipients.Select(recipient =>
                {
                    var (key, wrapped) = SessionWraps.Wrap(session, vault, database, recipient);
                    return new RecipientWrap(recipient.Fingerprint, key, wrapped);
                }),
            ],
        };
        return new NewSession(
            session,
            VaultNames.Session(database, session.Id),
            VaultRecords.ToContent(record, VaultJson.Default.SessionRecord)
        );
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

/// <summary>A session that begins.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Name">The object that holds it, wrapped for every recipient.</param>
/// <param name="Wrapped">What that object holds; the same at every attempt.</param>
public sealed record NewSession(SessionKey Key, ObjectKey Name, ObjectContent Wrapped);

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
    /// <summary>
    /// Whether a target that is no vault must be said not to be encrypted, here or by itself, before it is written to.
    /// </summary>
    public bool PlainIsSaid { get; init; }

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
                "if the target is right, change encryption, vault or recipients of it in the configuration to what holdfast key list shows; nothing was written"
            );
        }
    }

    /// <summary>Sees that somebody said so when a target is no vault.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Usage"/>: nobody did.</exception>
    internal void RequireSaid(TargetVault? seen, string address)
    {
        if (PlainIsSaid && seen == null && Encryption == null)
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                $"{address} is no vault: a timeline would be stored there without encryption, and nobody said so; nothing was written",
                $"make an encrypted vault of it: holdfast init --to {address}; or say encryption: none at the target in the configuration"
            );
        }
    }
}
