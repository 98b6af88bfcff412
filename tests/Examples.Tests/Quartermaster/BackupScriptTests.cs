using System.Text.RegularExpressions;
using Holdfast.Testing;

namespace Holdfast.Examples.Tests.Quartermaster;

/// <summary>What the people of quartermaster ask of scripts/backup-db.sh.</summary>
public sealed partial class BackupScriptTests : QuartermasterPlace
{
    private const string Script = "./scripts/backup-db.sh";

    [Fact]
    public async Task I_can_copy_the_database_while_an_application_writes_to_it()
    {
        await Example.CreateBankAsync(Place, "quartermaster.db");
        using var writer = await Application.StartAsync("write-transfers", Place["quartermaster.db"]);

        var result = await Place.DoAsync(Script);

        var copy = Assert.Single(Copies());
        Assert.Matches(@"^quartermaster-\d{8}-\d{6}-manual\.db$", copy);
        Assert.Equal($"backup-db.sh: {Place["quartermaster.db"]} -> {Place[$"backups/{copy}"]}", result.Lines[0]);
        await Example.AssertOfOneMomentAsync(Place, $"backups/{copy}");
    }

    [Theory]
    [InlineData("before-drop", "before-drop")]
    [InlineData("before dropping legacy_code", "before-dropping-legacy-code")]
    [InlineData("'../../etc/passwd; rm -rf ~'", "etc-passwd-rm-rf")]
    [InlineData("'Größe \"neu\"'", "gr-e-neu")]
    [InlineData("'***'", "manual")]
    [InlineData("''", "manual")]
    [InlineData("--force", "force")]
    public async Task The_reason_becomes_a_safe_part_of_the_name(string argument, string slug)
    {
        await SqlAsync("quartermaster.db", "CREATE TABLE t(x)");

        await Place.DoAsync($"{Script} {argument}");

        Assert.Matches($@"^quartermaster-\d{{8}}-\d{{6}}-{slug}\.db$", Assert.Single(Copies()));
    }

    [Fact]
    public async Task The_reason_is_recorded_word_for_word()
    {
        await SqlAsync("quartermaster.db", "CREATE TABLE t(x)");

        await Place.DoAsync($"{Script} 'Drop \"legacy_code\", at last'");

        Assert.Equal("Drop \"legacy_code\", at last", (string?)Manifest(Assert.Single(Copies()))["reason"]);
    }

    [Theory]
    [InlineData("sqlite:///data/other.db")]
    [InlineData("sqlite:///./data/other.db")]
    [InlineData("sqlite:///$PWD/data/other.db")]
    [InlineData("sqlite+aiosqlite:///data/other.db?timeout=10")]
    public async Task The_database_can_be_named_by_its_url(string url)
    {
        await Place.DoAsync("mkdir data");
        await SqlAsync("data/other.db", "CREATE TABLE t(x)");

        var result = await Place.DoAsync($"QUARTERMASTER_DB_URL=\"{url}\" {Script}");

        var copy = Assert.Single(Copies("data/backups"));
        Assert.StartsWith("quartermaster-", copy, StringComparison.Ordinal);
        Assert.Equal($"backup-db.sh: {Place["data/other.db"]} -> {Place[$"data/backups/{copy}"]}", result.Lines[0]);
    }

    [Fact]
    public async Task The_default_database_is_that_of_the_project_wherever_I_am()
    {
        await SqlAsync("quartermaster.db", "CREATE TABLE t(x)");

        await Place.DoAsync($"cd / && '{Place["scripts/backup-db.sh"]}'");

        Assert.Single(Copies());
    }

    [Fact]
    public async Task Copies_can_go_elsewhere()
    {
        await SqlAsync("quartermaster.db", "CREATE TABLE t(x)");

        await Place.DoAsync($"QUARTERMASTER_BACKUP_DIR='my copies' {Script}");

        Assert.Single(Copies("my copies"));
        Assert.Empty(Copies());
    }

