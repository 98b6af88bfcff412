using System.Globalization;
using System.Text.Json.Nodes;
using Holdfast.Testing.CommandLine;

namespace Holdfast.Examples.Tests.Cellarsync;

/// <summary>A machine with the files of examples/cellarsync and a database, at the paths that the environment names.</summary>
public abstract class CellarsyncPlace : IAsyncLifetime
{
    protected const string Database = "data/cellar.db";
    protected const string Backup = "scripts/backup.sh";
    protected const string Verify = "scripts/backup-verify.sh";

    protected ShellPlace Place { get; } = new();

    public virtual async ValueTask InitializeAsync()
    {
        await Example.CopyAsync(Place, "cellarsync");
        await Place.DoAsync("mkdir data");
        await Example.CreateBankAsync(Place, Database);
        Place.Environment["DATABASE_PATH"] = Place[Database];
        Place.Environment["BACKUP_DIR"] = Place["backups"];
        Place.Environment["HOLDFAST_CONFIG"] = Place["holdfast.yaml"];
        Place.Environment["HOLDFAST__databases__cellar__source"] = Place[Database];
        Place.Environment["HOLDFAST__targets__local"] = Place["backups"];
    }

    /// <summary>The names of the copies, oldest first.</summary>
    protected IReadOnlyList<string> Copies() =>
        Directory.Exists(Place["backups"])
            ?
            [
                .. Directory
                    .EnumerateFiles(Place["backups"], "*.gz")
                    .Select(p => Path.GetFileName(p)!)
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    protected JsonNode Manifest(string copy) => JsonNode.Parse(File.ReadAllText(Place[$"backups/{copy}.json"]))!;

    protected async Task<string> BackUpAsync()
    {
        var before = Copies();
        await Place.DoAsync(Backup);
        return Assert.Single(Copies().Except(before));
    }

    /// <summary>Makes a copy look as if it had been made at another time.</summary>
    protected string Age(string copy, DateTimeOffset time)
    {
        var stamp = time.UtcDateTime.ToString("yyyy-MM-dd-HHmmss", CultureInfo.InvariantCulture);
        var name = $"cellar-backup-{stamp}.db.gz";
        var manifest = Manifest(copy);
        manifest["name"] = name;
        manifest["time"] = time;
        File.Copy(Place[$"backups/{copy}"], Place[$"backups/{name}"]);
        File.WriteAllText(Place[$"backups/{name}.json"], manifest.ToJsonString());
        return name;
    }

    /// <summary>What of copies is in the scratch directory; locks are empty.</summary>
    protected IEnumerable<string> Staged() =>
        Directory
            .EnumerateFiles(Place.Scratch, "*", SearchOption.AllDirectories)
            .Where(path => new FileInfo(path).Length > 4096);

    protected Task<string> SqlAsync(string path, string sql) => Example.SqlAsync(Place, path, sql);

    public ValueTask DisposeAsync()
    {
        Place.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
