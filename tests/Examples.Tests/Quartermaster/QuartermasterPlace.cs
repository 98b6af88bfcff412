using System.Text.Json.Nodes;
using Holdfast.Testing.CommandLine;

namespace Holdfast.Examples.Tests.Quartermaster;

/// <summary>A project with the files of examples/quartermaster.</summary>
public abstract class QuartermasterPlace : IAsyncLifetime
{
    protected ShellPlace Place { get; } = new();

    public virtual async ValueTask InitializeAsync() => await Example.CopyAsync(Place, "quartermaster");

    /// <summary>The names of the copies in a directory, oldest name first.</summary>
    protected IReadOnlyList<string> Copies(string directory = "backups") =>
        Directory.Exists(Place[directory])
            ?
            [
                .. Directory
                    .EnumerateFiles(Place[directory])
                    .Select(p => Path.GetFileName(p)!)
                    .Where(n => !n.EndsWith(".json", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    /// <summary>The manifest beside a copy.</summary>
    protected JsonNode Manifest(string copy, string directory = "backups") =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(Place[directory], $"{copy}.json")))!;

    protected Task<string> SqlAsync(string path, string sql) => Example.SqlAsync(Place, path, sql);

    public ValueTask DisposeAsync()
    {
        Place.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}
