namespace Holdfast.Configuration.Definition;

/// <summary>Checks of addresses. What is wrong is said without the address, which may hold a secret.</summary>
internal static class Addresses
{
    /// <summary>What the address of a bucket begins with.</summary>
    public const string S3 = "s3://";

    /// <summary>Whether an address is that of a bucket.</summary>
    public static bool IsS3(string address) => address.StartsWith(S3, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the address of a bucket has a parameter in its query.</summary>
    public static bool HasParameter(string address, string name) =>
        address
            .Split('?', 2)[1..]
            .SelectMany(query => query.Split('&'))
            .Any(parameter => string.Equals(parameter.Split('=')[0], name, StringComparison.Ordinal));

    /// <summary>Checks the address of a target.</summary>
    public static string? CheckTarget(string address) =>
        IsS3(address) ? CheckBucket(address[S3.Length..].Split('/', '?')[0])
        : HasScheme(address) && !address.StartsWith("file:///", StringComparison.OrdinalIgnoreCase)
            ? "is not an address that this version can write to; write a directory or s3://bucket/prefix"
        : null;

    /// <summary>Checks the address of an S3 service.</summary>
    public static string? CheckEndpoint(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && uri.Scheme is "http" or "https"
        && uri is { UserInfo: "", Query: "", Fragment: "", Host.Length: > 0 }
            ? null
            : "is not of the form http://host:port or https://host:port";

    private static string? CheckBucket(string bucket) =>
        bucket.Contains('@', StringComparison.Ordinal) ? "holds a user or a key; write those as accessKey and secretKey"
        : bucket.Length == 0 ? "is not of the form s3://bucket/prefix"
        : null;

    // One letter and a colon may begin the name of a directory.
    private static bool HasScheme(string address)
    {
        var colon = address.IndexOf(':', StringComparison.Ordinal);
        return colon > 1 && address.AsSpan(0, colon).IndexOfAnyExcept(SchemeCharacters) < 0;
    }

    private static readonly System.Buffers.SearchValues<char> SchemeCharacters = System.Buffers.SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-"
    );
}
