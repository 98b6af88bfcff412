namespace Holdfast.Architecture.Tests;

/// <summary>The arrows of ARCHITECTURE.md.</summary>
public class ArrowTests
{
    private const string Core = "Holdfast.Core";
    private const string Command = "holdfast";

    // A package is known in one place only.
    private static readonly Dictionary<string, string> Homes = new(StringComparer.Ordinal)
    {
        ["AWSSDK.Core"] = "Holdfast.Stores.S3",
        ["AWSSDK.S3"] = "Holdfast.Stores.S3",
        ["Microsoft.Extensions.Configuration"] = "Holdfast.Configuration",
        ["Spectre.Console"] = Command,
        ["System.CommandLine"] = Command,
        ["YamlDotNet"] = "Holdfast.Configuration",
    };

    public static TheoryData<string> Rooms =>
        [.. AssemblyFacts.OfTheHouse.Select(f => f.Name).Where(n => n is not (Core or Command))];

    [Fact]
    public void House_AsBuilt_HasAllItsRooms() =>
        Assert.Equal(
            [
                "Holdfast.Agent",
                "Holdfast.Configuration",
                Core,
                "Holdfast.Engines.Sqlite",
                "Holdfast.Stores.Directory",
                "Holdfast.Stores.S3",
                Command,
            ],
            AssemblyFacts.OfTheHouse.Select(f => f.Name)
        );

    [Fact]
    public void Core_References_NoOtherPartAndNoPackage()
    {
        var references = Find(Core).References;
        Assert.DoesNotContain(references, AssemblyFacts.IsOfTheHouse);
        Assert.All(references, name => Assert.True(IsOfTheRuntime(name), name));
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Room_References_OnlyTheCore(string room) =>
        Assert.Equal([Core], Find(room).References.Where(AssemblyFacts.IsOfTheHouse));

    [Fact]
    public void Packages_AreKnown_InOnePlaceOnly()
    {
        foreach (var facts in AssemblyFacts.OfTheHouse)
        {
            var foreign = facts.References.Where(name => !AssemblyFacts.IsOfTheHouse(name) && !IsOfTheRuntime(name));
            Assert.All(foreign, name => Assert.Equal(facts.Name, Homes.GetValueOrDefault(Home(name))));
        }

        static string Home(string name) =>
            name.StartsWith("Microsoft.Extensions.Configuration", StringComparison.Ordinal)
                ? "Microsoft.Extensions.Configuration"
                : name;
    }

    [Fact]
    public void Console_IsTouched_ByTheCommandOnly()
    {
        Assert.Equal([Command], UsersOf(member => member.StartsWith("System.Console.", StringComparison.Ordinal)));
        Assert.Equal(
            [Command],
            AssemblyFacts.OfTheHouse.Where(f => f.References.Contains("System.Console")).Select(f => f.Name)
        );
    }

    [Fact]
    public void EnvironmentVariables_AreRead_ByTheCommandOnly() =>
        Assert.Equal(
            [Command],
            UsersOf(member =>
                member.StartsWith("System.Environment.", StringComparison.Ordinal)
                && member.Contains("EnvironmentVariable", StringComparison.Ordinal)
            )
        );

    private static bool IsOfTheRuntime(string name) =>
        name != "System.CommandLine"
        && (
            name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.Win32.", StringComparison.Ordinal)
        );

    private static AssemblyFacts Find(string name) => AssemblyFacts.OfTheHouse.Single(f => f.Name == name);

    private static IEnumerable<string> UsersOf(Func<string, bool> isMeant) =>
        AssemblyFacts.OfTheHouse.Where(f => f.Members.Any(isMeant)).Select(f => f.Name);
}
