using Holdfast.Cli.Tests.Driving;

namespace Holdfast.Cli.Tests;

public sealed class VerifyStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    public static TheoryData<string, string> DamageAndTheLevelThatFindsIt =>
        new()
        {
            { "flipped bit", "content" },
            { "flipped bit", "restore" },
            { "swapped object", "stored" },
            { "swapped object", "restore" },
            { "swapped object of the same size", "content" },
            { "truncated", "stored" },
            { "truncated", "restore" },
            { "emptied", "stored" },
            { "missing", "stored" },
            { "checksum in the manifest", "content" },
            { "checksum of the content in the manifest", "content" },
            { "size in the manifest", "stored" },
            { "no rows where there were some", "restore" },
            { "manifest cut off", "stored" },
        };

    [Theory]
    [MemberData(nameof(DamageAndTheLevelThatFindsIt))]
    public async Task I_learn_of_damage_and_it_is_remembered(string damage, string level)
    {
        await BackUpAsync();
        await HarmAsync(damage);
        var run = (await place.RunAsync("verify", "app.db", "--level", level)).Ends(4).Says("bad", "app-");
        run.Tells("1 of 1 copy at", "is damaged");
        var json = (await place.RunAsync("verify", "app.db", "--level", level, "--json")).Ends(4).TellsNothing();
        Assert.Equal("bad", (string)json.Json[0]["outcome"]!);
        Assert.NotEmpty(json.Json[0]["problems"]!.AsArray());
        Assert.True((bool)json.Json[0]["recorded"]!);
        Assert.Equal(4, (int)json.Json[^1]["code"]!);
        var listed = (await place.RunAsync("list", "app.db", "--json")).Ends(0).JsonOf("snapshot");
        Assert.Equal("bad", (string)Assert.Single(listed)["state"]!);
        (await place.RunAsync("status", "app.db")).Ends(0).Says("NONE", "no good copy");
    }

    [Fact]
    public async Task I_can_prove_a_copy_at_each_level()
    {
        await BackUpAsync();
        (await place.RunAsync("verify", "app.db", "--level", "stored")).Ends(0).Says("good", "looked at");
        (await place.RunAsync("status", "app.db")).Ends(0).Says("UNPROVEN", "never restored");
        (await place.RunAsync("verify", "app.db", "--level", "content")).Ends(0).Says("read and compared");
        (await place.RunAsync("list", "app.db")).Says("verified 20");
        (await place.RunAsync("status", "app.db")).Ends(0).Says("UNPROVEN");
        var run = (await place.RunAsync("verify", "app.db", "--json")).Ends(0).TellsNothing();
        var result = Assert.Single(run.Json);
        Assert.Equal("restore", (string)result["level"]!);
        Assert.Contains("integrity_check", result["checks"]!.AsArray().Select(c => (string)c!));
        Assert.Contains("row counts", result["checks"]!.AsArray().Select(c => (string)c!));
        (await place.RunAsync("status", "app.db")).Ends(0).Says("OK", "restored");
        (await place.RunAsync("list", "app.db")).Says("restored 20");
        place.AssertNothingIsLeft("nowhere");
    }

    [Fact]
    public async Task I_can_verify_every_copy_and_find_the_damaged_one()
    {
        var copies = await History.MakeAsync(place);
        Damage.FlipBit(place[$"backups/{copies[1].Name}"]);
        (await place.RunAsync("verify", "app.db")).Ends(0).Says(copies[2].Name);
        var all = (await place.RunAsync("verify", "app.db", "--all")).Ends(4).Tells("1 of 3 copies");
        all.Says($"good  {copies[0].Name}", $"bad   {copies[1].Name}", $"good  {copies[2].Name}");
        (await place.RunAsync("verify", "app.db", "--id", copies[0].Id)).Ends(0).Says(copies[0].Name);
        (await place.RunAsync("verify", "app.db", "--id", copies[1].Name)).Ends(4);
        (await place.RunAsync("verify", "app.db", "--all", "--latest")).Ends(2);
    }

    [Fact]
    public async Task I_can_verify_whatever_is_at_a_target_without_its_database()
    {
        await BackUpAsync();
        place.Bank("other.db");
        (await place.RunAsync("backup", "other.db")).Ends(0);
        var run = (await place.RunAsync("verify", "--from", "backups", "--all")).Ends(0);
        run.Says("app-", "other-");
    }

    [Fact]
    public async Task I_am_told_that_verifying_nothing_proves_nothing()
    {
        Directory.CreateDirectory(place["backups"]);
        (await place.RunAsync("verify", "app", "--from", "backups", "--all")).Ends(15).SaysNothing();
        (await place.RunAsync("verify", "app", "--from", "nowhere")).Ends(10).SaysNothing();
        (await place.RunAsync("verify", "app", "--from", place.DeadTarget())).Ends(14).SaysNothing();
    }

    [Fact]
    public async Task I_learn_of_damage_although_another_target_is_well()
    {
        await BackUpAsync();
        (await place.RunAsync("backup", "app.db", "--to", "other")).Ends(0);
        Damage.FlipBit(place.Copy());
        (await place.RunAsync("verify", "app", "--from", "backups", "--from", "other")).Ends(4).Says("bad", "good");
    }

    [Fact]
    public async Task I_am_told_that_damage_is_gone_when_the_copy_was_repaired()
    {
        await BackUpAsync();
        Damage.FlipBit(place.Copy());
        (await place.RunAsync("verify", "app.db")).Ends(4);
        Damage.FlipBit(place.Copy());
        (await place.RunAsync("verify", "app.db")).Ends(0);
        (await place.RunAsync("status", "app.db")).Ends(0).Says("OK");
    }

    private async Task BackUpAsync()
    {
        place.Bank();
        (await place.RunAsync("backup", "app.db", "--quiet")).Ends(0);
    }

    private async Task HarmAsync(string damage)
    {
        var copy = place.Copy();
        switch (damage)
        {
            case "flipped bit":
                Damage.FlipBit(copy);
                break;
            case "swapped object":
                File.Copy(await OtherCopyAsync(place.Bank("other.db", accounts: 400)), copy, overwrite: true);
                break;
            case "swapped object of the same size":
                await SwapUncompressedAsync();
                break;
            case "truncated":
                Damage.Truncate(copy);
                break;
            case "emptied":
                Damage.Empty(copy);
                break;
            case "missing":
                File.Delete(copy);
                break;
            case "checksum in the manifest":
                Damage.Forge(copy, "sha256", new string('0', 64));
                break;
            case "checksum of the content in the manifest":
                Damage.Forge(copy, "contentSha256", new string('0', 64));
                break;
            case "size in the manifest":
                Damage.Forge(copy, "size", 1);
                break;
            case "no rows where there were some":
                await EmptyTheDatabaseAsync(copy);
                break;
            case "manifest cut off":
                Damage.Truncate(copy + ".json");
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(damage), damage, message: null);
        }
    }

    private async Task<string> OtherCopyAsync(string database)
    {
        (await place.RunAsync("backup", database, "--to", "others", "--compress", "none", "--quiet")).Ends(0);
        return place.Copy("others");
    }

    // Two uncompressed databases with the same number of pages: only the content tells them apart.
    private async Task SwapUncompressedAsync()
    {
        Directory.Delete(place["backups"], recursive: true);
        (await place.RunAsync("backup", "app.db", "--compress", "none", "--quiet")).Ends(0);
        var other = await OtherCopyAsync(place.Bank("other.db"));
        Assert.Equal(new FileInfo(other).Length, new FileInfo(place.Copy()).Length);
        File.Copy(other, place.Copy(), overwrite: true);
    }

    // A sound database without rows, under a manifest that was forged to fit all of it but the rows.
    private async Task EmptyTheDatabaseAsync(string copy)
    {
        var empty = await OtherCopyAsync(place.Bank("other.db", accounts: 0));
        var manifest = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(empty + ".json"))!;
        File.Copy(empty, copy, overwrite: true);
        foreach (var name in (string[])["size", "sha256", "contentSize", "contentSha256", "compression"])
        {
            Damage.Forge(copy, name, manifest[name]!.DeepClone());
        }
    }
}
