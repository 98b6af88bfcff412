using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Vault;
using static Holdfast.Core.Tests.Vault.VaultPlace;

namespace Holdfast.Core.Tests.Vault;

public class TargetVaultTests
{
    [Fact]
    public async Task Find_OfATargetWithoutADescription_IsNull()
    {
        using var place = new VaultPlace();
        await place.Store.PutAsync(
            new ObjectKey("app-20260314.db"),
            ObjectContent.FromBytes(new byte[3]),
            PutCondition.IfAbsent,
            Token
        );
        Assert.Null(await TargetVault.FindAsync(place.Store, Token));
    }

    [Fact]
    public async Task Create_MakesAVault_OnlyOnce()
    {
        using var place = new VaultPlace();
        var made = await place.CreateAsync();
        Assert.Equal((place.Id, VaultEncryption.P256Hpke), (made.Id, made.Encryption));
        Assert.Equal(place.Key.PublicKey, Assert.Single(made.Recipients).PublicKey);
        Assert.False(Assert.Single(made.Recipients).HasPassphrase);
        using var other = PrivateKey.New();
        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            TargetVault.CreateAsync(place.Store, KeyId.New(), other, "x", null, place.Clock.GetUtcNow(), Token)
        );
        Assert.Equal(ErrorCode.Refused, error.Code);

        // What the second one left behind is of another vault.
        Assert.Equal(place.Key.PublicKey, Assert.Single((await place.FindAsync()).AllRecipients).PublicKey);
    }

    [Fact]
    public async Task Create_WhereAPlainTimelineIs_IsRefused()
    {
        using var place = new VaultPlace();
        var key = new ObjectKey("timeline/app/x");
        await place.Store.PutAsync(key, ObjectContent.FromBytes(new byte[3]), PutCondition.IfAbsent, Token);
        var error = await Assert.ThrowsAsync<HoldfastException>(() => place.CreateAsync());
        Assert.Equal(ErrorCode.Refused, error.Code);
        Assert.Equal(["timeline/app/x"], await place.NamesAsync());
        Assert.Equal(VaultEncryption.None, (await place.CreatePlainAsync()).Encryption);
    }

    [Fact]
    public async Task Unlock_WithThePassphrase_GivesTheKey()
    {
        using var place = new VaultPlace();
        var vault = await place.CreateAsync("Grünes Boot, 7 Ruder");
        using var key = vault.Unlock("Grünes Boot, 7 Ruder");
        Assert.Equal(place.Key.PublicKey, key.PublicKey);
        var error = Assert.Throws<HoldfastException>(() => vault.Unlock("grünes Boot, 7 Ruder"));
        Assert.Equal(ErrorCode.WrongKey, error.Code);
        Assert.DoesNotContain("Boot", error.Message + error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unlock_WhereNoKeyIsKept_SaysWhatToDo()
    {
        using var place = new VaultPlace();
        var vault = await place.CreateAsync();
        var error = Assert.Throws<HoldfastException>(() => vault.Unlock("x"));
        Assert.Equal(ErrorCode.WrongKey, error.Code);
        Assert.Contains("--key-file", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_OfARecipient_LeavesTheOthers()
    {
        using var place = new VaultPlace();
        var vault = await place.CreateAsync();
        var first = vault.Recipients.Single();
        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            vault.RemoveAsync(first, place.Clock.GetUtcNow(), Token)
        );
        Assert.Equal(ErrorCode.Refused, error.Code);
        using var second = PrivateKey.New();
        await vault.AddAsync(second.PublicKey, null, "second", null, place.Clock.GetUtcNow(), Token);
        vault = await place.FindAsync();
        Assert.Equal(2, vault.Recipients.Count());
        await vault.RemoveAsync(first, place.Clock.GetUtcNow(), Token);
        vault = await place.FindAsync();
        Assert.Equal("second", vault.Recipients.Single().Name);
        Assert.Equal(2, vault.AllRecipients.Count);
        Assert.Equal("kit", vault.RecipientOf(place.Key).Name);
        await Assert.ThrowsAsync<HoldfastException>(() =>
            vault.AddAsync(place.Key.PublicKey, null, "again", null, place.Clock.GetUtcNow(), Token)
        );
    }

    [Fact]
    public async Task Find_OfARecipientWhoseKeyWasExchanged_IsDamage()
    {
        using var place = new VaultPlace();
        await place.CreateAsync();
        using var attacker = PrivateKey.New();
        var name = Assert.Single(await place.NamesAsync("vault/recipients/"));
        place.Change(
            name,
            text =>
                text.Replace(
                    Convert.ToBase64String(place.Key.PublicKey.Bytes),
                    Convert.ToBase64String(attacker.PublicKey.Bytes),
                    StringComparison.Ordinal
                )
        );
        var error = await Assert.ThrowsAsync<StoreException>(place.FindAsync);
        Assert.Equal(StoreFault.Damaged, error.Fault);
        Assert.Contains("another key", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"holdfast\": 1", "\"holdfast\": 2", ErrorCode.Failure)]
    [InlineData("p256-hpke", "x25519", ErrorCode.Failure)]
    [InlineData("p256-hpke", "\\u001b[31m", ErrorCode.Failure)]
    [InlineData("\"encryption\"", "\"encoding\"", ErrorCode.VerificationFailed)]
    [InlineData("{", "", ErrorCode.VerificationFailed)]
    public async Task Find_OfADescriptionThatIsNone_IsATypedError(string old, string text, ErrorCode code)
    {
        using var place = new VaultPlace();
        await place.CreateAsync();
        place.Change("vault/vault.json", json => json.Replace(old, text, StringComparison.Ordinal));
        var error = await Assert.ThrowsAnyAsync<HoldfastException>(place.FindAsync);
        Assert.Equal(code, error.Code);
        Assert.DoesNotContain(error.Message, char.IsControl);
    }

    [Theory]
    [InlineData("600000", "99999")]
    [InlineData("600000", "10000001")]
    [InlineData("pbkdf2-hmac-sha256", "md5")]
    [InlineData("\"name\": \"kit\"", "\"name\": \"k\\u0007it\"")]
    public async Task Find_OfARecipientThatCannotBe_IsATypedError(string old, string text)
    {
        using var place = new VaultPlace();
        await place.CreateAsync("a passphrase");
        var name = Assert.Single(await place.NamesAsync("vault/recipients/"));
        place.Change(name, json => json.Replace(old, text, StringComparison.Ordinal));
        Assert.Equal(StoreFault.Damaged, (await Assert.ThrowsAsync<StoreException>(place.FindAsync)).Fault);
    }
}
