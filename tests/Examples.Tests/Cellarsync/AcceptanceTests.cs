using System.IO.Compression;
using System.Text.Json.Nodes;
using Holdfast.Testing;

namespace Holdfast.Examples.Tests.Cellarsync;

/// <summary>CellarSync's own list of what must hold, a test or more for each line; GCS is not there yet.</summary>
public sealed class AcceptanceTests : CellarsyncPlace
{
    // Stays in the WAL while an application has the database open.
    private const string CommitToTheWal = "INSERT INTO transfers(amount) VALUES (0)";

    [Fact]
    public async Task The_script_makes_a_valid_copy_while_the_application_writes()
    {
        using var writer = await Application.StartAsync("write-transfers", Place[Database]);

        var copy = await BackUpAsync();

        Assert.Matches(@"^cellar-backup-\d{4}-\d\d-\d\d-\d{6}\.db\.gz$", copy);
        await Place.DoAsync($"gunzip -c 'backups/{copy}' > by-hand.db");
        await Example.AssertOfOneMomentAsync(Place, "by-hand.db");
    }

    [Fact]
    public async Task The_wal_is_checkpointed_before_the_copy()
    {
        using var application = await Application.StartAsync("hold-open", Place[Database]);
        await SqlAsync(Database, CommitToTheWal);
        Assert.NotEqual(0, new FileInfo(Place[$"{Database}-wal"]).Length);

        var copy = await BackUpAsync();

        Assert.Equal("truncate", (string?)Checkpoint(copy)["mode"]);
        Assert.False((bool)Checkpoint(copy)["busy"]!);
        Assert.Equal(0, new FileInfo(Place[$"{Database}-wal"]).Length);
    }

    [Fact]
    public async Task A_reader_in_the_way_of_the_checkpoint_does_not_fail_the_backup()
    {
        using var reader = await Application.StartAsync("hold-read", Place[Database]);
        await SqlAsync(Database, CommitToTheWal);

        var copy = await BackUpAsync();

        Assert.True((bool)Checkpoint(copy)["busy"]!);
        await Place.DoAsync($"gunzip -c 'backups/{copy}' > by-hand.db");
        Assert.Equal(
            await SqlAsync(Database, "SELECT count(*) FROM transfers"),
            await SqlAsync("by-hand.db", "SELECT count(*) FROM transfers")
        );
    }

    [Fact]
    public async Task The_copy_passed_the_integrity_check()
    {
        var copy = await BackUpAsync();

        Assert.Contains("integrity_check", Manifest(copy)["checks"]!.AsArray().Select(c => (string?)c));
    }

    [Fact]
    public async Task A_database_that_fails_the_check_is_not_stored_and_pushes_nothing_out()
    {
        var good = await BackUpAsync();
        var old = Age(good, DateTimeOffset.UtcNow.AddDays(-100));
        Damage();

        for (var night = 0; night < 3; night++)
        {
            var result = await Place.RunAsync(Backup);
            Assert.NotEqual(0, result.ExitCode);
            Assert.Contains("error:", result.Errors, StringComparison.Ordinal);
        }

        Assert.Equal([old, good], Copies());
    }

    [Fact]
    public async Task Copies_are_compressed_with_gzip()
    {
        var copy = await BackUpAsync();

        await Place.DoAsync($"gzip -t 'backups/{copy}'");
        await using var stream = new GZipStream(File.OpenRead(Place[$"backups/{copy}"]), CompressionMode.Decompress);
        var head = new byte[15];
        await stream.ReadExactlyAsync(head);
        Assert.Equal("SQLite format 3"u8.ToArray(), head);
    }

    [Fact]
    public async Task Thirty_days_of_copies_are_kept_and_nothing_else_is_touched()
    {
        var newest = await BackUpAsync();
        var now = DateTimeOffset.UtcNow.AddHours(-1);
        var aged = Enumerable.Range(1, 40).Select(days => Age(newest, now.AddDays(-days))).ToList();
        string[] foreign =
        [
            "notes.txt",
            "cellar-backup-latest.db.gz",
            "cellar-backup-2020-01-01-030000.db.gz.part",
            "other-backup-2020-01-01-030000.db.gz",
        ];
        Array.ForEach(foreign, name => File.WriteAllText(Place[$"backups/{name}"], "mine"));

        var latest = await BackUpAsync();

        // Those of 1 to 29 days and an hour; that of 30 days and an hour is older than 30 days.
        Assert.Equivalent(aged.Take(29).Append(newest).Append(latest), Copies().Except(foreign), strict: true);
        Assert.All(foreign, name => Assert.True(File.Exists(Place[$"backups/{name}"]), name));
        Assert.All(aged.Skip(29), name => Assert.False(File.Exists(Place[$"backups/{name}.json"]), name));
    }

