using System.Text;
using Holdfast.Cli.CommandLine;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Vault;

namespace Holdfast.Cli.Setup;

/// <summary>
/// Where a command takes private keys from: files, the environment, a terminal; and what this machine knows of vaults. A
/// key is asked for when it is needed first. Thread-safe.
/// </summary>
internal sealed class KeySource(Session session) : IDisposable
{
    private readonly Dictionary<KeyId, PrivateKey> keys = [];
    private readonly SemaphoreSlim gate = new(1);
    private PrivateKey? alone;

    public VaultPins Pins { get; } = new(WorkDirectories.Vaults);

    /// <summary>
    /// Sees before anything is captured that targets are what they were; who writes sees it again, as one may be away now.
    /// </summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Refused"/>: one is something else.</exception>
    public async Task CheckAsync(IEnumerable<TargetSetup> targets, CancellationToken token)
    {
        foreach (var target in targets.DistinctBy(target => target.Store.Address))
        {
            try
            {
                var pin = await new VaultWriter(Pins, target.Vault, session.Time).CheckAsync(target.Store, token);
                if (!pin.IsEncrypted && target.Vault?.Encryption != VaultEncryption.None)
                {
                    session.Output.Note(
                        $"what is stored at {target.Store.Address} is not encrypted; an encrypted vault is made by: holdfast init --to TARGET"
                    );
                }
            }
            catch (StoreException error) when (error.Code is ErrorCode.TargetUnreachable or ErrorCode.TargetNotFound)
            {
                session.Output.Detail($"{target.Name} cannot be asked now: {error.Message}");
            }
        }
    }

    /// <summary>For whom copies are encrypted that go to targets: the keys of their vaults.</summary>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Refused"/>: one is no encrypted vault, or is another thing than it was.
    /// </exception>
    public async Task<IReadOnlyCollection<PublicKey>> RecipientsAsync(
        IEnumerable<TargetSetup> targets,
        CancellationToken token
    )
    {
        var recipients = new HashSet<PublicKey>();
        foreach (var target in targets)
        {
            var pin = await new VaultWriter(Pins, target.Vault, session.Time).CheckAsync(target.Store, token);
            if (!pin.IsEncrypted)
            {
                throw new HoldfastException(
                    ErrorCode.Refused,
                    $"copies are to be encrypted, and {target.Store.Address} is no encrypted vault: there is no key for them",
                    $"holdfast init --to {target.Store.Address}"
                );
            }

            recipients.UnionWith(pin.Recipients);
        }

        return recipients;
    }

    /// <summary>The private key for what is encrypted at a store; what is complete in itself needs no vault there.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.WrongKey"/>: there is none, or another one.</exception>
    public async Task<PrivateKey> KeyForAsync(IObjectStore store, CancellationToken token)
    {
        if (await FindAsync(store, token) is { Encryption: VaultEncryption.P256Hpke } vault)
        {
            return await KeyAsync(vault, token);
        }

        await gate.WaitAsync(token);
        try
        {
            return alone ??= Typed() is var (text, where)
                ? RecoveryKit.ReadKey(text, where)
                : throw new HoldfastException(
                    ErrorCode.WrongKey,
                    $"a copy at {store.Address} is encrypted, and no key was given",
                    "give the recovery kit: --key-file FILE, or HOLDFAST_KEY_FILE"
                );
        }
        finally
        {
            _ = gate.Release();
        }
    }

    /// <summary>The vault at a store; null when there is none.</summary>
    /// <exception cref="HoldfastException">It was an encrypted one, and is another thing now.</exception>
    public async Task<TargetVault?> FindAsync(IObjectStore store, CancellationToken token)
    {
        TargetVault? vault;
        try
        {
            vault = await TargetVault.FindAsync(store, token);
        }
        catch (StoreException error) when (error.Fault == StoreFault.TargetNotFound)
        {
            return null;
        }

        // Who reads is not harmed by a key more or less; by what somebody else has put there, he is.
        if (Pins.Find(store.Address) is { IsEncrypted: true } known)
        {
            known.RequireVault(vault, store.Address);
        }

        return vault;
    }

    /// <summary>The vault at a store.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.TargetNotFound"/>: there is none.</exception>
    public async Task<TargetVault> RequireAsync(IObjectStore store, CancellationToken token) =>
        await FindAsync(store, token)
        ?? throw new HoldfastException(
            ErrorCode.TargetNotFound,
            $"{store.Address} is no vault",
            $"holdfast init --to {store.Address}"
        );

