using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;
using Holdfast.Crash.Tests.Worlds;

namespace Holdfast.Crash.Tests;

/// <summary>Retention that marks some copies and deletes those that it marked long ago.</summary>
public sealed class PruneCrashTests
{
    private const string Rules = "last=2 min=2 grace=7d";

    [Fact]
    public async Task I_have_what_the_rules_keep_after_pruning_was_killed_anywhere()
    {
        using var template = World.Create();
        await Operations.SeedAsync(template, copies: 6);

        // The two oldest were marked long ago; then another rule took the third into its keeping, and out of it again.
        var longAgo = new FixedClock(TimeProvider.System.GetUtcNow().AddDays(-10));
        await Operations.MarkAsync(template, template.Copies.Keys.Order(StringComparer.Ordinal).Take(2), longAgo);
        await Operations.MarkAsync(template, [template.Copies.Keys.Max(StringComparer.Ordinal)!], longAgo);
        var kept = template.Copies.Keys.Order(StringComparer.Ordinal).Skip(2).ToArray();

        var matrix = new CrashMatrix(
            template,
            world => ["prune", "app", "--from", world.Place.Address, "--keep", Rules, "--yes"]
        );
        await matrix.RunAsync(async world =>
        {
            await Survival.AssertCopiesAsync(world, kept);
            await Operations.PruneAsync(world, Rules, TimeProvider.System);
            var entries = await Survival.AssertCopiesAsync(world, kept);
            Assert.Equal(4, entries.Count(e => e.State == CopyState.Good));

            // Of a copy that was half deleted the grace period begins anew.
            Assert.InRange(entries.Count, 4, 5);
            Assert.Equal(2, entries.Count(e => !e.IsMarked));
            await Survival.AssertAsync(world, kept);
        });
    }

    [Fact]
    public async Task I_lose_track_of_no_copy_with_a_name_of_its_own_after_pruning_was_killed_anywhere()
    {
        using var template = World.Create();
        var name = NameTemplate.Parse("{time:yyyyMMddHHmmss}_{database}.db", "app", TimeZoneInfo.Utc);
        await Operations.SeedAsync(template, copies: 3, name: name);
        var matrix = new CrashMatrix(
            template,
            world => ["prune", "app", "--from", world.Place.Address, "--keep", "last=1 min=1", "--yes"]
        );
        await matrix.RunAsync(async world =>
        {
            await Operations.PruneAsync(world, "last=1 min=1", TimeProvider.System);
            var newest = template.Copies.Keys.Max(StringComparer.Ordinal)!;
            var left = await Survival.AssertCopiesAsync(world, newest);
            Assert.Single(left);
            await Survival.AssertAsync(world, newest);
        });
    }
}

/// <summary>Verifications that put their results beside the copies, one of which was thought to be damaged.</summary>
public sealed class VerifyCrashTests
{
    [Fact]
    public async Task I_can_rely_on_what_is_recorded_after_a_verification_was_killed_anywhere()
    {
        using var template = World.Create();
        await Operations.SeedAsync(template, copies: 2);
        using (var store = template.Place.Open())
        {
            var suspect = new ObjectKey(template.Copies.Keys.Min(StringComparer.Ordinal)!);
            var record = ObjectContent.FromBytes("{}"u8.ToArray());
            await store.PutAsync(Sidecar.Damaged.For(suspect), record, PutCondition.Always, CancellationToken.None);
        }

        var matrix = new CrashMatrix(
            template,
            world => ["verify", "app", "--from", world.Place.Address, "--all", "--level", "restore"]
        );
        await matrix.RunAsync(async world =>
        {
            await Survival.AssertAsync(world, template.Copies.Keys);
            await Operations.VerifyAllAsync(world);
            Assert.All(
                await Operations.ListAsync(world),
                e => Assert.Equal((CopyState.Good, true), (e.State, e.Sidecars.Contains(Sidecar.Verified)))
            );
        });
    }
}

/// <summary>A pin on a copy that retention has marked.</summary>
public sealed class PinCrashTests
{
    [Fact]
    public async Task I_can_pin_a_copy_after_pinning_it_was_killed_anywhere()
    {
        using var template = World.Create();
        await Operations.SeedAsync(template, copies: 3);
        var oldest = template.Copies.Keys.Min(StringComparer.Ordinal)!;
        await Operations.MarkAsync(template, [oldest], new FixedClock(TimeProvider.System.GetUtcNow().AddDays(-1)));
        var matrix = new CrashMatrix(template, world => ["pin", "app", "--from", world.Place.Address, "--id", oldest]);
        await matrix.RunAsync(async world =>
        {
            var again = await world.Command("pin", "app", "--from", world.Place.Address, "--id", oldest).RunAsync();
            Assert.Equal(0, again.Code);
            var entry = (await Operations.ListAsync(world)).Single(e => e.Key.Value == oldest);
            Assert.Equal((true, false), (entry.IsPinned, entry.IsMarked));

            await Operations.PruneAsync(world, "last=1 min=1", TimeProvider.System);
            await Survival.AssertAsync(world, oldest);
        });
    }
}