    [Fact]
    public async Task Old_copies_outlive_a_machine_that_was_off_for_months()
    {
        var copy = await BackUpAsync();
        var old = Enumerable.Range(100, 3).Select(days => Age(copy, DateTimeOffset.UtcNow.AddDays(-days))).ToList();
        await Place.DoAsync($"rm 'backups/{copy}' 'backups/{copy}.json'");

        await Place.DoAsync("holdfast prune cellar --yes");

        Assert.Equal(old.AsEnumerable().Reverse(), Copies());
    }

    [Fact]
    public async Task A_copy_can_be_made_by_npm()
    {
        await Example.RequireAsync(Place, "npm", "npm");

        await Place.DoAsync("npm run db:backup");
        await Place.DoAsync("npm run db:backup -- --reason 'before the upgrade'");

        Assert.Equivalent(
            new[] { null, "before the upgrade" },
            Copies().Select(copy => (string?)Manifest(copy)["reason"]),
            strict: true
        );
    }

    [Fact]
    public async Task The_newest_copy_can_be_verified_by_npm()
    {
        await Example.RequireAsync(Place, "npm", "npm");
        var copy = await BackUpAsync();

        var result = await Place.DoAsync("npm run db:backup:verify");

        Assert.Contains("backup verification ok", result.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Place[$"backups/{copy}.verified.json"]));
    }

    [Fact]
    public async Task A_damaged_copy_fails_the_verification_by_npm_too()
    {
        await Example.RequireAsync(Place, "npm", "npm");
        FlipABitOf(await BackUpAsync());

        var result = (await Place.RunAsync("npm run db:backup:verify")).Exits(4);

        Assert.Contains("backup verification FAILED (exit code 4)", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_verification_restores_the_newest_copy_checks_it_and_leaves_a_record()
    {
        await BackUpAsync();
        await SqlAsync(Database, "INSERT INTO transfers(amount) VALUES (0)");
        var newest = await BackUpAsync();

        var result = await Place.DoAsync($"{Verify} --json");

        var told = JsonNode.Parse(result.Lines[0])!;
        Assert.Equal(newest, (string?)told["name"]);
        Assert.Equal("good", (string?)told["outcome"]);
        Assert.Contains("integrity_check", told["checks"]!.AsArray().Select(c => (string?)c));
        Assert.Equal("cellarsync backup verification ok (exit code 0)", result.Lines[^1]);
        Assert.Contains("restored", (await Place.DoAsync("holdfast list cellar")).Output, StringComparison.Ordinal);
        Assert.Empty(Staged());
    }

    [Fact]
    public async Task The_verification_notices_damage_says_so_and_leaves_a_record()
    {
        var copy = await BackUpAsync();
        FlipABitOf(copy);

        var result = (await Place.RunAsync(Verify)).Exits(4);

        Assert.Equal("cellarsync backup verification FAILED (exit code 4)", result.Lines[^1]);
        Assert.True(File.Exists(Place[$"backups/{copy}.damaged.json"]));
        Assert.Contains("DAMAGED", (await Place.DoAsync("holdfast list cellar")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_verification_without_any_copy_is_not_a_good_one()
    {
        var result = await Place.RunAsync(Verify);

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("FAILED", result.Lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Monitoring_can_ask_whether_the_last_night_went_well()
    {
        await Place.DoAsync("mkdir backups");
        (await Place.RunAsync("holdfast status cellar")).Exits(17);

        var copy = await BackUpAsync();
        await Place.DoAsync("holdfast status cellar");

        Age(copy, DateTimeOffset.UtcNow.AddHours(-27));
        await Place.DoAsync($"rm 'backups/{copy}' 'backups/{copy}.json'");
        (await Place.RunAsync("holdfast status cellar")).Exits(17);
    }

    [Fact]
    public async Task Copies_are_for_their_owner_only()
    {
        var copy = await BackUpAsync();

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Place[$"backups/{copy}"]));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Place["backups"])
        );
    }

    private JsonNode Checkpoint(string copy) => Manifest(copy)["details"]!["checkpoint"]!;

    private void FlipABitOf(string copy)
    {
        var bytes = File.ReadAllBytes(Place[$"backups/{copy}"]);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(Place[$"backups/{copy}"], bytes);
    }

    // An inner page of a table: the file opens, and only the check notices.
    private void Damage()
    {
        using var file = File.OpenWrite(Place[Database]);
        file.Position = file.Length / 2 / 4096 * 4096;
        file.Write(new byte[4096]);
    }
}