    /// <summary>Opens what is sealed of a database; null when the target is not encrypted.</summary>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.WrongKey"/>: a key file was given, and the timeline at the target is not encrypted.
    /// </exception>
    public async Task<ISessionKeys?> RingAsync(IObjectStore store, string database, CancellationToken token)
    {
        var vault = await FindAsync(store, token);
        if (vault is { Encryption: VaultEncryption.P256Hpke })
        {
            return new Ring(this, vault, database);
        }

        // Encrypted copies are complete in themselves, and need no vault.
        return session.Parsed.GetValue(KeyOptions.KeyFile) == null || !await HoldsTimelineAsync(store, database, token)
            ? null
            : throw new HoldfastException(
                ErrorCode.WrongKey,
                $"{store.Address} is no encrypted vault, and a key was given for it",
                "look whether it is the right target; without --key-file what is not encrypted is read"
            );
    }

    /// <summary>The private key for a vault.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.WrongKey"/>: there is none, or another one.</exception>
    public async Task<PrivateKey> KeyAsync(TargetVault vault, CancellationToken token)
    {
        await gate.WaitAsync(token);
        try
        {
            if (keys.TryGetValue(vault.Id, out var known))
            {
                return known;
            }

            var key =
                Given(vault)
                ?? throw new HoldfastException(
                    ErrorCode.WrongKey,
                    $"the vault {vault.Store.Address} is encrypted, and no key was given",
                    "give the recovery kit: --key-file FILE, or HOLDFAST_KEY_FILE"
                );
            _ = vault.RecipientOf(key);
            keys.Add(vault.Id, key);
            return key;
        }
        finally
        {
            _ = gate.Release();
        }
    }

    /// <summary>Whether a key is given, so that nobody needs to be asked.</summary>
    public bool IsGiven =>
        session.Parsed.GetValue(KeyOptions.KeyFile) != null
        || Variable("HOLDFAST_KEY") != null
        || Variable("HOLDFAST_KEY_FILE") != null;

    public void Dispose()
    {
        gate.Dispose();
        alone?.Dispose();
        foreach (var key in keys.Values)
        {
            key.Dispose();
        }
    }

    private static async Task<bool> HoldsTimelineAsync(IObjectStore store, string database, CancellationToken token)
    {
        try
        {
            await using var objects = store
                .ListAsync(TimelineNames.Prefix(database), startAfter: null, token)
                .GetAsyncEnumerator(token);
            return await objects.MoveNextAsync();
        }
        catch (StoreException error) when (error.Fault == StoreFault.TargetNotFound)
        {
            return false;
        }
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    private PrivateKey? Given(TargetVault vault)
    {
        if (
            session.Parsed.GetValue(KeyOptions.KeyFile) == null
            && session.Parsed.GetValue(KeyOptions.PassphraseFile) is { } passphrase
        )
        {
            return vault.Unlock(SecretFile.ReadPassphrase(passphrase));
        }

        return Typed() is var (text, where) ? Read(text, where, vault)
            : Variable("HOLDFAST_PASSPHRASE_FILE") is { } locked ? vault.Unlock(SecretFile.ReadPassphrase(locked))
            : Ask(vault) is { } typed ? vault.Unlock(typed)
            : null;
    }

    /// <summary>A key that is given as it is, and where.</summary>
    private (string Text, string Where)? Typed() =>
        session.Parsed.GetValue(KeyOptions.KeyFile) is { } file ? (SecretFile.Read(file), file)
        : Variable("HOLDFAST_KEY") is { } text ? (text, "HOLDFAST_KEY")
        : Variable("HOLDFAST_KEY_FILE") is { } path ? (SecretFile.Read(path), path)
        : null;

    private static PrivateKey Read(string text, string where, TargetVault vault)
    {
        if (RecoveryKit.ReadVault(text) is { } named && named != vault.Id)
        {
            throw new HoldfastException(
                ErrorCode.WrongKey,
                $"the recovery kit {where} is of the vault {named}; at {vault.Store.Address} is {vault.Id}",
                "look whether target and kit belong together"
            );
        }

        return RecoveryKit.ReadKey(text, where);
    }

    private string? Ask(TargetVault vault)
    {
        if (
            session.Output.IsJson
            || Console.IsInputRedirected
            || Console.IsErrorRedirected
            || !vault.AllRecipients.Any(recipient => recipient.HasPassphrase)
        )
        {
            return null;
        }

        Console.Error.Write($"passphrase of the vault {vault.Store.Address}: ");
        var typed = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                _ = typed.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return typed.Length > 0 ? typed.ToString() : null;
    }

    // Names are told without a key; the first segment asks for it.
    private sealed class Ring(KeySource source, TargetVault vault, string database) : ISessionKeys
    {
        private volatile KeyRing? ring;

        public async ValueTask<SessionKey> FindAsync(KeyId session, CancellationToken cancellationToken)
        {
            ring ??= vault.RingOf(database, await source.KeyAsync(vault, cancellationToken));
            return await ring.FindAsync(session, cancellationToken);
        }
    }
}
