using System.Text.Json.Nodes;

namespace Holdfast.Cli.Tests.Driving;

/// <summary>Copies of several moments.</summary>
internal static class History
{
    /// <summary>
    /// Makes copies of the first of each month of 2026: the first after a payment of 1, the second after one of 2, and
    /// so on. They are real backups that are moved to another time.
    /// </summary>
    /// <returns>Their ids, names and times, oldest first.</returns>
    public static async Task<IReadOnlyList<(string Id, string Name, string Time)>> MakeAsync(Place place, int count = 3)
    {
        var app = place.Bank();
        for (var month = 1; month <= count; month++)
        {
            Bank.Pay(app, month);
            (await place.RunAsync("backup", "app.db", "--to", "new", "--quiet")).Ends(0);
            Directory.CreateDirectory(place["backups"]);
            MoveTo(place.Copy("new"), place["backups"], new DateTime(2026, month, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        Directory.Delete(place["new"]);
        var list = (await place.RunAsync("list", "app.db", "--json")).Ends(0).JsonOf("snapshot");
        return [.. list.Reverse().Select(l => ((string)l["id"]!, (string)l["name"]!, (string)l["time"]!))];
    }

    private static void MoveTo(string copy, string directory, DateTime time)
    {
        var name = $"app-{time:yyyyMMdd-HHmmss}.db.gz";
        var manifest = JsonNode.Parse(File.ReadAllText(copy + ".json"))!;
        manifest["name"] = name;
        manifest["time"] = time.AddMilliseconds(250).ToString("O");
        File.WriteAllText(Path.Combine(directory, name + ".json"), manifest.ToJsonString());
        File.Move(copy, Path.Combine(directory, name));

        // Copying between disks and buckets changes these times: nothing may depend on them.
        File.SetLastWriteTimeUtc(Path.Combine(directory, name), new DateTime(2030, 1, 1).AddMonths(-time.Month));
        File.Delete(copy + ".json");
    }
}
