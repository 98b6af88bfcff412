using Holdfast.Core.Errors;
using Holdfast.Stores.S3;

namespace Holdfast.Stores.Tests;

public sealed class S3AddressTests
{
    private static readonly Dictionary<string, string> Amazon = new(StringComparer.Ordinal)
    {
        ["AWS_ACCESS_KEY_ID"] = "AKIA1",
        ["AWS_SECRET_ACCESS_KEY"] = "hush",
        ["AWS_REGION"] = "eu-central-1",
    };

    private static readonly Dictionary<string, string> Minio = new(StringComparer.Ordinal)
    {
        ["MINIO_ENDPOINT"] = "minio.example.com:9000",
        ["MINIO_ACCESS_KEY"] = "minio1",
        ["MINIO_SECRET_KEY"] = "hush-minio",
        ["MINIO_BUCKET"] = "backups",
        ["MINIO_PREFIX"] = "app/db/",
    };

    [Fact]
    public void Parse_AllInTheAddress_IsRead()
    {
        var options = Parse(
            "s3://bucket/some/prefix/?endpoint=http://127.0.0.1:9000&region=x&pathStyle=false&caFile=/etc/my%20ca.pem&retries=0",
            Amazon
        );
        Assert.Equal("bucket", options.Bucket);
        Assert.Equal("some/prefix", options.Prefix);
        Assert.Equal(new Uri("http://127.0.0.1:9000"), options.Endpoint);
        Assert.Equal("x", options.Region);
        Assert.False(options.PathStyle);
        Assert.Equal("/etc/my ca.pem", options.CaFile);
        Assert.Equal(0, options.Retries);
        Assert.Equal(new S3Credentials("AKIA1", "hush"), options.Credentials);
    }

    [Fact]
    public void Parse_OnlyABucket_IsAmazonByHostName()
    {
        var options = Parse("s3://bucket", With(Amazon, ("AWS_SESSION_TOKEN", "token")));
        Assert.Equal(
            ("", null, "eu-central-1", false),
            (options.Prefix, options.Endpoint, options.Region, options.PathStyle)
        );
        Assert.Equal(new S3Credentials("AKIA1", "hush", "token"), options.Credentials);
    }

    [Theory]
    [InlineData(null, "https://minio.example.com:9000/")]
    [InlineData("true", "https://minio.example.com:9000/")]
    [InlineData("1", "https://minio.example.com:9000/")]
    [InlineData("false", "http://minio.example.com:9000/")]
    public void Parse_MinioVariables_CompleteEverything(string? useSsl, string endpoint)
    {
        var options = Parse("s3://", useSsl == null ? Minio : With(Minio, ("MINIO_USE_SSL", useSsl)));
        Assert.Equal(("backups", "app/db"), (options.Bucket, options.Prefix));
        Assert.Equal(new Uri(endpoint), options.Endpoint);
        Assert.True(options.PathStyle);
        Assert.Equal("us-east-1", options.Region);
        Assert.Equal(new S3Credentials("minio1", "hush-minio"), options.Credentials);
    }

    [Fact]
    public void Parse_BucketInTheAddress_DoesNotTakeThePrefixOfAnother() =>
        Assert.Equal("", Parse("s3://other", Minio).Prefix);

    [Theory]
    [InlineData("AWS_ENDPOINT_URL", "http://one:1/")]
    [InlineData("AWS_ENDPOINT_URL_S3", "http://two:2/")]
    public void Parse_EndpointVariables_AreRead(string name, string url) =>
        Assert.Equal(new Uri(url), Parse("s3://bucket", With(Amazon, (name, url))).Endpoint);

    [Fact]
    public void Parse_ProfileInTheAddress_GoesBeforeKeysInVariables()
    {
        var options = Parse("s3://bucket?profile=work", Amazon);
        Assert.Equal(("work", null), (options.Profile, options.Credentials));
    }

