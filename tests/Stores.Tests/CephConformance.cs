using Holdfast.Core.Stores;
using Holdfast.Stores.S3;
using Holdfast.Testing.Servers;

namespace Holdfast.Stores.Tests;

public sealed class CephConformance(CephGateway ceph) : StoreConformance
{
    protected override int LargeSize => (11 << 20) + 1;

    protected override async Task<IObjectStore> CreateStoreAsync() =>
        S3Store.Create(await ceph.CreateBucketAsync() with { Prefix = "some/where" });
}

/// <summary>A bucket that keeps versions, and locks each: it promises the same.</summary>
public sealed class CephLockConformance(CephGateway ceph) : StoreConformance
{
    protected override int LargeSize => (11 << 20) + 1;

    protected override async Task<IObjectStore> CreateStoreAsync() =>
        S3Store.Create(
            await ceph.CreateBucketAsync(locking: true) with
            {
                Prefix = "some/where",
                Lock = new S3Lock(S3LockMode.Governance, TimeSpan.FromHours(1)),
            }
        );
}
