using System.Globalization;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>
/// Reads addresses such as <c>s3://bucket/prefix?endpoint=https://host:port&amp;region=eu-central-1</c>. What the
/// address does not say is completed from variables; keys come from variables only. Parameters: endpoint, region,
/// pathStyle, caFile, profile, retries.
/// </summary>
public static class S3Address
{
    /// <summary>How an address begins.</summary>
    public const string Scheme = "s3://";

    private const int MaxPrefixBytes = 1024 - ObjectKey.MaxBytes - 1;
    private static readonly string[] Known = ["endpoint", "region", "pathStyle", "caFile", "profile", "retries"];

    /// <summary>Reads an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="lookup">Gives the value of a variable, or null; see the documentation of stores for the names.</param>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Usage"/>: it is wrong or incomplete.</exception>
    public static S3Options Parse(string address, Func<string, string?> lookup)
    {
        if (!address.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            throw Wrong($"an S3 address begins with {Scheme}");
        }

        var variables = new S3Variables(lookup);
        var (place, query) = Split(address[Scheme.Length..], '?');
        var (bucket, prefix) = Split(place, '/');
        if (bucket.Length == 0)
        {
            bucket = variables["MINIO_BUCKET"] ?? throw Wrong("the address names no bucket", "s3://BUCKET/PREFIX");
            prefix = prefix.Length > 0 ? prefix : variables["MINIO_PREFIX"] ?? "";
        }

        var parameters = ReadQuery(query);
        var (endpoint, endpointFrom) = variables.Endpoint(parameters.GetValueOrDefault("endpoint"));
        var (credentials, credentialsFrom) = variables.Credentials();
        var profile = parameters.GetValueOrDefault("profile") ?? variables["AWS_PROFILE"];
        return new S3Options
        {
            Bucket = CheckBucket(bucket),
            Prefix = CheckPrefix(prefix.Trim('/')),
            Endpoint = endpoint,
            EndpointFrom = endpointFrom,
            Region = ReadRegion(parameters, variables, endpoint, profile),
            PathStyle = ReadFlag(parameters, "pathStyle") ?? endpoint != null,
            Credentials = parameters.ContainsKey("profile") ? null : credentials,
            CredentialsFrom = credentials == null ? "the profile, or the role of this machine" : credentialsFrom,
            Profile = profile,
            CaFile = parameters.GetValueOrDefault("caFile"),
            Retries = ReadRetries(parameters),
        };
    }

    /// <summary>The address for people; without secrets, and good to be read again.</summary>
    public static string Format(S3Options options)
    {
        var place = $"{Scheme}{options.Bucket}{(options.Prefix.Length > 0 ? "/" : "")}{options.Prefix}";
        return options.Endpoint is { } endpoint ? $"{place}?endpoint={Display(endpoint)}" : place;
    }

    internal static string Display(Uri endpoint) => endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/');

    internal static HoldfastException Wrong(string message, string? hint = null) => new(ErrorCode.Usage, message, hint);

    private static string? ReadRegion(
        Dictionary<string, string> parameters,
        S3Variables variables,
        Uri? endpoint,
        string? profile
    )
    {
        var region =
            parameters.GetValueOrDefault("region") ?? variables["AWS_REGION"] ?? variables["AWS_DEFAULT_REGION"];
        return region switch
        {
            not null => region,
            // Compatible services have no regions, and take this one for the signature.
            null when endpoint != null => "us-east-1",
            null when profile != null => null,
            _ => throw Wrong(
                "the region of the bucket is not known",
                "add ?region=… to the address, or set AWS_REGION"
            ),
        };
    }

    private static Dictionary<string, string> ReadQuery(string query)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = Split(part, '=');
            if (name.Contains("key", StringComparison.OrdinalIgnoreCase) || IsSecret(name))
            {
                throw CredentialsInAddress();
            }

            if (!Known.Contains(name, StringComparer.Ordinal))
            {
                throw Wrong($"'{name}' is no parameter of an S3 address", $"known are: {string.Join(", ", Known)}");
            }

            if (!parameters.TryAdd(name, Uri.UnescapeDataString(value)) || value.Length == 0)
            {
                throw Wrong($"the parameter '{name}' must be given once, with a value");
            }
        }

        return parameters;
    }

    private static bool IsSecret(string name) =>
        name.Contains("secret", StringComparison.OrdinalIgnoreCase)
        || name.Contains("token", StringComparison.OrdinalIgnoreCase)
        || name.Contains("password", StringComparison.OrdinalIgnoreCase);

    /// <summary>Addresses end up in process lists, logs and shell histories; the message must not repeat it.</summary>
    internal static HoldfastException CredentialsInAddress() =>
        Wrong(
            "keys do not belong into an S3 address: others can read it",
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead"
        );

    private static string CheckBucket(string bucket)
    {
        if (bucket.Contains('@', StringComparison.Ordinal))
        {
            throw CredentialsInAddress();
        }

        return bucket.Length <= 255 && bucket.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
            ? bucket
            : throw Wrong($"'{bucket}' is no name of a bucket");
    }

    private static string CheckPrefix(string prefix) =>
        prefix.Length == 0
        || (ObjectKey.IsValid(prefix) && System.Text.Encoding.UTF8.GetByteCount(prefix) <= MaxPrefixBytes)
            ? prefix
            : throw Wrong($"'{prefix}' is no valid prefix, or longer than {MaxPrefixBytes} bytes");

    private static bool? ReadFlag(Dictionary<string, string> parameters, string name) =>
        parameters.GetValueOrDefault(name) switch
        {
            null => null,
            "true" => true,
            "false" => false,
            var other => throw Wrong($"{name}={other}: must be true or false"),
        };

    private static int ReadRetries(Dictionary<string, string> parameters) =>
        !parameters.TryGetValue("retries", out var text) ? 4
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var retries) && retries <= 20
            ? retries
        : throw Wrong($"retries={text}: must be a number from 0 to 20");

    private static (string Before, string After) Split(string text, char separator) =>
        text.IndexOf(separator, StringComparison.Ordinal) is >= 0 and var at
            ? (text[..at], text[(at + 1)..])
            : (text, "");
}
