namespace Holdfast.Stores.S3;

/// <summary>The variables that complete an address. Those of MinIO go before those of Amazon.</summary>
internal sealed class S3Variables(Func<string, string?> lookup)
{
    /// <summary>The value of a variable; null when it is not set, or empty.</summary>
    public string? this[string name] => lookup(name) is { Length: > 0 } value ? value : null;

    /// <summary>Where the service is, and what said so; null for Amazon's own.</summary>
    public (Uri? Endpoint, string From) Endpoint(string? parameter)
    {
        if (parameter != null)
        {
            return (ReadUrl(parameter, "endpoint"), "the endpoint in the address");
        }

        if (this["MINIO_ENDPOINT"] is { } minio)
        {
            return (ReadUrl(WithScheme(minio), "MINIO_ENDPOINT"), "MINIO_ENDPOINT and MINIO_USE_SSL");
        }

        foreach (var name in new[] { "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL" })
        {
            if (this[name] is { } url)
            {
                return (ReadUrl(url, name), name);
            }
        }

        return (null, "the region and the network of this machine");
    }

    /// <summary>The keys and what gave them; null when no variable holds any. Pairs are never mixed.</summary>
    public (S3Credentials? Credentials, string From) Credentials() =>
        Pair("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY") is { } minio
            ? (new(minio.Access, minio.Secret), "MINIO_ACCESS_KEY and MINIO_SECRET_KEY")
        : Pair("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") is { } aws
            ? (new(aws.Access, aws.Secret, this["AWS_SESSION_TOKEN"]), "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        : (null, "");

    private (string Access, string Secret)? Pair(string accessName, string secretName) =>
        (this[accessName], this[secretName]) switch
        {
            (null, null) => null,
            ({ } access, { } secret) => (access, secret),
            (null, _) => throw S3Address.Wrong($"{secretName} is set, but {accessName} is not"),
            _ => throw S3Address.Wrong($"{accessName} is set, but {secretName} is not"),
        };

    /// <summary>MinIO's own clients take a host without a scheme, and TLS as a flag; without the flag it is safe.</summary>
    private string WithScheme(string host)
    {
        var flag = this["MINIO_USE_SSL"];
        var useTls = flag?.ToUpperInvariant() switch
        {
            null or "TRUE" or "1" => true,
            "FALSE" or "0" => false,
            _ => throw S3Address.Wrong($"MINIO_USE_SSL={flag}: must be true or false"),
        };
        if (!host.Contains("://", StringComparison.Ordinal))
        {
            return $"{(useTls ? "https" : "http")}://{host}";
        }

        return flag == null || host.StartsWith("https://", StringComparison.OrdinalIgnoreCase) == useTls
            ? host
            : throw S3Address.Wrong($"MINIO_USE_SSL={flag} contradicts MINIO_ENDPOINT={host}");
    }

    private static Uri ReadUrl(string text, string name)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw S3Address.Wrong($"{name} must be a URL such as https://s3.example.com:9000, and is '{text}'");
        }

        return url switch
        {
            { UserInfo.Length: > 0 } => throw S3Address.CredentialsInAddress(),
            { Query.Length: > 0 } or { Fragment.Length: > 0 } => throw S3Address.Wrong(
                $"{name} must end with its path"
            ),
            _ => url,
        };
    }
}
