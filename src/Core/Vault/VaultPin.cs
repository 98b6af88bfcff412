using Holdfast.Core.Errors;

namespace Holdfast.Core.Vault;

/// <summary>What a machine remembers of a target: what the store says later must equal it. Immutable.</summary>
public sealed record VaultPin
{
    private VaultPin(KeyId? vault, IReadOnlyList<PublicKey> recipients)
    {
        Vault = vault;
        Recipients = recipients;
    }

    /// <summary>A target that is written to without encryption.</summary>
    public static VaultPin Plain { get; } = new(vault: null, []);

    /// <summary>The vault; null when what is written is not sealed.</summary>
    public KeyId? Vault { get; }

    /// <summary>For whom it is sealed; empty when it is not.</summary>
    public IReadOnlyList<PublicKey> Recipients { get; }

    /// <summary>Whether what is written is sealed.</summary>
    public bool IsEncrypted => Vault != null;

    /// <summary>What a target says now.</summary>
    /// <exception cref="HoldfastException">It is encrypted, and for nobody.</exception>
    public static VaultPin Of(TargetVault? vault)
    {
        if (vault is not { Encryption: VaultEncryption.P256Hpke })
        {
            return Plain;
        }

        PublicKey[] recipients = [.. vault.Recipients.Select(recipient => recipient.PublicKey)];
        return recipients.Length > 0
            ? new VaultPin(vault.Id, recipients)
            : throw new HoldfastException(
                ErrorCode.Refused,
                $"the vault {vault.Store.Address} is encrypted, and has no key",
                "holdfast key add"
            );
    }

    /// <summary>Compares what a target says with what was remembered.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Refused"/>: it is something else.</exception>
    public void Require(TargetVault? seen, string address)
    {
        var now = seen is { Encryption: VaultEncryption.P256Hpke } ? seen : null;
        if (Vault == null)
        {
            if (now != null)
            {
                throw Changed(
                    $"{address} was written to without encryption, and says now that it is encrypted",
                    "if you made it so, take a target of its own for the vault; nothing was written"
                );
            }

            return;
        }

        RequireVault(now, address);
        var known = Recipients.Select(key => key.Fingerprint).ToHashSet();
        var added = now!.Recipients.Where(recipient => !known.Contains(recipient.Id)).ToList();
        if (added.Count > 0)
        {
            throw Changed(
                $"the vault {address} has a key that this machine does not know: {TargetVault.Names(added)}",
                "if you added it: holdfast key trust; if you did not, somebody wants to read along; nothing was written"
            );
        }

        var missing = known.Except(now.Recipients.Select(recipient => recipient.Id)).ToList();
        if (missing.Count > 0)
        {
            throw Changed(
                $"the vault {address} lacks a key that this machine knows: {string.Join(", ", missing)}",
                "if you removed it: holdfast key trust; if you did not, somebody wants to lock you out; nothing was written"
            );
        }
    }

    /// <summary>Sees that a target is still the encrypted vault that was remembered, for whomever it is sealed.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Refused"/>: it is something else.</exception>
    public void RequireVault(TargetVault? seen, string address)
    {
        var now = seen is { Encryption: VaultEncryption.P256Hpke } ? seen : null;
        if (now == null)
        {
            throw Changed(
                $"{address} was an encrypted vault, and says now that it is none",
                "its description is gone or was changed: look at who can write there; if it is right: holdfast key trust"
            );
        }

        if (now.Id != Vault)
        {
            throw Changed(
                $"{address} is another vault than before: {now.Id}, where {Vault} was",
                "if you made it anew: holdfast key trust"
            );
        }
    }

    internal static VaultPin Of(KeyId? vault, IEnumerable<byte[]> recipients) =>
        new(vault, [.. recipients.Select(key => PublicKey.Parse(key))]);

    private static HoldfastException Changed(string message, string hint) => new(ErrorCode.Refused, message, hint);
}
