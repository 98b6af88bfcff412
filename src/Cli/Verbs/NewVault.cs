using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Vault;

namespace Holdfast.Cli.Verbs;

/// <summary>What is wanted of a new vault.</summary>
/// <param name="IsEncrypted">Whether it is to be encrypted.</param>
/// <param name="Kit">Where the recovery kit is written; null to print it.</param>
/// <param name="PassphraseFile">The file of the passphrase under which the vault keeps the key; null for none.</param>
internal sealed record VaultWish(bool IsEncrypted, string? Kit, string? PassphraseFile);

/// <summary>A vault that was made, or found.</summary>
/// <param name="IsEncrypted">Whether it is encrypted.</param>
/// <param name="Id">Its id; null when it is not encrypted.</param>
/// <param name="Recipients">The ids of its keys; null when it is not encrypted.</param>
/// <param name="Key">The id of the key that was made; null when none was.</param>
/// <param name="Kit">The file with the recovery kit; null for none.</param>
internal sealed record NewVault(
    bool IsEncrypted,
    string? Id,
    IReadOnlyList<string>? Recipients,
    string? Key,
    string? Kit
)
{
    private const string KeyName = "recovery kit";

    /// <summary>Makes a vault of a target; one that is there is taken as it is.</summary>
    public static async Task<NewVault> MakeAsync(
        Session session,
        string address,
        VaultWish wish,
        IReadOnlyList<string> databases,
        CancellationToken token
    )
    {
        using var store = TargetStores.Open(address, create: true);
        if (await session.Keys.FindAsync(store, token) is { } there)
        {
            return Take(session, there, wish);
        }

        return wish.IsEncrypted
            ? await MakeAsync(session, store, wish, databases, token)
            : await MakePlainAsync(session, store, token);
    }

    private static NewVault Plain => new(IsEncrypted: false, Id: null, Recipients: null, Key: null, Kit: null);

    private static NewVault Of(TargetVault vault, string? key, string? kit) =>
        new(IsEncrypted: true, vault.Id.ToString(), [.. vault.Recipients.Select(one => one.Id.ToString())], key, kit);

    private static NewVault Take(Session session, TargetVault vault, VaultWish wish)
    {
        if ((vault.Encryption == VaultEncryption.P256Hpke) != wish.IsEncrypted)
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                wish.IsEncrypted
                    ? $"{vault.Store.Address} is a vault that is not encrypted, and stays one"
                    : $"{vault.Store.Address} is an encrypted vault, and stays one",
                wish.IsEncrypted ? "say --encryption none, or take another target" : "leave --encryption away"
            );
        }

        session.Keys.Pins.Save(vault.Store.Address, VaultPin.Of(vault));
        session.Output.Note($"{vault.Store.Address} is a vault already; its keys: holdfast key list");
        return wish.IsEncrypted ? Of(vault, key: null, kit: null) : Plain;
    }

    private static async Task<NewVault> MakePlainAsync(Session session, IObjectStore store, CancellationToken token)
    {
        var now = session.Time.GetUtcNow();
        _ = await TargetVault.CreateAsync(store, KeyId.New(), key: null, KeyName, passphrase: null, now, token);
        session.Keys.Pins.Save(store.Address, VaultPin.Plain);
        session.Output.Note($"what is stored at {store.Address} is not encrypted, as you said");
        return Plain;
    }

    private static async Task<NewVault> MakeAsync(
        Session session,
        IObjectStore store,
        VaultWish wish,
        IReadOnlyList<string> databases,
        CancellationToken token
    )
    {
        KitPage.Require(session, wish.Kit);
        var passphrase = wish.PassphraseFile is { } file ? SecretFile.ReadPassphrase(file) : null;
        await TargetVault.RequireNoTimelinesAsync(store, token);
        using var key = PrivateKey.New();
        var id = KeyId.New();

        // The page first: a vault whose key nobody has is worse than a page for a vault that was not made.
        var names = databases.Select(path => Path.GetFileNameWithoutExtension(path)!).ToList();
        KitPage.Give(session, wish.Kit, key, id, store.Address, KeyName, names);
        var vault = await TargetVault.CreateAsync(store, id, key, KeyName, passphrase, session.Time.GetUtcNow(), token);
        session.Keys.Pins.Save(store.Address, VaultPin.Of(vault));
        session.Output.Note(
            wish.Kit == null
                ? $"made the encrypted vault {store.Address}; print the page above, and keep it away from this machine"
                : $"made the encrypted vault {store.Address}; print {wish.Kit}, keep it elsewhere, and delete it here"
        );
        return Of(vault, key.PublicKey.Fingerprint.ToString(), wish.Kit);
    }
}
