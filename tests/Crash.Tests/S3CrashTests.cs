using Holdfast.Crash.Tests.Worlds;
using Holdfast.Stores.S3;
using Holdfast.Testing.Servers;

[assembly: AssemblyFixture(typeof(CephGateway))]

namespace Holdfast.Crash.Tests;

/// <summary>A backup to a real S3 service with retention at its end, killed at what it sends and at what it writes.</summary>
public sealed class S3BackupCrashTests(CephGateway ceph)
{
    private const string Keep = "last=2 min=2";

    [Fact]
    public async Task I_can_back_up_to_S3_after_a_backup_that_prunes_was_killed_anywhere()
    {
        var bucket = await ceph.CreateBucketAsync();
        using var template = World.Create(CopyPlace.In(bucket));
        await Operations.SeedAsync(template, copies: 3);
        var matrix = new CrashMatrix(
            template,
            world => ["backup", world.Source, "--to", world.Place.Address, "--keep", Keep]
        )
        {
            NextPlace = () => CopyPlace.In(bucket),
            MissesOutOfTen = 3,
        };
        await matrix.RunAsync(async world =>
        {
            await Survival.AssertAsync(world, template.Copies.Keys.Max(StringComparer.Ordinal)!);
            await Operations.PruneAsync(world, Keep, TimeProvider.System);
            await Survival.AssertNothingLeftAsync(world);
        });
    }
}
