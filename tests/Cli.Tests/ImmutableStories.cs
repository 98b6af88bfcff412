using Amazon.S3;
using Amazon.S3.Model;
using Holdfast.Cli.Tests.Driving;
using Holdfast.Stores.S3;
using Holdfast.Testing.Servers;

namespace Holdfast.Cli.Tests;

/// <summary>A bucket that keeps versions and locks them, and somebody who has got the keys to it.</summary>
public sealed class ImmutableStories(CephGateway ceph) : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_get_back_the_copies_that_an_attacker_overwrote_and_deleted()
    {
        var bucket = await ConfigureAsync();
        place.Bank();
        (await place.RunAsync("backup")).Ends(0);
        (await place.RunAsync("doctor")).Ends(0).Says("PASS  lock", "locks them until", "--as-of");
        var then = await NowAsync(bucket);
        await AttackAsync(bucket);

        (await place.RunAsync("restore", "app", "--output", "r.db")).Ends(15);
        Assert.False(File.Exists(place["r.db"]));
        (await place.RunAsync("list", "app", "--as-of", then)).Ends(0).Says("app-");
        (await place.RunAsync("verify", "app", "--as-of", then)).Ends(0).Says("good");
        (await place.RunAsync("restore", "app", "--as-of", then, "--output", "r.db")).Ends(0);
        Bank.AssertWhole(place["r.db"]);
        // Before there was any.
        (await place.RunAsync("restore", "app", "--as-of", "1 day ago", "--output", "o.db")).Ends(15);
    }

    [Fact]
    public async Task I_get_back_every_commit_that_an_attacker_overwrote_and_deleted()
    {
        var bucket = await ConfigureAsync();
        var locking = bucket with { Prefix = "prod", Lock = new S3Lock(S3LockMode.Compliance, TimeSpan.FromHours(1)) };
        using (var store = S3Store.Create(locking))
        {
            await using var bank = await CapturedBank.StartAsync(place, target: store);
            for (var amount = 1; amount <= 3; amount++)
            {
                _ = await bank.PayAsync(amount);
            }

            var then = await NowAsync(bucket);
            await AttackAsync(bucket);
            (await place.RunAsync("restore", "app", "--output", "r.db")).Ends(15);
            (await place.RunAsync("list", "app", "--as-of", then)).Ends(0).Says("recoverable");
            (await place.RunAsync("log", "app", "--as-of", then)).Ends(0);
            foreach (var (commit, paid) in bank.Commits)
            {
                string[] restore = ["restore", "app", "--as-of", then, "--output", $"{paid}.db"];
                (await place.RunAsync([.. restore, "--at", commit.Time.ToString("O")])).Ends(0);
                Bank.AssertWhole(place[$"{paid}.db"]);
                Assert.Equal(paid, Bank.LastPaid(place[$"{paid}.db"]));
            }
        }
    }

    [Fact]
    public async Task I_am_told_when_the_bucket_cannot_lock_and_nothing_is_stored()
    {
        var bucket = await ConfigureAsync(locking: false);
        place.Bank();
        (await place.RunAsync("doctor")).Ends(1).Says("FAIL  lock", "no object lock");
        (await place.RunAsync("backup")).Ends(1).Tells("no object lock", "remove lock from the target");
        using var client = S3TestServer.RawClient(bucket);
        Assert.Empty((await client.ListObjectsV2Async(new() { BucketName = bucket.Bucket })).S3Objects ?? []);
    }

    [Fact]
    public async Task I_am_told_where_the_past_is_not_kept()
    {
        place.Bank();
        (await place.RunAsync("backup", "app.db", "--to", "backups")).Ends(0);
        (await place.RunAsync("restore", "app", "--from", "backups", "--as-of", "1h", "--output", "r.db"))
            .Ends(2)
            .Tells("keeps no versions");
        (await place.RunAsync("list", "app", "--from", "backups", "--as-of", "teatime")).Ends(2);
    }

    private async Task<S3Options> ConfigureAsync(bool locking = true)
    {
        var bucket = await ceph.CreateBucketAsync(locking);
        place.Variables["OFFSITE_SECRET"] = bucket.Credentials!.SecretKey;
        await File.WriteAllTextAsync(
            place["holdfast.yaml"],
            $$"""
            targets:
              offsite:
                url: s3://{{bucket.Bucket}}/prod
                endpoint: {{bucket.Endpoint}}
                accessKey: {{bucket.Credentials.AccessKey}}
                secretKey: ${env:OFFSITE_SECRET}
                lock: { mode: compliance, for: 1h }
                expire:
                  accessKey: {{bucket.Credentials.AccessKey}}
                  secretKey: ${env:OFFSITE_SECRET}
            databases:
              app: { source: app.db }

            """
        );
        return bucket;
    }

    /// <summary>The time of the store, after all that was written.</summary>
    private static async Task<string> NowAsync(S3Options bucket)
    {
        using var client = S3TestServer.RawClient(bucket);
        var clock = new PutObjectRequest { BucketName = bucket.Bucket, Key = "clock", ContentBody = "now" };
        clock.UseChunkEncoding = false;
        await client.PutObjectAsync(clock);
        var versions = (await client.ListVersionsAsync(bucket.Bucket, "clock")).Versions;
        return versions[0].LastModified!.Value.ToUniversalTime().ToString("O");
    }

    /// <summary>With the owner's keys: whatever can be overwritten or deleted is.</summary>
    private static async Task AttackAsync(S3Options bucket)
    {
        using var client = S3TestServer.RawClient(bucket);
        var versions = (await client.ListVersionsAsync(bucket.Bucket, "prod/")).Versions;
        Assert.NotEmpty(versions);
        foreach (var key in versions.Select(version => version.Key).Distinct())
        {
            await client.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = bucket.Bucket,
                    Key = key,
                    ContentBody = "pay, or never see it again",
                    UseChunkEncoding = false,
                }
            );
            await client.DeleteObjectAsync(bucket.Bucket, key);
        }

        foreach (var version in versions.Where(version => version.IsDeleteMarker != true))
        {
            var refused = await Assert.ThrowsAsync<AmazonS3Exception>(() =>
                client.DeleteObjectAsync(bucket.Bucket, version.Key, version.VersionId)
            );
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, refused.StatusCode);
        }
    }
}
