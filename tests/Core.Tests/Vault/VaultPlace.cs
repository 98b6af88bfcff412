using Holdfast.Core.Stores;
using Holdfast.Core.Vault;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Vault;

/// <summary>A target that is, or becomes, a vault, and a machine that writes to it.</summary>
internal sealed class VaultPlace : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    public VaultPlace()
    {
        Store = new DirectoryStore(scratch["vault"], createRoot: true);
        Pins = new VaultPins(scratch["pins"]);
    }

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public DirectoryStore Store { get; }

    public VaultPins Pins { get; }

    public ManualClock Clock { get; } = new();

    public KeyId Id { get; } = KeyId.New();

    /// <summary>The key of the first recipient.</summary>
    public PrivateKey Key { get; } = PrivateKey.New();

    public VaultWriter Writer(ConfiguredVault? configured = null) => new(Pins, configured, Clock);

    public Task<TargetVault> CreateAsync(string? passphrase = null) =>
        TargetVault.CreateAsync(Store, Id, Key, "kit", passphrase, Clock.GetUtcNow(), Token);

    public Task<TargetVault> CreatePlainAsync() =>
        TargetVault.CreateAsync(Store, Id, key: null, "none", passphrase: null, Clock.GetUtcNow(), Token);

    public async Task<TargetVault> FindAsync() => (await TargetVault.FindAsync(Store, Token))!;

    public string PathOf(string name) => Path.Combine(scratch["vault"], name);

    /// <summary>Changes the text of an object.</summary>
    public void Change(string name, Func<string, string> change)
    {
        var text = File.ReadAllText(PathOf(name));
        var changed = change(text);
        Assert.NotEqual(text, changed);
        File.WriteAllText(PathOf(name), changed);
    }

    public async Task<List<string>> NamesAsync(string prefix = "")
    {
        var names = new List<string>();
        if (!Directory.Exists(PathOf("")))
        {
            return names;
        }

        await foreach (var info in Store.ListAsync(prefix, startAfter: null, Token))
        {
            names.Add(info.Key.Value);
        }

        return names;
    }

    public void Dispose()
    {
        Key.Dispose();
        Store.Dispose();
        scratch.Dispose();
    }
}

internal static class Sessions
{
    /// <summary>Begins a session as an agent does; null when the target is not encrypted.</summary>
    public static async Task<SessionKey?> BeginAsync(
        this VaultWriter writer,
        IObjectStore store,
        string database,
        CancellationToken token
    )
    {
        var pin = await writer.CheckAsync(store, token);
        if (!pin.IsEncrypted)
        {
            return null;
        }

        var drawn = writer.Draw(pin, database);
        _ = await store.PutAsync(drawn.Name, drawn.Wrapped, PutCondition.IfAbsent, token);
        return drawn.Key;
    }
}