    [Theory]
    [InlineData("postgresql://me:secret@host/db")]
    [InlineData("mysql+pymysql://me:secret@host/db")]
    [InlineData("sqlite://")]
    [InlineData("sqlite:///:memory:")]
    [InlineData("quartermaster.db")]
    public async Task What_is_no_sqlite_file_is_an_error(string url)
    {
        var result = (await Place.RunAsync($"QUARTERMASTER_DB_URL='{url}' {Script}")).Exits(1);

        Assert.Contains("QUARTERMASTER_DB_URL", result.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", result.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_database_there_is_nothing_to_back_up()
    {
        var result = await Place.DoAsync(Script);

        Assert.Contains("nothing to back up", result.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(Place["quartermaster.db"]));
        Assert.False(Directory.Exists(Place["backups"]));
    }

    [Fact]
    public async Task What_is_no_database_is_an_error_and_leaves_no_copy()
    {
        File.WriteAllText(Place["quartermaster.db"], new string('x', 5000));

        (await Place.RunAsync(Script)).Exits(13);

        Assert.Empty(Copies());
    }

    [Fact]
    public async Task A_missing_holdfast_is_an_error_that_says_what_to_do()
    {
        await SqlAsync("quartermaster.db", "CREATE TABLE t(x)");

        var result = (await Place.RunAsync($"HOLDFAST=/nowhere/holdfast {Script}")).Exits(1);

        Assert.Contains("put holdfast on PATH", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Copies_of_one_second_all_survive()
    {
        await SqlAsync("quartermaster.db", "CREATE TABLE t(x)");

        await Place.DoAsync($"for i in 1 2 3 4; do {Script} same; done");

        Assert.Equal(4, Copies().Count);
    }

    [Fact]
    public async Task Copies_are_kept_for_ever_whatever_a_configuration_says()
    {
        await SqlAsync("quartermaster.db", "CREATE TABLE t(x)");
        File.WriteAllText(
            Place["holdfast.yaml"],
            """
            targets: { copies: ./elsewhere }
            databases:
              q: { source: quartermaster.db, snapshots: { keep: { last: 1, min: 1 } } }
            """
        );

        await Place.DoAsync($"export QUARTERMASTER_BACKUP_DIR=copies; for i in 1 2 3; do {Script}; done");

        Assert.Equal(3, Copies("copies").Count);
    }

    [Fact]
    public async Task Names_hold_local_time_and_yet_copies_are_found_by_the_real_time()
    {
        Place.Environment["TZ"] = "Asia/Kathmandu";
        await SqlAsync("quartermaster.db", "CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        await Place.DoAsync(Script);
        var copy = Assert.Single(Copies());

        var made = (DateTimeOffset)Manifest(copy)["time"]!;
        Assert.Contains(
            made.ToOffset(new TimeSpan(5, 45, 0)).ToString("yyyyMMdd-HHmmss", null),
            copy,
            StringComparison.Ordinal
        );

        var at = made.AddSeconds(1).ToString("O");
        await Place.DoAsync($"holdfast restore quartermaster.db --from backups --at {at} --output found.db");
        Assert.Equal("1", await SqlAsync("found.db", "SELECT x FROM t"));

        var before = made.AddSeconds(-1).ToString("O");
        (await Place.RunAsync($"holdfast restore quartermaster.db --from backups --at {before} --output x.db")).Exits(
            15
        );
    }

    [Fact]
    public async Task The_repository_takes_up_the_script_and_not_the_copies()
    {
        await SqlAsync("quartermaster.db", "CREATE TABLE t(x)");
        await Place.DoAsync(Script);

        var files = (await Place.DoAsync("git init -q . && git add -A && git ls-files -s")).Lines;

        Assert.Contains(files, line => ExecutableScript().IsMatch(line));
        Assert.DoesNotContain(files, line => line.Contains("backups/", StringComparison.Ordinal));
        Assert.DoesNotContain(files, line => line.EndsWith(".db", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^100755 .*\tscripts/backup-db\.sh$")]
    private static partial Regex ExecutableScript();
}
