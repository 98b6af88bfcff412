using Holdfast.Cli.Tests.Driving;

namespace Holdfast.Cli.Tests;

/// <summary>Encrypted vaults through the command: made, written, lost and found.</summary>
public sealed class VaultStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_lost_the_machine_and_get_the_database_back_with_the_target_and_the_printed_page()
    {
        place.Bank();
        var init = (await place.RunAsync("init", "app.db", "--to", "./vault")).Ends(0);
        await SyncAsync(paid: 1);
        await SyncAsync(paid: 2);
        Assert.Equal(2, Directory.GetFiles(place["vault/vault/databases/app"]).Length);

        using var fresh = new Place();
        Directory.Move(place["vault"], fresh["vault"]);

        // What somebody types who has only paper.
        var typed = string.Concat(KeyOf(init.Output).Chunk(7).Select(c => new string(c) + " ")).ToLowerInvariant();
        await File.WriteAllTextAsync(fresh["typed.txt"], typed);
        string[] restore = ["restore", "app", "--from", "./vault", "--key-file", "typed.txt", "--output", "app.db"];
        (await fresh.RunAsync(restore)).Ends(0);
        Bank.AssertWhole(fresh["app.db"]);
        Assert.Equal(2, Bank.LastPaid(fresh["app.db"]));
        (await fresh.RunAsync("log", "app", "--from", "./vault", "--key-file", "typed.txt")).Ends(0).Says("COMMIT");
        (await fresh.RunAsync("list", "app", "--from", "./vault", "--key-file", "typed.txt")).Ends(0);
    }

    [Fact]
    public async Task Without_the_right_key_nothing_is_restored()
    {
        place.Bank();
        await InitAsync();
        await SyncAsync(paid: 1);
        string[] restore = ["restore", "app", "--from", "./vault", "--output", "r.db"];
        (await place.RunAsync(restore)).Ends(12).Tells("--key-file", "HOLDFAST_KEY_FILE");
        var error = (await place.RunAsync([.. restore, "--json"])).Ends(12).JsonOf("error")[0];
        Assert.Equal(12, (int)error["code"]!);

        // The kit of another vault; its key alone; a key with a letter wrong; a file that is none.
        (
            await place.RunAsync("init", "app.db", "--to", "./other", "--kit", "other.txt", "--config", "other.yaml")
        ).Ends(0);
        (await place.RunAsync([.. restore, "--key-file", "other.txt"])).Ends(12).Tells("is of the vault");
        var key = KeyOf(await File.ReadAllTextAsync(place["other.txt"]));
        await File.WriteAllTextAsync(place["alone.txt"], key);
        (await place.RunAsync([.. restore, "--key-file", "alone.txt"])).Ends(12).Tells("is none of the vault");
        await File.WriteAllTextAsync(place["wrong.txt"], (key[0] == '0' ? "1" : "0") + key[1..]);
        (await place.RunAsync([.. restore, "--key-file", "wrong.txt"])).Ends(12).Tells("mistyped");
        (await place.RunAsync([.. restore, "--key-file", "app.db"])).Ends(12);
        (await place.RunAsync([.. restore, "--key-file", "missing.txt"])).Ends(12).Tells("missing.txt");
        Assert.False(File.Exists(place["r.db"]));
    }

    [Fact]
    public async Task I_can_give_the_key_by_the_environment_or_keep_it_under_a_passphrase()
    {
        place.Bank();
        await File.WriteAllTextAsync(place["pass.txt"], "seven oars of oak\n");
        await InitAsync("--passphrase-file", "pass.txt");
        await SyncAsync(paid: 1);
        string[] restore = ["restore", "app", "--from", "./vault", "--force", "--output", "r.db"];
        (await place.RunAsync([.. restore, "--passphrase-file", "pass.txt"])).Ends(0);
        await File.WriteAllTextAsync(place["bad.txt"], "seven oars of ash\n");
        (await place.RunAsync([.. restore, "--passphrase-file", "bad.txt"])).Ends(12).Tells("fits no key");
        place.Variables["HOLDFAST_KEY_FILE"] = place["kit.txt"];
        (await place.RunAsync(restore)).Ends(0);
        place.Variables["HOLDFAST_KEY_FILE"] = "";
        place.Variables["HOLDFAST_KEY"] = KeyOf(await File.ReadAllTextAsync(place["kit.txt"]));
        (await place.RunAsync(restore)).Ends(0);
        Assert.Equal(1, Bank.LastPaid(place["r.db"]));
    }

    [Fact]
    public async Task A_key_that_somebody_adds_is_not_written_for_until_I_trust_it()
    {
        place.Bank();
        await InitAsync();
        await SyncAsync(paid: 1);
        var before = Directory.GetFiles(place["vault"], "*", SearchOption.AllDirectories).Length;

        // Another machine, which can write to the target.
        using var other = new Place();
        string[] add = ["key", "add", "--to", place["vault"], "--kit", "theirs.txt", "--name", "theirs"];
        (await other.RunAsync(add)).Ends(0);
        Bank.Pay(place["app.db"], 2);
        (await place.RunAsync("sync", "app.db", "--to", "./vault", "--timeout", "20s")).Ends(16).Tells("theirs");
        (await place.RunAsync("run", "app.db", "--to", "./vault")).Ends(16).Tells("theirs", "holdfast key trust");
        Assert.Equal(before + 1, Directory.GetFiles(place["vault"], "*", SearchOption.AllDirectories).Length);

        (await place.RunAsync("key", "trust", "--to", "./vault")).Ends(0).Says("theirs");
        await SyncAsync(paid: 3);

        // Theirs reads what began since, and not what was there.
        string[] restore = ["restore", "app", "--from", place["vault"], "--key-file", "theirs.txt", "--output", "r.db"];
        (await other.RunAsync(restore)).Ends(12).Tells("is sealed for");
    }

    [Fact]
    public async Task A_key_that_I_add_with_mine_reads_what_is_there_already()
    {
        place.Bank();
        await InitAsync();
        await SyncAsync(paid: 1);
        string[] add = ["key", "add", "--to", "./vault", "--kit", "laptop.txt", "--name", "laptop"];
        (await place.RunAsync([.. add, "--key-file", "kit.txt"])).Ends(0);
        string[] restore = ["restore", "app", "--from", "./vault", "--output", "r.db", "--force"];
        (await place.RunAsync([.. restore, "--key-file", "laptop.txt"])).Ends(0);
        (await place.RunAsync("key", "list", "--from", "./vault")).Ends(0).Says("laptop", "recovery kit");
        (await place.RunAsync("key", "remove", "laptop", "--to", "./vault")).Ends(0).Tells("still reads");
        (await place.RunAsync("key", "list", "--from", "./vault")).Ends(0).Says("(removed)");
        await SyncAsync(paid: 2);
        (await place.RunAsync([.. restore, "--key-file", "laptop.txt"])).Ends(12);
        (await place.RunAsync([.. restore, "--key-file", "kit.txt"])).Ends(0);
        Assert.Equal(2, Bank.LastPaid(place["r.db"]));
        (await place.RunAsync("key", "remove", "recovery kit", "--to", "./vault")).Ends(16).Tells("only key");
    }

    [Fact]
    public async Task What_was_shredded_cannot_be_read_by_anybody()
    {
        place.Bank();
        await InitAsync();
        await SyncAsync(paid: 1);
        (await place.RunAsync("key", "shred", "app", "--to", "./vault")).Ends(16).Tells("--yes");
        (await place.RunAsync("key", "shred", "apps", "--to", "./vault", "--yes")).Ends(15).Tells("app");
        (await place.RunAsync("key", "shred", "app", "--to", "./vault", "--yes")).Ends(0).Tells("what remains");
        string[] restore = ["restore", "app", "--from", "./vault", "--output", "r.db", "--key-file", "kit.txt"];
        Assert.NotEqual(0, (await place.RunAsync(restore)).ExitCode);
        Assert.False(File.Exists(place["r.db"]));

        // What comes later stands on nothing of it.
        await SyncAsync(paid: 2);
        (await place.RunAsync(restore)).Ends(0);
        Assert.Equal(2, Bank.LastPaid(place["r.db"]));
    }

    [Fact]
    public async Task I_cannot_shred_what_an_agent_is_storing()
    {
        place.Bank();
        await InitAsync();
        using var agent = place.Start("run", "app.db", "--to", "./vault");
        await agent.UntilTellsAsync("has a base");
        string[] shred = ["key", "shred", "app", "--to", "./vault", "--yes"];
        (await place.RunAsync(shred)).Ends(16).Tells("an agent keeps app");
        agent.Signal(HoldfastProcess.Terminate);
        (await agent.EndAsync()).Ends(0);
        (await place.RunAsync(shred)).Ends(0);
    }

    [Fact]
    public async Task A_plain_timeline_that_somebody_plants_is_refused()
    {
        place.Bank();
        await InitAsync();
        await SyncAsync(paid: 1);
        using var attacker = new Place();
        attacker.Bank();
        Bank.Pay(attacker["app.db"], 666);
        (await attacker.RunAsync("sync", "app.db", "--to", "./plain")).Ends(0);
        foreach (var lineage in Directory.GetDirectories(attacker["plain/timeline/app"]))
        {
            Directory.Move(lineage, Path.Combine(place["vault/timeline/app"], Path.GetFileName(lineage)));
        }

        string[] restore = ["restore", "app", "--from", "./vault", "--output", "r.db", "--key-file", "kit.txt"];
        var run = await place.RunAsync(restore);
        Assert.True(run.ExitCode != 0, run.ToString());
        Assert.False(File.Exists(place["r.db"]));
    }

    [Fact]
    public async Task A_target_that_was_an_encrypted_vault_is_never_written_to_in_the_clear()
    {
        place.Bank();
        await InitAsync();
        await SyncAsync(paid: 1);
        File.Delete(place["vault/vault/vault.json"]);
        Bank.Pay(place["app.db"], 2);
        (await place.RunAsync("sync", "app.db", "--to", "./vault", "--timeout", "20s")).Ends(16);
        string[] restore = ["restore", "app", "--from", "./vault", "--output", "r.db", "--key-file", "kit.txt"];
        (await place.RunAsync(restore)).Ends(16).Tells("is none");

        // Another machine remembers nothing; but it was given a key.
        using var other = new Place();
        await File.WriteAllTextAsync(other["kit.txt"], await File.ReadAllTextAsync(place["kit.txt"]));
        restore[3] = place["vault"];
        (await other.RunAsync(restore)).Ends(12).Tells("is no encrypted vault");
    }

    [Fact]
    public async Task Encryption_is_left_away_only_by_saying_so()
    {
        place.Bank();
        (await place.RunAsync("init", "app.db", "--to", "./plain", "--encryption", "none"))
            .Ends(0)
            .Tells("as you said");
        Assert.Contains("encryption: none", await File.ReadAllTextAsync(place["holdfast.yaml"]));
        (await place.RunAsync("sync", "app.db")).Ends(0);
        (await place.RunAsync("restore", "app", "--output", "r.db")).Ends(0);
        (await place.RunAsync("init", "app.db", "--to", "./plain", "--force")).Ends(16).Tells("not encrypted");
    }

    [Fact]
    public async Task A_second_machine_takes_the_vault_that_is_there()
    {
        place.Bank();
        await InitAsync();
        await SyncAsync(paid: 1);
        using var second = new Place();
        second.Bank("other.db");
        (await second.RunAsync("init", "other.db", "--to", place["vault"])).Ends(0).Tells("is a vault already");
        (await second.RunAsync("sync", "other")).Ends(0);
        string[] restore = ["restore", "other", "--from", "./vault", "--output", "r.db", "--key-file", "kit.txt"];
        (await place.RunAsync(restore)).Ends(0);
        Bank.AssertWhole(place["r.db"]);
    }

    [Fact]
    public async Task A_vault_that_is_not_the_configured_one_is_refused()
    {
        place.Bank();
        await InitAsync();
        var text = await File.ReadAllTextAsync(place["holdfast.yaml"]);
        var id = text.Split("vault: ")[1].Split('\n')[0];
        var other = text.Replace(id, new string('0', 32), StringComparison.Ordinal);
        await File.WriteAllTextAsync(place["holdfast.yaml"], other);
        (await place.RunAsync("sync", "app.db", "--timeout", "20s")).Ends(16).Tells(id);
        await File.WriteAllTextAsync(place["holdfast.yaml"], text);
        (await place.RunAsync("sync", "app.db")).Ends(0);
    }

    [Fact]
    public async Task My_configuration_knows_the_keys_on_a_machine_that_remembers_nothing()
    {
        place.Bank();
        await InitAsync();
        var text = await File.ReadAllTextAsync(place["holdfast.yaml"]);
        (await place.RunAsync("sync", "app")).Ends(0);

        using var other = new Place();
        string[] add = ["key", "add", "--to", place["vault"], "--kit", "theirs.txt", "--name", "theirs", "--json"];
        var theirs = (string)Assert.Single((await other.RunAsync(add)).Ends(0).JsonOf("keyAdded"))["id"]!;

        using var fresh = new Place();
        fresh.Bank();
        Directory.Move(place["vault"], fresh["vault"]);
        await File.WriteAllTextAsync(fresh["holdfast.yaml"], text);
        (await fresh.RunAsync("sync", "app", "--timeout", "20s")).Ends(16).Tells("theirs", "recipients");
        var mine = text.Split("recipients: ")[1].Split('\n')[0];
        var both = text.Replace(mine, $"'{mine.Trim('\'', '"')}, {theirs}'", StringComparison.Ordinal);
        await File.WriteAllTextAsync(fresh["holdfast.yaml"], both);
        (await fresh.RunAsync("sync", "app")).Ends(0);
        string[] restore = ["restore", "app", "--from", "./vault", "--output", "r.db", "--key-file"];
        (await fresh.RunAsync([.. restore, Path.Combine(other.Work, "theirs.txt")])).Ends(0);
    }

    [Fact]
    public async Task A_configured_timeline_is_stored_in_the_clear_only_when_I_say_so()
    {
        place.Bank();
        const string Configuration =
            "targets: { vault: TARGET }\ndatabases: { app: { source: ./app.db, timeline: { to: vault } } }\n";
        await File.WriteAllTextAsync(place["holdfast.yaml"], Configuration.Replace("TARGET", "./vault"));
        foreach (var verb in new[] { "run", "sync" })
        {
            (await place.RunAsync(verb)).Ends(2).Tells("holdfast init --to", "encryption: none");
        }

        (await place.RunAsync("backup", "app")).Ends(2);
        Assert.False(Directory.Exists(place["vault"]));
        var said = Configuration.Replace("TARGET", "{ url: ./vault, encryption: none }");
        await File.WriteAllTextAsync(place["holdfast.yaml"], said);
        (await place.RunAsync("sync")).Ends(0);
        await File.WriteAllTextAsync(place["holdfast.yaml"], Configuration.Replace("TARGET", "./sealed"));
        (await place.RunAsync("init", "app.db", "--to", "./sealed", "--kit", "k.txt", "--config", "other.yaml")).Ends(
            0
        );
        (await place.RunAsync("sync")).Ends(0);
        Assert.NotEmpty(Directory.GetFiles(place["sealed/vault/databases/app"]));
        (await place.RunAsync("sync", "app.db", "--to", "./fresh")).Ends(0).Tells("not encrypted");
    }

    [Fact]
    public async Task I_cannot_lose_a_key_by_a_command()
    {
        place.Bank();
        await InitAsync();
        var kit = await File.ReadAllTextAsync(place["kit.txt"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(place["kit.txt"]));
        (await place.RunAsync("init", "app.db", "--to", "./vault")).Ends(16);
        string[] again = ["init", "app.db", "--to", "./new", "--kit", "kit.txt", "--config", "new.yaml"];
        (await place.RunAsync(again)).Ends(16).Tells("kit.txt");
        Assert.False(Directory.Exists(place["new"]));
        Assert.Equal(kit, await File.ReadAllTextAsync(place["kit.txt"]));
        (await place.RunAsync("key", "kit", "--from", "./vault", "--key-file", "kit.txt")).Ends(0).Says(KeyLine(kit));
    }

    [Fact]
    public async Task A_key_is_in_no_output()
    {
        place.Bank();
        await File.WriteAllTextAsync(place["pass.txt"], "seven oars of oak\n");
        var runs = new List<CommandRun> { await InitAsync("--passphrase-file", "pass.txt", "-v") };
        await SyncAsync(paid: 1);
        string[][] commands =
        [
            ["key", "list", "--from", "./vault"],
            ["key", "add", "--to", "./vault", "--kit", "a.txt", "--key-file", "kit.txt"],
            ["key", "kit", "--from", "./vault", "--key-file", "kit.txt", "--kit", "b.txt"],
            ["key", "kit", "--from", "./vault", "--key-file", "missing.txt", "--kit", "c.txt"],
            ["restore", "app", "--from", "./vault", "--key-file", "kit.txt", "--output", "r.db"],
            ["restore", "app", "--from", "./vault", "--passphrase-file", "pass.txt", "--output", "s.db"],
            ["restore", "app", "--from", "./nowhere", "--key-file", "kit.txt", "--output", "t.db"],
            ["log", "app", "--from", "./vault", "--key-file", "kit.txt"],
            ["config", "show"],
        ];
        foreach (var command in commands)
        {
            runs.Add(await place.RunAsync([.. command, "-v"]));
            foreach (var file in new[] { "a.txt", "b.txt", "r.db", "s.db" })
            {
                File.Delete(place[file]);
            }

            runs.Add(await place.RunAsync([.. command, "-v", "--json"]));
        }

        runs.Add(await place.RunAsync("key", "kit", "--from", "./vault", "--key-file", "kit.txt", "--json"));
        Assert.Equal(2, runs[^1].ExitCode);
        var text = await File.ReadAllTextAsync(place["kit.txt"]);
        foreach (
            var secret in KeyOf(text).Chunk(10).Select(c => new string(c)).Append("seven oars").Append(KeyLine(text))
        )
        {
            Assert.All(runs, run => Assert.DoesNotContain(secret, run.ToString(), StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task A_copy_can_be_encrypted_and_is_verified_and_restored_with_the_key()
    {
        place.Bank();
        await InitAsync();
        (await place.RunAsync("backup", "app.db", "--to", "./vault", "--encrypt")).Ends(0).Says(".db.gz.hfe");
        var copy = Assert.Single(Directory.GetFiles(place["vault"], "*.hfe"));
        Assert.DoesNotContain("accounts", await File.ReadAllTextAsync(copy + ".json"));
        (await place.RunAsync("list", "app", "--from", "./vault")).Ends(0).Says(".hfe");
        (await place.RunAsync("verify", "app", "--from", "./vault")).Ends(12).Tells("--key-file");
        (await place.RunAsync("verify", "app", "--from", "./vault", "--key-file", "kit.txt")).Ends(0);
        string[] restore = ["restore", "app", "--from", "./vault", "--output", "r.db"];
        (await place.RunAsync(restore)).Ends(12).Tells("--key-file");
        (await place.RunAsync([.. restore, "--key-file", "kit.txt"])).Ends(0);
        Bank.AssertWhole(place["r.db"]);

        // The file is complete in itself: anywhere, with the key alone.
        using var fresh = new Place();
        Directory.CreateDirectory(fresh["found"]);
        File.Copy(copy, fresh[$"found/{Path.GetFileName(copy)}"]);
        await File.WriteAllTextAsync(fresh["key.txt"], KeyOf(await File.ReadAllTextAsync(place["kit.txt"])));
        string[] there = ["restore", "app", "--from", "./found", "--output", "r.db", "--key-file", "key.txt"];
        (await fresh.RunAsync(there)).Ends(0);
        Bank.AssertWhole(fresh["r.db"]);

        var bytes = await File.ReadAllBytesAsync(copy);
        bytes[^100] ^= 1;
        await File.WriteAllBytesAsync(copy, bytes);
        (await place.RunAsync("verify", "app", "--from", "./vault", "--key-file", "kit.txt")).Ends(4);
        (await place.RunAsync("backup", "app.db", "--to", "./plain", "--encrypt")).Ends(16).Tells("no encrypted vault");
    }

    private async Task<CommandRun> InitAsync(params string[] more) =>
        (await place.RunAsync(["init", "app.db", "--to", "./vault", "--kit", "kit.txt", .. more])).Ends(0);

    private async Task SyncAsync(int paid)
    {
        Bank.Pay(place["app.db"], paid);
        (await place.RunAsync("sync", "app.db", "--to", "./vault")).Ends(0);
    }

    private static string KeyLine(string page) =>
        page.Split('\n')
            .First(line => line.StartsWith("    ", StringComparison.Ordinal) && line.Trim().Length == 26)
            .Trim();

    private static string KeyOf(string page) =>
        string.Concat(
            page.Split('\n')
                .Where(line => line.StartsWith("    ", StringComparison.Ordinal) && line.Trim().Length == 26)
                .Select(line => line.Replace(" ", "", StringComparison.Ordinal))
        );
}
