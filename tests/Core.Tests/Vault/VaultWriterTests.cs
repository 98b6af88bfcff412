using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Vault;
using static Holdfast.Core.Tests.Vault.VaultPlace;

namespace Holdfast.Core.Tests.Vault;

/// <summary>What a store says of itself is believed once.</summary>
public class VaultWriterTests
{
    [Fact]
    public async Task Begin_OnATargetThatIsNoVault_GivesNoKey()
    {
        using var place = new VaultPlace();
        Assert.Null(await place.Writer().BeginAsync(place.Store, "app", Token));
        Assert.Empty(await place.NamesAsync());
    }

    [Fact]
    public async Task Begin_OnAVaultThatIsNotEncrypted_GivesNoKey()
    {
        using var place = new VaultPlace();
        await place.CreatePlainAsync();
        Assert.Null(await place.Writer().BeginAsync(place.Store, "app", Token));
        Assert.Null(await place.Writer(new(VaultEncryption.None)).BeginAsync(place.Store, "app", Token));
    }

    [Fact]
    public async Task Begin_WhenAKeyWasAdded_IsRefusedUntilItIsTrusted()
    {
        using var place = new VaultPlace();
        var vault = await place.CreateAsync();
        _ = await place.Writer().BeginAsync(place.Store, "app", Token);
        var before = await place.NamesAsync();
        using var attacker = PrivateKey.New();
        await vault.AddAsync(attacker.PublicKey, null, "attacker", null, place.Clock.GetUtcNow(), Token);
        before.Add($"vault/recipients/{attacker.PublicKey.Fingerprint}");
        await AssertRefusedAsync(place, "attacker");
        Assert.Equal(before.Order(StringComparer.Ordinal), await place.NamesAsync());

        place.Pins.Save(place.Store.Address, VaultPin.Of(await place.FindAsync()));
        Assert.NotNull(await place.Writer().BeginAsync(place.Store, "app", Token));
    }

    [Fact]
    public async Task Begin_WhenAKeyWasRemoved_IsRefusedUntilItIsTrusted()
    {
        using var place = new VaultPlace();
        var vault = await place.CreateAsync();
        using var second = PrivateKey.New();
        await vault.AddAsync(second.PublicKey, null, "second", null, place.Clock.GetUtcNow(), Token);
        _ = await place.Writer().BeginAsync(place.Store, "app", Token);
        vault = await place.FindAsync();
        await vault.RemoveAsync(vault.RecipientOf(place.Key), place.Clock.GetUtcNow(), Token);
        await AssertRefusedAsync(place, place.Key.PublicKey.Fingerprint.ToString());
    }

    [Fact]
    public async Task Begin_WhenARecipientIsGone_IsRefused()
    {
        using var place = new VaultPlace();
        await place.CreateAsync();
        _ = await place.Writer().BeginAsync(place.Store, "app", Token);
        File.Delete(place.PathOf($"vault/recipients/{place.Key.PublicKey.Fingerprint}"));
        await AssertRefusedAsync(place, place.Key.PublicKey.Fingerprint.ToString());
    }

    [Fact]
    public async Task Begin_WhenTheDescriptionIsGone_IsRefused()
    {
        using var place = new VaultPlace();
        await place.CreateAsync();
        _ = await place.Writer().BeginAsync(place.Store, "app", Token);
        File.Delete(place.PathOf("vault/vault.json"));
        await AssertRefusedAsync(place, "is none");
    }

    [Fact]
    public async Task Begin_WhenTheWholeTargetIsGone_IsRefused()
    {
        using var place = new VaultPlace();
        await place.CreateAsync();
        _ = await place.Writer().BeginAsync(place.Store, "app", Token);
        Directory.Delete(place.PathOf(""), recursive: true);
        await AssertRefusedAsync(place, "is none");
    }

