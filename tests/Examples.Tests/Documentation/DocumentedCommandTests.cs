using System.Text.RegularExpressions;
using Holdfast.Testing;
using Holdfast.Testing.CommandLine;

namespace Holdfast.Examples.Tests.Documentation;

/// <summary>
/// The commands of the pages are run as they stand there, each block in a place of its own; see
/// <see cref="DocumentedCommand.Of"/> for which, and <see cref="PreparedPlace"/> for where.
/// </summary>
public sealed partial class DocumentedCommandTests(PreparedPlace prepared, ITestOutputHelper output)
    : IClassFixture<PreparedPlace>
{
    private static readonly IReadOnlyList<FencedBlock> Blocks = [.. Pages().SelectMany(BlocksOf)];

    public static TheoryData<string> Executed =>
        [.. Blocks.Where(b => DocumentedCommand.Of(b).Count > 0).Select(b => b.Id)];

    [Theory]
    [MemberData(nameof(Executed))]
    public async Task The_commands_of_a_page_do_what_it_says(string id)
    {
        var block = Blocks.Single(b => b.Id == id);
        using var place = await prepared.CreateAsync(block, ConfigurationFor(block));
        var commands = DocumentedCommand.Of(block);

        var (codes, result) = await RunAsync(place, commands);

        Assert.True(
            commands.Select(c => c.ExitCode).SequenceEqual(codes),
            $"{id}: {string.Join("; ", commands.Zip(codes).Where(c => c.First.ExitCode != c.Second).Select(c => $"exit code {c.Second} of: {c.First.Text}"))}\n{result}"
        );
    }

    [Fact]
    public void What_is_not_run_is_marked()
    {
        var notRun = Blocks
            .Where(b => DocumentedCommand.Of(b).Count == 0)
            .SelectMany(b => b.Lines.Where(DocumentedCommand.IsHoldfast).Select(line => (Block: b, Line: line)))
            .ToList();

        notRun.ForEach(n => output.WriteLine($"not run: {n.Block.Id}: {n.Line}"));
        Assert.All(notRun, n => Assert.True(n.Block.Language == "console", $"{n.Block.Id}: mark it sh or console"));
    }

    [Fact]
    public async Task Systemd_understands_the_units_of_the_page_about_backups()
    {
        using var place = new ShellPlace();
        await Example.RequireAsync(place, "systemd-analyze", "systemd");
        var units = Blocks.Where(b => b is { Page: "docs/backup.md", Language: "ini" }).ToList();
        Assert.Equal(2, units.Count);
        foreach (var unit in units)
        {
            var kind = unit.Lines.Contains("[Timer]") ? "timer" : "service";
            var text = string.Join('\n', unit.Lines)
                .Replace("/usr/local/bin/holdfast", "/bin/true", StringComparison.Ordinal);
            await File.WriteAllTextAsync(place[$"holdfast-backup.{kind}"], text);
        }

        var result = await place.DoAsync(
            "systemd-analyze verify holdfast-backup.service && systemd-analyze verify holdfast-backup.timer"
        );

        Assert.Equal("", result.Errors);
    }

    // One shell for the block, so that cd and variables last; each command leaves its exit code.
    private static async Task<(IReadOnlyList<int> Codes, ShellResult Result)> RunAsync(
        ShellPlace place,
        IReadOnlyList<DocumentedCommand> commands
    )
    {
        using var scratch = new ScratchDirectory();
        var codes = scratch["codes"];
        await File.WriteAllTextAsync(codes, "");
        var script = string.Concat(commands.Select(c => $"{Ending(c.Text)}\necho $? >> '{codes}'\n"));
        var result = await place.RunAsync(script);
        return ([.. (await File.ReadAllLinesAsync(codes)).Select(int.Parse)], result);
    }

    // An agent runs until it is told to end.
    private static string Ending(string command) =>
        AgentPattern().IsMatch(command) ? $"timeout --preserve-status --signal TERM 10 {command}" : command;

    [GeneratedRegex(@"^(\./)?holdfast run\b")]
    private static partial Regex AgentPattern();

    private static FencedBlock? ConfigurationFor(FencedBlock block) =>
        Blocks.LastOrDefault(b =>
            b.Page == block.Page && b.Line < block.Line && b is { Language: "yaml", Lines: ["# holdfast.yaml", ..] }
        );

    private static IEnumerable<string> Pages() =>
        ((string[])["docs", "examples"])
            .Select(folder => Path.Combine(Repository.Root, folder))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories))
            .Where(page => !page.Contains("/node_modules/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Prepend(Path.Combine(Repository.Root, "README.md"));

    private static IReadOnlyList<FencedBlock> BlocksOf(string page) =>
        MarkdownPage.BlocksOf(Path.GetRelativePath(Repository.Root, page), File.ReadAllLines(page));
}
