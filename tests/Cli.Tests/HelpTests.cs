using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Tests.Driving;
using Holdfast.Testing;

namespace Holdfast.Cli.Tests;

public class HelpTests
{
    public static TheoryData<string, string> Examples =>
        [.. CommandsDocument.Leaves(HoldfastCommand.Create()).Select(c => (HelpText.Call(c), c.Example))];

    [Theory]
    [MemberData(nameof(Examples))]
    public async Task Example_Run_Works(string command, string example)
    {
        using var place = new Place();
        place.Bank();
        for (var copy = 0; copy < 2; copy++)
        {
            (await place.RunAsync("backup", "app.db", "--to", "./backups", "--quiet")).Ends(0);
        }

        if (example.StartsWith("holdfast key", StringComparison.Ordinal))
        {
            await Vaults.MakeAsync(place);
        }
        else if (example.Contains("./vault", StringComparison.Ordinal))
        {
            await using var captured = await CapturedBank.StartAsync(place);
        }

        await File.WriteAllTextAsync(place["migrate.sh"], "#!/bin/sh\necho migrated\n");
        File.SetUnixFileMode(place["migrate.sh"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.StartsWith("holdfast ", command);
        (await place.BashAsync(example)).Ends(0);
    }

    [Fact]
    public void Help_OfEachCommand_IsComplete()
    {
        Assert.All(
            CommandsDocument.Leaves(HoldfastCommand.Create()),
            command =>
            {
                var lines = HelpText.Lines(command, width: 100).ToList();
                Assert.Contains($"  {command.Example}", lines);
                Assert.All(lines, line => Assert.True(line.Length <= 100 || line.Contains(command.Example), line));
                Assert.All(command.Options, option => Assert.False(string.IsNullOrEmpty(option.Description)));
                Assert.All(command.Arguments, argument => Assert.False(string.IsNullOrEmpty(argument.Description)));
            }
        );
    }

    [Fact]
    public void Reference_InDocs_IsThatOfTheCommands()
    {
        var path = Path.Combine(Repository.Root, "docs", "commands.md");
        var expected = CommandsDocument.Write();
        if (Environment.GetEnvironmentVariable("HOLDFAST_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == expected,
            "docs/commands.md is out of date: run this test with HOLDFAST_WRITE_DOCS=1"
        );
    }
}
