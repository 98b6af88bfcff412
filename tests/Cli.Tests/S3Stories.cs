using Holdfast.Cli.Tests.Driving;
using Holdfast.Stores.S3;
using Holdfast.Testing.Servers;

namespace Holdfast.Cli.Tests;

public sealed class S3Stories(CephGateway ceph) : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_can_keep_copies_in_a_bucket_with_the_variables_of_Amazon()
    {
        var bucket = await ceph.CreateBucketAsync();
        UseAmazonVariables(bucket);
        place.Variables["AWS_ENDPOINT_URL_S3"] = bucket.Endpoint!.ToString();
        place.Variables["AWS_REGION"] = "us-east-1";
        await KeepAndGetBackAsync($"s3://{bucket.Bucket}/prod");
    }

    [Fact]
    public async Task I_can_keep_copies_in_a_bucket_with_the_variables_of_MinIO()
    {
        var bucket = await ceph.CreateBucketAsync();
        place.Variables["MINIO_ENDPOINT"] = bucket.Endpoint!.Authority;
        place.Variables["MINIO_USE_SSL"] = "false";
        place.Variables["MINIO_ACCESS_KEY"] = bucket.Credentials!.AccessKey;
        place.Variables["MINIO_SECRET_KEY"] = bucket.Credentials.SecretKey;
        place.Variables["MINIO_BUCKET"] = bucket.Bucket;
        place.Variables["MINIO_PREFIX"] = "prod";
        await KeepAndGetBackAsync("s3://");
        await KeepAndGetBackAsync($"s3://{bucket.Bucket}/other");
    }

    [Fact]
    public async Task I_can_keep_copies_in_a_bucket_by_configuration()
    {
        var bucket = await ceph.CreateBucketAsync();
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
              local: ./backups
            databases:
              app: { source: app.db, snapshots: { to: [local, offsite] } }

            """
        );
        place.Bank();
        (await place.RunAsync("backup")).Ends(0).Says(place["backups"], $"s3://{bucket.Bucket}/prod/app-");
        Directory.Delete(place["backups"], recursive: true);
        (await place.RunAsync("restore", "app", "--output", "r.db")).Ends(0).Tells("warning: local").Says("s3://");
        Bank.AssertWhole(place["r.db"]);
        (await place.RunAsync("doctor")).Ends(0).Says("PASS");
    }

    [Fact]
    public async Task I_start_empty_when_the_bucket_is_and_not_when_it_cannot_be_asked()
    {
        var bucket = await ceph.CreateBucketAsync();
        UseAmazonVariables(bucket);
        string[] restore = ["restore", "app.db", "--if-missing", "--from"];
        (await place.RunAsync([.. restore, S3TestServer.AddressOf(bucket)])).Ends(0).Tells("nothing to restore");
        (await place.RunAsync([.. restore, S3TestServer.AddressOf(bucket with { Bucket = "no-such-bucket" })])).Ends(
            10
        );
        place.Variables["AWS_SECRET_ACCESS_KEY"] = "a-wrong-secret";
        var run = (await place.RunAsync([.. restore, S3TestServer.AddressOf(bucket), "-v"])).Ends(14).SaysNothing();
        run.Tells(bucket.Endpoint!.Authority, "AWS_SECRET_ACCESS_KEY");
        Assert.DoesNotContain("a-wrong-secret", run.Errors);
        Assert.False(File.Exists(place["app.db"]));
    }

    [Fact]
    public async Task I_am_told_of_the_endpoint_and_the_variables_when_the_store_is_down()
    {
        place.Bank();
        var run = (await place.RunAsync("backup", "app.db", "-v", "--to", place.DeadTarget())).Ends(14).SaysNothing();
        run.Tells("http://127.0.0.1:1");
        Assert.DoesNotContain("very-secret-key", run.Errors);
        place.Variables["AWS_ENDPOINT_URL_S3"] = "http://127.0.0.1:1";
        (await place.RunAsync("backup", "app.db", "--to", "s3://bucket/prefix?retries=0"))
            .Ends(14)
            .Tells("AWS_ENDPOINT_URL_S3");
        place.AssertNothingIsLeft();
    }

    [Fact]
    public async Task I_learn_of_damage_in_a_bucket()
    {
        var bucket = await ceph.CreateBucketAsync();
        UseAmazonVariables(bucket);
        var address = S3TestServer.AddressOf(bucket);
        place.Bank();
        var made = (await place.RunAsync("backup", "app.db", "--to", address, "--json")).Ends(0);
        using var client = S3TestServer.RawClient(bucket);
        await client.PutObjectAsync(
            new Amazon.S3.Model.PutObjectRequest
            {
                BucketName = bucket.Bucket,
                Key = (string)made.Json[0]["name"]!,
                ContentBody = "somebody else's text",
            }
        );
        (await place.RunAsync("verify", "app", "--from", address)).Ends(4).Says("bad");
        (await place.RunAsync("restore", "app", "--from", address, "--output", "r.db")).Ends(4);
        Assert.False(File.Exists(place["r.db"]));
        (await place.RunAsync("list", "app", "--from", address)).Ends(0).Says("DAMAGED");
    }

    private async Task KeepAndGetBackAsync(string target)
    {
        place.Bank("app.db");
        (await place.RunAsync("backup", "app.db", "--to", target)).Ends(0).Says(" -> s3://");
        (await place.RunAsync("list", "app", "--from", target)).Ends(0).Says("app-");
        (await place.RunAsync("verify", "app", "--from", target)).Ends(0).Says("good");
        File.Delete(place["app.db"]);
        (await place.RunAsync("restore", "app.db", "--from", target, "--if-missing")).Ends(0);
        Bank.AssertWhole(place["app.db"]);
        File.Delete(place["app.db"]);
        string[] prune = ["prune", "app", "--from", target, "--keep", "last=1"];
        (await place.RunAsync(prune)).Ends(0).Says("1 copy left, 0 deleted");
        place.AssertNothingIsLeft();
    }

    private void UseAmazonVariables(S3Options bucket)
    {
        foreach (var (name, value) in S3TestServer.VariablesFor(bucket))
        {
            place.Variables[name] = value;
        }
    }
}
