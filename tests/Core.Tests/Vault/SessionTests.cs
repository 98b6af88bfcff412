using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Vault;
using Holdfast.Stores.Directories;
using static Holdfast.Core.Tests.Vault.VaultPlace;

namespace Holdfast.Core.Tests.Vault;

public class SessionTests
{
    [Fact]
    public async Task Find_OfASession_GivesItsKey()
    {
        using var place = new VaultPlace();
        var vault = await place.CreateAsync();
        var first = await place.Writer().BeginAsync(place.Store, "app", Token);
        var second = await place.Writer().BeginAsync(place.Store, "app", Token);
        Assert.NotEqual(first!.Id, second!.Id);
        var ring = vault.RingOf("app", place.Key);
        AssertSame(first, await ring.FindAsync(first.Id, Token));
        AssertSame(second, await ring.FindAsync(second.Id, Token));
        Assert.Equal(["app"], await vault.DatabasesAsync(Token));
    }

    [Fact]
    public void NextSalt_NeverGivesOneTwice()
    {
        var session = SessionKey.New();
        var salts = new HashSet<ulong>();
        for (var i = 0; i < 10_000; i++)
        {
            Assert.True(salts.Add(session.NextSalt()));
        }
    }

    [Fact]
    public async Task Find_WithAnotherKey_NamesThoseThatFit()
    {
        using var place = new VaultPlace();
        var vault = await place.CreateAsync();
        var session = await place.Writer().BeginAsync(place.Store, "app", Token);
        using var other = PrivateKey.New();
        var error = await Assert.ThrowsAsync<HoldfastException>(async () =>
            await vault.RingOf("app", other).FindAsync(session!.Id, Token)
        );
        Assert.Equal(ErrorCode.WrongKey, error.Code);
        Assert.Contains($"kit ({place.Key.PublicKey.Fingerprint})", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<HoldfastException>(() => vault.RecipientOf(other));
        Assert.Equal(ErrorCode.WrongKey, error.Code);
    }

    [Fact]
    public async Task Find_OfASessionUnderAnotherName_IsDamage()
    {
        using var place = new VaultPlace();
        var vault = await place.CreateAsync();
        var session = await place.Writer().BeginAsync(place.Store, "app", Token);
        var other = await place.Writer().BeginAsync(place.Store, "other", Token);
        var name = $"vault/databases/app/s-{session!.Id}";
        var bytes = await File.ReadAllBytesAsync(place.PathOf($"vault/databases/other/s-{other!.Id}"), Token);
        await File.WriteAllBytesAsync(place.PathOf(name), bytes, Token);
        var ring = vault.RingOf("app", place.Key);
        var error = await Assert.ThrowsAsync<StoreException>(async () => await ring.FindAsync(session.Id, Token));
        Assert.Equal(StoreFault.Damaged, error.Fault);

        // And when the fields are made to fit, the wrap does not.
        var text = System.Text.Encoding.UTF8.GetString(bytes);
        text = text.Replace(other.Id.ToString(), session.Id.ToString(), StringComparison.Ordinal)
            .Replace("\"other\"", "\"app\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(place.PathOf(name), text, Token);
        error = await Assert.ThrowsAsync<StoreException>(async () => await ring.FindAsync(session.Id, Token));
        Assert.Equal(StoreFault.Damaged, error.Fault);
    }

    [Fact]
    public async Task WrapLater_LetsANewRecipientReadWhatWasThere()
    {
        using var place = new VaultPlace();
        var vault = await place.CreateAsync();
        var before = await place.Writer().BeginAsync(place.Store, "app", Token);
        using var second = PrivateKey.New();
        var recipient = await vault.AddAsync(second.PublicKey, null, "second", null, place.Clock.GetUtcNow(), Token);
        vault = await place.FindAsync();
        await Assert.ThrowsAsync<HoldfastException>(async () =>
            await vault.RingOf("app", second).FindAsync(before!.Id, Token)
        );
        Assert.Equal((1, 0), await vault.WrapLaterAsync("app", place.Key, recipient, place.Clock.GetUtcNow(), Token));
        AssertSame(before!, await vault.RingOf("app", second).FindAsync(before!.Id, Token));

        // What begins now is for both.
        place.Pins.Save(place.Store.Address, VaultPin.Of(vault));
        var after = await place.Writer().BeginAsync(place.Store, "app", Token);
        AssertSame(after!, await vault.RingOf("app", second).FindAsync(after!.Id, Token));
        AssertSame(after, await vault.RingOf("app", place.Key).FindAsync(after.Id, Token));
    }

    [Fact]
    public async Task Shred_OfADatabase_LeavesTheOthers()
    {
        using var place = new VaultPlace();
        var vault = await place.CreateAsync();
        var gone = await place.Writer().BeginAsync(place.Store, "app", Token);
        _ = await place.Writer().BeginAsync(place.Store, "app", Token);
        var stays = await place.Writer().BeginAsync(place.Store, "app-2", Token);
        Assert.Equal(2, await vault.ShredAsync("app", Token));
        var error = await Assert.ThrowsAsync<StoreException>(async () =>
            await vault.RingOf("app", place.Key).FindAsync(gone!.Id, Token)
        );
        Assert.Equal(StoreFault.NotFound, error.Fault);
        _ = await vault.RingOf("app-2", place.Key).FindAsync(stays!.Id, Token);
    }

    [Fact]
    public async Task SealedObject_IsReadUnderItsNameOnly()
    {
        var session = SessionKey.New();
        var keys = new Timeline.Format.KnownKeys(session);
        var name = new ObjectKey("timeline/app/x/point");
        var bytes = new byte[100];
        await using (var content = SealedObject.Seal(session, name, "because"u8).OpenRead())
        {
            var length = await content.ReadAsync(bytes, Token);
            bytes = bytes[..length];
        }

        Assert.Equal("because"u8.ToArray(), await SealedObject.OpenAsync(keys, name, bytes, "it", Token));
        await AssertDamagedAsync(new ObjectKey("timeline/app/y/point"), bytes);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var changed = bytes.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            await AssertDamagedAsync(name, changed);
        }

        for (var length = 0; length < bytes.Length; length++)
        {
            await AssertDamagedAsync(name, bytes[..length]);
        }

        async Task AssertDamagedAsync(ObjectKey key, byte[] stored) =>
            await Assert.ThrowsAnyAsync<HoldfastException>(async () =>
                await SealedObject.OpenAsync(keys, key, stored, "it", Token)
            );
    }

    [Fact]
    public async Task Find_InAGoldenVault_GivesTheKeyThatWasSealed()
    {
        var path = Path.Combine(Testing.Repository.Root, "tests/Core.Tests/golden/vault/target");
        using var store = new DirectoryStore(path, createRoot: false);
        var vault = (await TargetVault.FindAsync(store, Token))!;
        using var key = vault.Unlock("seven oars of oak");
        Assert.Equal("recovery kit", vault.RecipientOf(key).Name);
        AssertSame(
            Timeline.Format.Segments.Session,
            await vault.RingOf("app", key).FindAsync(Timeline.Format.Segments.Session.Id, Token)
        );
    }

    private static void AssertSame(SessionKey expected, SessionKey found) =>
        Assert.True(expected.Id == found.Id && expected.Bytes.SequenceEqual(found.Bytes));
}