    [Fact]
    public async Task Begin_WhenItSaysThatItIsNotEncrypted_IsRefused()
    {
        using var place = new VaultPlace();
        await place.CreateAsync();
        _ = await place.Writer().BeginAsync(place.Store, "app", Token);
        place.Change("vault/vault.json", text => text.Replace("p256-hpke", "none", StringComparison.Ordinal));
        await AssertRefusedAsync(place, "is none");
    }

    [Fact]
    public async Task Begin_WhenItIsAnotherVault_IsRefused()
    {
        using var place = new VaultPlace();
        await place.CreateAsync();
        _ = await place.Writer().BeginAsync(place.Store, "app", Token);
        Directory.Delete(place.PathOf("vault"), recursive: true);
        await TargetVault.CreateAsync(place.Store, KeyId.New(), place.Key, "kit", null, place.Clock.GetUtcNow(), Token);
        await AssertRefusedAsync(place, "another vault");
    }

    [Fact]
    public async Task Begin_WhenAPlainTargetBecameAVault_IsRefused()
    {
        using var place = new VaultPlace();
        Assert.Null(await place.Writer().BeginAsync(place.Store, "app", Token));
        await place.CreateAsync();
        await AssertRefusedAsync(place, "without encryption");
    }

    [Fact]
    public async Task Begin_WhenTheConfigurationNamesTheKeys_NeedsNoTrust()
    {
        using var place = new VaultPlace();
        var vault = await place.CreateAsync();
        var right = new ConfiguredVault(VaultEncryption.P256Hpke, place.Id, [place.Key.PublicKey.Fingerprint]);
        Assert.NotNull(await place.Writer(right).BeginAsync(place.Store, "app", Token));
        using var second = PrivateKey.New();
        await vault.AddAsync(second.PublicKey, null, "second", null, place.Clock.GetUtcNow(), Token);
        await AssertRefusedAsync(place, "second", right);
        var both = right with { Recipients = [place.Key.PublicKey.Fingerprint, second.PublicKey.Fingerprint] };
        Assert.NotNull(await place.Writer(both).BeginAsync(place.Store, "app", Token));
    }

    [Fact]
    public async Task Begin_WhenTheConfigurationSaysOtherwise_IsRefused()
    {
        using var place = new VaultPlace();
        await AssertRefusedAsync(place, "no encrypted vault", new(VaultEncryption.P256Hpke));
        await AssertRefusedAsync(place, "no encrypted vault", new(null, place.Id));
        await place.CreateAsync();
        await AssertRefusedAsync(place, "says none", new(VaultEncryption.None));
        await AssertRefusedAsync(place, "is the vault", new(null, KeyId.New()));
        await AssertRefusedAsync(place, "is sealed for", new(null, place.Id, [KeyId.New()]));
    }

    [Fact]
    public async Task Begin_WithAPinThatCannotBeRead_IsRefused()
    {
        using var place = new VaultPlace();
        await place.CreateAsync();
        _ = await place.Writer().BeginAsync(place.Store, "app", Token);
        var pins = Path.Combine(Path.GetDirectoryName(place.PathOf("").TrimEnd('/'))!, "pins");
        var pin = Assert.Single(Directory.GetFiles(pins));
        await File.WriteAllTextAsync(pin, "{", Token);
        await AssertRefusedAsync(place, pin);
    }

    [Fact]
    public async Task Check_OfATargetThatCannotBeRead_BelievesNothing()
    {
        using var place = new VaultPlace();
        await place.CreateAsync();
        using var store = new Testing.FaultInjectingStore(place.Store);
        store.FailAtRandom(1, 1, _ => { });
        await Assert.ThrowsAsync<StoreException>(() => place.Writer().CheckAsync(store, Token));
        Assert.Null(place.Pins.Find(place.Store.Address));
    }

    private static async Task AssertRefusedAsync(VaultPlace place, string why, ConfiguredVault? configured = null)
    {
        var sessions = await place.NamesAsync("vault/databases/");
        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            place.Writer(configured).BeginAsync(place.Store, "app", Token)
        );
        Assert.Equal(ErrorCode.Refused, error.Code);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.Equal(sessions, await place.NamesAsync("vault/databases/"));
    }
}
