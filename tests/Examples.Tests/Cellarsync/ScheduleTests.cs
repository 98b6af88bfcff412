using Holdfast.Testing.CommandLine;

namespace Holdfast.Examples.Tests.Cellarsync;

/// <summary>That systemd and cron understand what is given to them, and that what they would run, runs.</summary>
public sealed class ScheduleTests : CellarsyncPlace
{
    private const string InstalledAt = "/opt/cellarsync";

    [Theory]
    [InlineData("cellarsync-backup.service")]
    [InlineData("cellarsync-backup.timer")]
    [InlineData("cellarsync-backup-verify.service")]
    [InlineData("cellarsync-backup-verify.timer")]
    public async Task Systemd_has_nothing_to_say_against_a_unit(string unit)
    {
        await Example.RequireAsync(Place, "systemd-analyze", "systemd");
        await Place.DoAsync($"sed -i 's#{InstalledAt}#{Place.Work}#' systemd/*");

        var result = await Place.DoAsync($"systemd-analyze verify 'systemd/{unit}'");

        // An unknown key is a warning only.
        Assert.Equal("", result.Errors);
    }

    [Theory]
    [InlineData("cellarsync-backup.timer", "2026-03-04 12:00:00", "Thu 2026-03-05 03:00:00")]
    [InlineData("cellarsync-backup-verify.timer", "2026-03-04 12:00:00", "Sun 2026-03-08 04:00:00")]
    public async Task A_timer_elapses_when_it_should(string unit, string now, string next)
    {
        await Example.RequireAsync(Place, "systemd-analyze", "systemd");
        var schedule = Values($"systemd/{unit}", "OnCalendar=").Single();

        var result = await Place.DoAsync($"TZ=UTC systemd-analyze calendar --base-time='{now}' '{schedule}'");

        Assert.Contains($"Next elapse: {next}", result.Output, StringComparison.Ordinal);
        Assert.Equal(["true"], Values($"systemd/{unit}", "Persistent="));
    }

    [Fact]
    public async Task What_the_services_run_backs_up_and_verifies()
    {
        await RunAsAsync("cellarsync-backup.service");
        var result = await RunAsAsync("cellarsync-backup-verify.service");

        Assert.Single(Copies());
        Assert.Contains("verification ok", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cron_runs_backs_up_and_verifies_and_is_logged()
    {
        var lines = File.ReadAllLines(Place["crontab"]).Where(l => char.IsAsciiDigit(l.FirstOrDefault())).ToList();
        Assert.Equal(["0 3 * * *", "0 4 * * 0"], lines.Select(l => string.Join(' ', l.Split(' ').Take(5))));

        foreach (var line in lines)
        {
            var command = string.Join(' ', line.Split(' ').Skip(5))
                .Replace(InstalledAt, Place.Work, StringComparison.Ordinal)
                .Replace("/var/log", Place.Work, StringComparison.Ordinal);
            await Place.DoAsync(command);
        }

        Assert.Single(Copies());
        Assert.Contains(
            "cellarsync backup verification ok (exit code 0)",
            File.ReadAllLines(Place["cellarsync-backup.log"])
        );
    }

    [Fact]
    public async Task The_configuration_is_valid_and_says_what_was_asked()
    {
        string[] own =
        [
            "DATABASE_PATH",
            "BACKUP_DIR",
            "HOLDFAST__databases__cellar__source",
            "HOLDFAST__targets__local",
        ];
        Array.ForEach(own, name => Place.Environment.Remove(name));

        await Place.DoAsync("holdfast config validate");
        var shown = (await Place.DoAsync("holdfast config show")).Output;

        Assert.Contains("/var/backups/cellarsync", shown, StringComparison.Ordinal);
        Assert.Contains("/var/data/cellarsync/cellar.db", shown, StringComparison.Ordinal);
        Assert.Contains("30d", shown, StringComparison.Ordinal);
    }

    // The environment and the command line of a unit, with the paths of this place.
    private Task<ShellResult> RunAsAsync(string unit)
    {
        var environment = Values($"systemd/{unit}", "Environment=")
            .Select(Here)
            .Select(assignment => $"'{assignment}'");
        var command = Here(Values($"systemd/{unit}", "ExecStart=").Single());
        return Place.DoAsync($"env {string.Join(' ', environment)} '{command}'");
    }

    private string Here(string value) =>
        value
            .Replace(InstalledAt, Place.Work, StringComparison.Ordinal)
            .Replace("/var/data/cellarsync", Place["data"], StringComparison.Ordinal)
            .Replace("/var/backups/cellarsync", Place["backups"], StringComparison.Ordinal)
            .Replace("/usr/local/bin/holdfast", "holdfast", StringComparison.Ordinal)
            .Replace("/var/lib/", $"{Place.Work}/state/", StringComparison.Ordinal);

    private IEnumerable<string> Values(string file, string key) =>
        File.ReadAllLines(Place[file])
            .Where(line => line.StartsWith(key, StringComparison.Ordinal))
            .Select(line => line[key.Length..]);
}
