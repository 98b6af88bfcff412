using System.Diagnostics;
using System.Globalization;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Stores.Directories;
using Holdfast.Testing;
using Microsoft.Data.Sqlite;

namespace Holdfast.Endurance.Tests.Worlds;

/// <summary>
/// A database, applications that write it, an agent that keeps it, a target, and the ledgers that know what must be there.
/// </summary>
internal sealed class World : IDisposable
{
    private readonly ScratchDirectory scratch = new();
    private readonly DirectoryStore store;
    private readonly List<Application> writers = [];
    private readonly Random random;
    private int era;
    private int ledgers;

    public World(Random random, int pageSize = 4096)
    {
        this.random = random;
        Named = [Path, "--to", VaultPath];
        store = new DirectoryStore(VaultPath, createRoot: true);
        Vault = new Vault(store, LedgerPath, scratch.Path);
        Directory.CreateDirectory(Book.EraPath(LedgerPath, 0, 0));
        EraPath = Book.EraPath(LedgerPath, 0, 0);
        Sql($"PRAGMA page_size={pageSize}; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL;" + Schema);
    }

    /// <summary>What the applications need.</summary>
    public const string Schema = """
        CREATE TABLE state(one INTEGER PRIMARY KEY, number INTEGER, digest INTEGER, rows INTEGER);
        INSERT INTO state VALUES (1, 0, 0, 0);
        CREATE TABLE t(id INTEGER PRIMARY KEY, seed INTEGER, k INTEGER, v BLOB);
        CREATE INDEX tk ON t(k);
        """;

    public string Path => scratch["app.db"];

    public string StatePath => scratch["state"];

    /// <summary>Where the agent keeps what it knows of the database.</summary>
    public string LogPath => Directory.EnumerateDirectories(System.IO.Path.Combine(StatePath, "timelines")).Single();

    public string VaultPath => scratch["vault"];

    public string this[string name] => scratch[name];

    /// <summary>What the command is given to keep this database.</summary>
    public IReadOnlyList<string> Named { get; set; }

    /// <summary>What is stored.</summary>
    public Vault Vault { get; }

    /// <summary>The one that runs, or the one that was killed last.</summary>
    public Agent Agent { get; private set; } = null!;

    /// <summary>What the applications say.</summary>
    public Book Book => Book.Read(LedgerPath);

    private string LedgerPath => scratch["ledger"];

    private string EraPath { get; set; }

    public async Task StartAgentAsync() => Agent = await Agent.StartAsync(this);

    /// <summary>Keeps this database by a configuration from now on.</summary>
    /// <param name="timeline">What follows "to:" in its timeline.</param>
    public void Configure(string timeline)
    {
        File.WriteAllText(
            this["holdfast.yaml"],
            $$"""
            targets:
              vault: { url: {{VaultPath}}, encryption: none }
            databases:
              app: { source: {{Path}}, timeline: { to: vault, {{timeline}} } }
            """
        );
        Named = ["app", "--config", this["holdfast.yaml"]];
    }

    /// <summary>Starts the command, with all it keeps below this world's directory.</summary>
    public Process Start(params string[] arguments)
    {
        var program = System.IO.Path.Combine(Repository.Built("Holdfast.Cli"), "holdfast.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments, "--json"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HOME"] = scratch.Path;
        start.Environment["HOLDFAST_STATE"] = StatePath;
        start.Environment.Remove("HOLDFAST_CONFIG");
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs the command to its end.</summary>
    public async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }

    /// <summary>Starts applications, see the workload's verb endure.</summary>
    public async Task StartWritersAsync(int count, string traits = "wild", long most = 0)
    {
        for (var writer = 0; writer < count; writer++)
        {
            writers.Add(
                await Application.StartAsync(
                    "endure",
                    Path,
                    System.IO.Path.Combine(EraPath, Text(++ledgers)),
                    Text(random.Next()),
                    Text(most),
                    traits
                )
            );
        }
    }

    /// <summary>What is stored, seen through another store.</summary>
    public Vault VaultOf(IObjectStore other) => new(other, LedgerPath, scratch.Path);

    /// <summary>Waits until something has come about.</summary>
    public async Task UntilAsync(Func<bool> reached)
    {
        var clock = Stopwatch.StartNew();
        while (!reached())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"it did not come about\n{Agent?.Told}");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lets all applications end, or waits until they do.</summary>
    public async Task FinishWritersAsync(bool now = true)
    {
        foreach (var writer in writers)
        {
            var line = now ? await writer.FinishAsync() : await writer.OutputAsync();
            Assert.EndsWith("transactions", line, StringComparison.Ordinal);
            writer.Dispose();
        }

        writers.Clear();
    }

    /// <summary>Kills one of the applications.</summary>
    public void KillWriter()
    {
        if (writers.Count > 0)
        {
            var victim = random.Next(writers.Count);
            writers[victim].Dispose();
            writers.RemoveAt(victim);
        }
    }

    public void KillWriters()
    {
        writers.ForEach(writer => writer.Dispose());
        writers.Clear();
    }

    /// <summary>Lets everybody work for a moment; how long is no matter to what is proven.</summary>
    public Task LetWorkAsync(int most = 300) => Task.Delay(random.Next(most), TestContext.Current.CancellationToken);

    /// <summary>Runs statements as another program that has the database open shortly.</summary>
    public void Sql(string sql)
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    /// <summary>Whether the file holds everything now, as nobody was in the way.</summary>
    public bool IsCheckpointed()
    {
        SQLitePCL.Batteries_V2.Init();
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        return command.ExecuteScalar() is 0L;
    }

    /// <summary>Notes that the database was set back, by intent, to an older state.</summary>
    public void BeginEra(long number)
    {
        EraPath = Book.EraPath(LedgerPath, ++era, number);
        Directory.CreateDirectory(EraPath);
    }

    /// <summary>
    /// Everything acknowledged by now is stored and can be restored, exactly; applications may go on meanwhile.
    /// </summary>
    public async Task ProveAsync()
    {
        var before = Book.Acknowledged;
        var (lineage, commit) = await Agent.SyncAsync();
        var content = await Vault.RestoreFromAsync(lineage, commit);
        Assert.True(
            content.Number >= before,
            $"transaction {before} was acknowledged, and commit {commit} holds only {content.Number}"
        );
    }

    /// <summary>With nobody writing: what is stored last is what the database holds, and all of it.</summary>
    public async Task ProveRestAsync()
    {
        await FinishWritersAsync();
        var book = Book;
        var live = Content.OfLive(Path);
        Assert.True(live.Number >= book.Acknowledged, $"SQLite itself has lost transactions after {live.Number}");
        _ = await Agent.SyncAsync();
        var (_, content) = await Vault.RestoreAsync(new TimelineRequest());
        Assert.Equal(live, content);

        // As people do it.
        File.Delete(this["mine.db"]);
        var (code, output, errors) = await RunAsync("restore", "app", "--from", VaultPath, "--output", this["mine.db"]);
        Assert.True(code == 0, output + errors);
        Assert.Equal(live, Content.OfFile(this["mine.db"]));
    }

    public void Dispose()
    {
        KillWriters();
        Agent?.Dispose();
        store.Dispose();
        scratch.Dispose();
    }

    private static string Text(IFormattable value) => value.ToString(format: null, CultureInfo.InvariantCulture);
}
