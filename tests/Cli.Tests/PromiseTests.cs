using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Holdfast.Cli.Tests.Driving;
using Holdfast.Core.Errors;
using Holdfast.Testing;

namespace Holdfast.Cli.Tests;

/// <summary>What the documentation promises to scripts.</summary>
public sealed partial class PromiseTests : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task JsonLines_OfAllCommands_HaveTheDocumentedFields()
    {
        var promised = Promised();
        var lines = new List<JsonObject>();
        await ShowEverythingAsync(lines);
        Assert.Equal(promised.Keys.Order(), lines.Select(l => (string)l["type"]!).Distinct().Order());
        Assert.All(
            lines,
            line => Assert.Equal(promised[(string)line["type"]!].Order(), line.Select(field => field.Key).Order())
        );
    }

    [Fact]
    public void ExitCodes_OfTheCommand_AreDocumented()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "exit-codes.md"));
        Assert.All(Enum.GetValues<ErrorCode>(), code => Assert.Contains($"| {(int)code} | ", text));
    }

    private static Dictionary<string, List<string>> Promised()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "json.md"));
        return text.Split("\n## ")
            .Skip(1)
            .ToDictionary(
                section => section.Split('`')[1],
                section => Field().Matches(section).Select(match => match.Groups["name"].Value).ToList()
            );
    }

    private async Task ShowEverythingAsync(List<JsonObject> lines)
    {
        await AddAsync(13, "backup", "nowhere.db");
        await AddAsync(0, "backup", "nowhere.db", "--missing-ok");
        await AddAsync(0, "restore", "app.db", "--if-missing", "--from", Directory.CreateDirectory(place["none"]).Name);
        await History.MakeAsync(place, count: 5);
        await AddAsync(0, "backup", "app.db", "--keep", "last=4");
        await AddAsync(0, "restore", "app.db", "--if-missing");
        await AddAsync(0, "restore", "app.db", "--dry-run");
        await AddAsync(0, "restore", "app.db", "--output", "r.db");
        await AddAsync(0, "restore", "app.db", "--in-place");
        await AddAsync(0, "verify", "app.db");
        await AddAsync(0, "list", "app.db");
        await AddAsync(0, "retention", "explain", "app.db", "--keep", "last=1");
        await AddAsync(0, "retention", "simulate", "--keep", "last=1");
        await AddAsync(0, "pin", "app.db");
        await AddAsync(0, "unpin", "app.db");
        await AddAsync(0, "prune", "app.db", "--keep", "last=3");
        await AddAsync(0, "status", "app.db");
        await AddAsync(0, "doctor", "app.db");
        await using (var captured = await CapturedBank.StartAsync(place))
        {
            var named = await captured.PayAsync(1);
            var lost = await captured.PayAsync(2);
            _ = await captured.PayAsync(3);
            await captured.NameAsync(named, "before the fair");
            await AddAsync(0, "verify", "app", "--from", "vault", "--level", "stored");
            await AddAsync(0, "copy", "app", "--from", "vault", "--to", "third");
            await AddAsync(0, "repair", "app", "--from", "third", "--from", "vault");
            Directory.Delete(place["third"], recursive: true);
            File.Delete(captured.JournalOf(lost));
        }

        await AddAsync(0, "list", "app", "--from", "vault");
        await AddAsync(0, "log", "app", "--from", "vault");
        await AddAsync(0, "sync", "app.db", "--to", "vault");
        using (var agent = place.Start("run", "app.db", "--to", "vault", "--json"))
        {
            await agent.UntilTellsAsync("capturing");
            await AddAsync(0, "backup", "app.db", "--reason", "why");
            await AddAsync(0, "status", "app.db");
            agent.Signal(HoldfastProcess.Terminate);
            lines.AddRange((await agent.EndAsync()).Ends(0).TellsNothing().Json);
        }

        await AddAsync(0, "retention", "explain", "app", "--from", "vault");
        await File.WriteAllTextAsync(
            place["points.yaml"],
            "targets: { vault: ./vault }\ndatabases: { app: { source: ./app.db, timeline: { keep: { daily: 7 } } } }\n"
        );
        await AddAsync(0, "prune", "app", "--config", "points.yaml");
        await AddAsync(0, "init", "app.db");
        await AddAsync(0, "config", "show");
        await AddAsync(0, "config", "validate");

        // In a place of its own: there, ./vault is an encrypted one from the beginning.
        using var secret = new Place();
        secret.Bank();
        await Vaults.MakeAsync(secret);
        await AddSecretAsync("key", "list", "--from", "./vault");
        await AddSecretAsync("key", "add", "--to", "./vault", "--kit", "laptop.txt", "--name", "laptop");
        await AddSecretAsync("key", "kit", "--from", "./vault", "--key-file", "kit.txt", "--kit", "again.txt");
        await AddSecretAsync("key", "remove", "old", "--to", "./vault");
        await AddSecretAsync("key", "trust", "--to", "./vault");
        await AddSecretAsync("key", "shred", "app", "--to", "./vault", "--yes");

        Task AddAsync(int code, params string[] command) => AddFromAsync(place, code, command);
        Task AddSecretAsync(params string[] command) => AddFromAsync(secret, 0, command);
        async Task AddFromAsync(Place from, int code, string[] command) =>
            lines.AddRange((await from.RunAsync([.. command, "--json"])).Ends(code).TellsNothing().Json);
    }

    [GeneratedRegex(@"^\| `(?<name>\w+)` \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Field();
}
