using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Testing.CommandLine;

namespace Holdfast.Examples.Tests.Documentation;

/// <summary>
/// Where the commands of a block are run: what a reader has who arrives at it. For the pages of the project that is
/// <c>./holdfast</c>, a database <c>app.db</c> in WAL mode with a table <c>items</c>, a program <c>./migrate.sh</c>, and
/// <c>./backups</c> with a copy of a moment ago and one of three hours ago, and <c>./vault</c> with its
/// timeline; for commands about keys an encrypted one. For an example it is a copy of its folder with
/// a database and a copy. A <c>yaml</c> block that begins with the comment <c># holdfast.yaml</c> is that file for the
/// blocks after it.
/// </summary>
public sealed class PreparedPlace : IAsyncLifetime
{
    private readonly ShellPlace project = new();

    private const string Items =
        "PRAGMA journal_mode = wal; CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO items(name) VALUES ('first'), ('second')";

    // A timeline with a base and a commit after it.
    private const string Kept = """
        holdfast run app.db --to ./vault 2> agent.log & agent=$!
        until_there() { for i in $(seq 600); do holdfast log app --from ./vault --json 2> /dev/null | grep -q "$1" && return; sleep 0.2; done; cat agent.log; exit 1; }
        until_there '"type":"commit"'
        sqlite3 app.db "INSERT INTO items(name) VALUES ('third')"
        until_there '"pages":[0-9]'
        kill -TERM $agent && wait $agent && rm agent.log
        """;

    // Instead of the plain one, with its kit and a key that is no longer wanted.
    private const string Encrypted = """
        rm -r vault
        holdfast init app.db --to ./vault --kit kit.txt --config vault.yaml --quiet
        holdfast key add --to ./vault --kit old.txt --name old --quiet
        holdfast sync app.db --to ./vault --quiet
        """;

    /// <summary>Prepares once what most blocks need.</summary>
    public async ValueTask InitializeAsync()
    {
        if (!await project.HasAsync("sqlite3"))
        {
            return;
        }

        await project.DoAsync("ln -s \"$(command -v holdfast)\" holdfast");
        await Example.SqlAsync(project, "app.db", Items);
        await project.DoAsync("printf '#!/bin/sh\necho migrated\n' > migrate.sh && chmod +x migrate.sh");
        await project.DoAsync("holdfast backup app.db --to ./backups");
        await project.DoAsync(Kept);
        Age(Directory.GetFiles(project["backups"], "*.gz").Single(), DateTimeOffset.UtcNow.AddHours(-3));
    }

    public ValueTask DisposeAsync()
    {
        project.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes the place of one block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="configuration">The block that is its configuration; null for none.</param>
    internal async Task<ShellPlace> CreateAsync(FencedBlock block, FencedBlock? configuration)
    {
        var place = new ShellPlace();
        await Example.RequireAsync(place, "sqlite3", "sqlite3");
        switch (block.Page.Split('/'))
        {
            case ["examples", "quartermaster", ..]:
                await QuartermasterAsync(place);
                break;
            case ["examples", "cellarsync", ..]:
                await CellarsyncAsync(place);
                break;
            default:
                await place.DoAsync($"cp -a '{project.Work}/.' .");
                if (block.Lines.Any(line => line.StartsWith("holdfast key", StringComparison.Ordinal)))
                {
                    await place.DoAsync(Encrypted);
                }

                break;
        }

        if (configuration is not null)
        {
            await File.WriteAllLinesAsync(place["holdfast.yaml"], configuration.Lines);
        }

        return place;
    }

    private static async Task QuartermasterAsync(ShellPlace place)
    {
        await Example.CopyAsync(place, "quartermaster");
        await Example.SqlAsync(place, "quartermaster.db", Items);
        await place.DoAsync("scripts/backup-db.sh");
    }

    private static async Task CellarsyncAsync(ShellPlace place)
    {
        await Example.RequireAsync(place, "npm", "npm");
        await Example.CopyAsync(place, "cellarsync");
        await place.DoAsync("mkdir data");
        await Example.SqlAsync(place, "data/cellar.db", Items);
        place.Environment["DATABASE_PATH"] = place["data/cellar.db"];
        place.Environment["BACKUP_DIR"] = place["backups"];
        place.Environment["HOLDFAST__databases__cellar__source"] = place["data/cellar.db"];
        place.Environment["HOLDFAST__targets__local"] = place["backups"];
        await place.DoAsync("scripts/backup.sh");
    }

    // Beside the copy, one that looks as if it had been made at another time.
    private static void Age(string copy, DateTimeOffset time)
    {
        var stamp = time.UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var older = Path.Combine(Path.GetDirectoryName(copy)!, $"app-{stamp}.db.gz");
        var manifest = JsonNode.Parse(File.ReadAllText($"{copy}.json"))!;
        manifest["name"] = Path.GetFileName(older);
        manifest["time"] = time;
        File.Copy(copy, older);
        File.WriteAllText($"{older}.json", manifest.ToJsonString());
    }
}
