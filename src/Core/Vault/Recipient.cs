namespace Holdfast.Core.Vault;

/// <summary>Somebody who can read a vault.</summary>
/// <param name="Name">For people.</param>
/// <param name="PublicKey">What is sealed for.</param>
/// <param name="Created">When it was added.</param>
public sealed record Recipient(string Name, PublicKey PublicKey, DateTimeOffset Created)
{
    /// <summary>The longest name in characters.</summary>
    public const int MaxName = 100;

    /// <summary>The fingerprint of the public key.</summary>
    public KeyId Id { get; } = PublicKey.Fingerprint;

    /// <summary>Whether the vault holds the private key, too, under a passphrase.</summary>
    public bool HasPassphrase => SealedKey != null;

    /// <summary>Whether nothing that begins later is sealed for it.</summary>
    public bool IsRemoved { get; init; }

    internal SealedPrivateKey? SealedKey { get; init; }

    /// <summary>Whether a name can be shown and stored.</summary>
    public static bool IsName(string? name) =>
        name is { Length: > 0 and <= MaxName } && !name.Any(char.IsControl) && name.Trim() == name;
}
