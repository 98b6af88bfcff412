using Holdfast.Crash.Tests.Killing;
using Holdfast.Crash.Tests.Worlds;

namespace Holdfast.Crash.Tests;

/// <summary>A restore over a database whose application crashed: its newest commits are in the -wal beside it.</summary>
public sealed class WalRestoreCrashTests
{
    [Fact]
    public async Task I_find_the_old_or_the_new_database_after_a_restore_over_one_with_a_WAL_was_killed_anywhere()
    {
        using var template = await RestoreCrash.WorldAsync(Leftovers.LeaveWal);
        await RestoreCrash.RunAsync(template, "--force");
    }
}

/// <summary>A restore over a database with a hot journal: without it the database is a half-written transaction.</summary>
public sealed class JournalRestoreCrashTests
{
    [Fact]
    public async Task I_find_the_old_or_the_new_database_after_a_restore_over_a_hot_journal_was_killed_anywhere()
    {
        using var template = await RestoreCrash.WorldAsync(Leftovers.LeaveHotJournal);
        await RestoreCrash.RunAsync(template, "--force");
    }
}

/// <summary>Restores to where no database is.</summary>
public sealed class NewFileRestoreCrashTests
{
    [Fact]
    public async Task I_find_nothing_or_the_new_database_after_a_restore_was_killed_anywhere()
    {
        // The -wal of a database that somebody deleted: replayed into the new one it would give wrong data.
        using var template = await RestoreCrash.WorldAsync(Leftovers.LeaveWal);
        File.Delete(template.Live);
        template.LiveContent = null;
        await RestoreCrash.RunAsync(template);
    }

    [Fact]
    public async Task I_find_nothing_or_the_new_database_after_a_restore_of_what_is_missing_was_killed_anywhere()
    {
        using var template = await RestoreCrash.WorldAsync(Leftovers.LeaveWal);
        Directory.Delete(Path.GetDirectoryName(template.Live)!, recursive: true);
        template.LiveContent = null;
        await RestoreCrash.RunAsync(template, "--if-missing");
    }
}

/// <summary>A restore after one that was killed at the worst moment: between the old database and the new one.</summary>
public sealed class InterruptedRestoreCrashTests
{
    [Fact]
    public async Task I_find_the_new_database_in_the_end_after_one_restore_after_another_was_killed()
    {
        using var template = await RestoreCrash.WorldAsync(Leftovers.LeaveWal);
        await Strace.RequireAsync();
        var command = template.Command(RestoreCrash.Arguments(template, "--force"));
        await Strace.StrikeAsync(command, new KillPoint("rename", 1, "the new database"), Blow.Kill);
        Assert.True(RestoreCrash.IsInterrupted(template.Live));
        await RestoreCrash.RunAsync(template);
    }
}

/// <summary>Restores to a disk that becomes full, or fails.</summary>
public sealed class FailingDiskRestoreTests
{
    [Fact]
    public async Task I_keep_the_old_database_when_the_disk_becomes_full_during_a_restore()
    {
        using var template = await RestoreCrash.WorldAsync(Leftovers.LeaveWal);
        await RestoreCrash.RunAsync(template, Blow.DiskFull, "--force");
    }

    [Fact]
    public async Task I_keep_the_old_database_when_the_disk_fails_during_a_restore()
    {
        using var template = await RestoreCrash.WorldAsync(Leftovers.LeaveWal);
        await RestoreCrash.RunAsync(template, Blow.DiskError, "--force");
    }
}
