using Holdfast.Core.Engines;
using Holdfast.Core.Stores;
using Holdfast.Stores.Directories;
using Holdfast.Stores.S3;
using Holdfast.Testing;
using Holdfast.Testing.Servers;

namespace Holdfast.Stores.Tests;

public sealed class StoreProbeTests(CephGateway ceph, S3Rver s3rver) : IDisposable
{
    private readonly ScratchDirectory scratch = new();

    public void Dispose() => scratch.Dispose();

    [Fact]
    public async Task Run_Directory_PassesAndLeavesNothing()
    {
        using var store = new DirectoryStore(scratch["store"], createRoot: true);
        await AssertPassesAsync(store);
        Assert.Empty(Directory.EnumerateFileSystemEntries(scratch["store"]));
    }

    [Fact]
    public async Task Run_Ceph_PassesAndLeavesNothing()
    {
        using var store = S3Store.Create(await ceph.CreateBucketAsync());
        await AssertPassesAsync(store);
    }

    [Fact]
    public async Task Run_StoreThatIgnoresConditions_IsDetected()
    {
        using var store = S3Store.Create(await s3rver.CreateBucketAsync());
        var findings = await StoreProbe.RunAsync(store, TimeProvider.System, largeSize: null, CancellationToken.None);
        var finding = Assert.Single(findings, finding => finding.Subject == "conditional write");
        Assert.Equal(FindingSeverity.Fail, finding.Severity);
        Assert.Contains("ignores the condition", finding.Message, StringComparison.Ordinal);
        Assert.Empty(await store.ListAsync());
    }

    [Fact]
    public async Task Run_MissingDirectory_IsOneFindingWithTheWayOut()
    {
        using var store = new DirectoryStore(scratch["missing"], createRoot: false);
        var findings = await StoreProbe.RunAsync(store, TimeProvider.System, largeSize: null, CancellationToken.None);
        Assert.All(findings, finding => Assert.Equal(FindingSeverity.Fail, finding.Severity));
        Assert.Contains(scratch["missing"], findings[0].Message, StringComparison.Ordinal);
        Assert.NotNull(findings[0].Fix);
    }

    [Fact]
    public async Task Run_ClockAnHourOff_Warns()
    {
        using var store = new DirectoryStore(scratch["store"], createRoot: true);
        var findings = await StoreProbe.RunAsync(store, new ShiftedTime(), largeSize: null, CancellationToken.None);
        Assert.Equal(FindingSeverity.Warn, Assert.Single(findings, finding => finding.Subject == "clock").Severity);
    }

    [Fact]
    public async Task Run_FlippedBit_Fails() =>
        await AssertFailsAsync(
            "read",
            store => store.FailAll(StoreOperation.OpenRead, new InjectedFault { FlipBitAt = 5 })
        );

    [Fact]
    public async Task Run_TruncatedBody_Fails() =>
        await AssertFailsAsync(
            "read",
            store => store.FailAll(StoreOperation.OpenRead, new InjectedFault { TruncateAt = 5 })
        );

    [Fact]
    public async Task Run_StaleList_Fails() =>
        await AssertFailsAsync("list", store => store.FailAll(StoreOperation.List, new InjectedFault { Stale = true }));

    [Fact]
    public async Task Run_DeleteForbidden_Fails() =>
        await AssertFailsAsync("delete", store => store.FailAll(StoreOperation.Delete, InjectedFault.Denied()));

    private static async Task AssertPassesAsync(IObjectStore store)
    {
        var findings = await StoreProbe.RunAsync(store, TimeProvider.System, 7 << 20, CancellationToken.None);
        Assert.All(findings, finding => Assert.True(finding.Severity == FindingSeverity.Pass, finding.ToString()));
        Assert.Equal(
            ["write", "conditional write", "read", "list", "clock", "large content", "delete"],
            findings.Select(finding => finding.Subject).Where(subject => subject != "versions")
        );
        Assert.Empty(await store.ListAsync());
    }

    private async Task AssertFailsAsync(string subject, Action<FaultInjectingStore> spoil)
    {
        using var store = new FaultInjectingStore(new DirectoryStore(scratch["store"], createRoot: true));
        spoil(store);
        var findings = await StoreProbe.RunAsync(store, TimeProvider.System, largeSize: null, CancellationToken.None);
        Assert.Contains(findings, finding => finding.Subject == subject && finding.Severity == FindingSeverity.Fail);
    }

    private sealed class ShiftedTime : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddHours(1);
    }
}
