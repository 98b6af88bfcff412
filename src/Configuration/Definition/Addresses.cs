namespace Holdfast.Configuration.Definition;

/// <summary>Checks of addresses. What is wrong is said without the address, which may hold a secret.</summary>
internal static class Addresses
{
    /// <summary>What the address of a bucket begins with.</summary>
    public const string S3 = "s3://";

    /// <summary>Whether an address is that of a bucket.</summary>
    public static bool IsS3(string address) => address.StartsWith(S3, StringComparison.Ordinal);

    /// <summary>Checks the address of a target.</summary>
    public static string? CheckTarget(string address)
    {
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
        {
            return null;
        }

        if (!IsS3(address))
        {
            return "is not an address that this version can write to; write a directory or s3://bucket/prefix";
        }

        var bucket = address[S3.Length..].Split('/')[0];
        return bucket.Contains('@', StringComparison.Ordinal)
                ? "holds a user or a key; write those as accessKey and secretKey"
            : bucket.Length == 0 || address.AsSpan().IndexOfAny("?#") >= 0 ? "is not of the form s3://bucket/prefix"
            : null;
    }

    /// <summary>Checks the address of an S3 service.</summary>
    public static string? CheckEndpoint(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && uri is { UserInfo: "", Query: "", Fragment: "", Host.Length: > 0 }
            ? null
            : "is not of the form http://host:port or https://host:port";
}
