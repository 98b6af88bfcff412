using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Testing.CommandLine;

namespace Holdfast.Examples.Tests.Documentation;

/// <summary>
/// Where the commands of a block are run: what a reader has who arrives at it. For the pages of the project that is
/// <c>./holdfast</c>, a database <c>app.db</c> in WAL mode with a table <c>items</c>, and <c>./backups</c> with a copy of a
/// moment ago and one of three hours ago. For an example it is a copy of its folder with a database and a copy.
/// A <c>yaml</c> block that begins with the comment <c># holdfast.yaml</c> is that file for the blocks after it.
/// </summary>
internal static class PreparedPlace
{
    private const string Items =
        "PRAGMA journal_mode = wal; CREATE TABLE items(id INTEGER PRIMARY KEY, name TEXT); INSERT INTO items(name) VALUES ('first'), ('second')";

    public static async Task<ShellPlace> CreateAsync(FencedBlock block, FencedBlock? configuration)
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
                await ProjectAsync(place);
                break;
        }

        if (configuration is not null)
        {
            await File.WriteAllLinesAsync(place["holdfast.yaml"], configuration.Lines);
        }

        return place;
    }

    private static async Task ProjectAsync(ShellPlace place)
    {
        await place.DoAsync("ln -s \"$(command -v holdfast)\" holdfast");
        await Example.SqlAsync(place, "app.db", Items);
        await place.DoAsync("holdfast backup app.db --to ./backups");
        Age(Directory.GetFiles(place["backups"], "*.gz").Single(), DateTimeOffset.UtcNow.AddHours(-3));
    }

    private static async Task QuartermasterAsync(ShellPlace place)
    {
        await Example.CopyAsync(place, "quartermaster");
        await Example.SqlAsync(place, "quartermaster.db", Items);
        await place.DoAsync("scripts/backup-db.sh");
    }

    private static async Task CellarsyncAsync(ShellPlace place)
    {
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