    [Fact]
    public void Parse_NoKeys_LeavesThemToTheSdk()
    {
        var options = Parse("s3://bucket?region=x", []);
        Assert.Null(options.Credentials);
        Assert.Null(options.Profile);
    }

    [Theory]
    [InlineData("s3://AKIA:hush@bucket/prefix", "AWS_ACCESS_KEY_ID")]
    [InlineData("s3://bucket?accessKey=AKIA", "AWS_ACCESS_KEY_ID")]
    [InlineData("s3://bucket?secret=hush", "AWS_ACCESS_KEY_ID")]
    [InlineData("s3://bucket?endpoint=https://me:hush@host", "AWS_ACCESS_KEY_ID")]
    public void Parse_KeysInTheAddress_AreRefusedWithoutRepeatingThem(string address, string hint)
    {
        var error = Assert.Throws<HoldfastException>(() => Parse(address, Amazon));
        Assert.Equal(ErrorCode.Usage, error.Code);
        Assert.Contains(hint, error.Hint, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("AKIA", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gs://bucket", "s3://")]
    [InlineData("s3://", "bucket")]
    [InlineData("s3://bucket?pathstyle=true", "pathstyle")]
    [InlineData("s3://bucket?region=", "region")]
    [InlineData("s3://bucket?region=a&region=b", "region")]
    [InlineData("s3://bucket?pathStyle=yes", "pathStyle")]
    [InlineData("s3://bucket?retries=-1", "retries")]
    [InlineData("s3://bucket?endpoint=host:9000", "endpoint")]
    [InlineData("s3://bucket?endpoint=ftp://host", "endpoint")]
    [InlineData("s3://buc ket", "buc ket")]
    [InlineData("s3://bucket/a//b", "a//b")]
    [InlineData("s3://bucket/../b", "../b")]
    public void Parse_WrongAddress_SaysWhatIsWrong(string address, string part)
    {
        var error = Assert.Throws<HoldfastException>(() => Parse(address, Amazon));
        Assert.Equal(ErrorCode.Usage, error.Code);
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")]
    [InlineData("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")]
    [InlineData("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID")]
    public void Parse_HalfAPairOfKeys_NamesTheOtherHalf(string given, string missing)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal) { [given] = "x", ["AWS_REGION"] = "y" };
        Assert.Contains(
            missing,
            Assert.Throws<HoldfastException>(() => Parse("s3://b", variables)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Parse_AmazonWithoutRegion_NamesTheVariable()
    {
        var error = Assert.Throws<HoldfastException>(() => Parse("s3://bucket", []));
        Assert.Contains("AWS_REGION", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://host:9000", "false")]
    [InlineData("http://host:9000", "true")]
    [InlineData("host:9000", "maybe")]
    public void Parse_ContradictingMinioVariables_AreRefused(string endpoint, string useSsl) =>
        Assert.Throws<HoldfastException>(() =>
            Parse("s3://b", With(Minio, ("MINIO_ENDPOINT", endpoint), ("MINIO_USE_SSL", useSsl)))
        );

    [Theory]
    [InlineData("s3://bucket/prefix")]
    [InlineData("s3://bucket/some/prefix?endpoint=http://127.0.0.1:9000")]
    public void Format_IsReadAgain(string address) => Assert.Equal(address, S3Address.Format(Parse(address, Amazon)));

    [Fact]
    public void Options_AsText_HideTheSecret() =>
        Assert.DoesNotContain("hush", Parse("s3://", Minio).ToString(), StringComparison.Ordinal);

    private static S3Options Parse(string address, Dictionary<string, string> variables) =>
        S3Address.Parse(address, variables.GetValueOrDefault);

    private static Dictionary<string, string> With(
        Dictionary<string, string> variables,
        params (string Name, string Value)[] more
    )
    {
        var all = new Dictionary<string, string>(variables, StringComparer.Ordinal);
        foreach (var (name, value) in more)
        {
            all[name] = value;
        }

        return all;
    }
}
