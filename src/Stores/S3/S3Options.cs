namespace Holdfast.Stores.S3;

/// <summary>Where a bucket is and how to talk to it. Made by <see cref="S3Address.Parse"/>.</summary>
public sealed record S3Options
{
    /// <summary>The bucket; it must exist.</summary>
    public required string Bucket { get; init; }

    /// <summary>What stands before each key, without '/' at its ends; "" for the whole bucket.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The address of a compatible service, http or https; null for Amazon's own.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The region; null only with a <see cref="Profile"/> that knows it.</summary>
    public string? Region { get; init; }

    /// <summary>Whether the bucket is named in the path (true) or in the host name (false).</summary>
    public bool PathStyle { get; init; }

    /// <summary>The keys; null to search as the AWS SDK does: profiles, container and machine roles.</summary>
    public S3Credentials? Credentials { get; init; }

    /// <summary>
    /// The keys that remove objects and retain them longer; null when <see cref="Credentials"/> do that, too.
    /// </summary>
    public S3Credentials? Expire { get; init; }

    /// <summary>How each object is held fast when it is written; null when it is not.</summary>
    public S3Lock? Lock { get; init; }

    /// <summary>The profile in the shared credentials file, when there are no <see cref="Credentials"/>.</summary>
    public string? Profile { get; init; }

    /// <summary>A PEM file with the certificates to trust instead of the system's; null for the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>How often a request is repeated after a failure that may pass.</summary>
    /// <value>The default is 4.</value>
    public int Retries { get; init; } = 4;

    /// <summary>Content of up to this many bytes is one request; larger content is uploaded in parts.</summary>
    /// <value>The default is 64 MiB.</value>
    public long SinglePutLimit { get; init; } = 64 << 20;

    /// <summary>The least size of a part in bytes; at least 5 MiB. Huge content has larger parts.</summary>
    /// <value>The default is 16 MiB.</value>
    public int PartSize { get; init; } = 16 << 20;

    /// <summary>How many parts of one object are under way at once.</summary>
    /// <value>The default is 4.</value>
    public int ParallelParts { get; init; } = 4;

    /// <summary>How long a connection may take to be made.</summary>
    /// <value>The default is 10 s.</value>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request may make no progress before it counts as lost.</summary>
    /// <value>The default is 60 s.</value>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What a person should look at when the credentials are refused.</summary>
    public string CredentialsFrom { get; init; } = "the credentials";

    /// <summary>What a person should look at when the service cannot be reached.</summary>
    public string EndpointFrom { get; init; } = "the endpoint";

    /// <summary>Makes the connections, where tests have names that no resolver knows.</summary>
    internal Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>>? Connect { get; init; }
}

/// <summary>Keys of an account.</summary>
/// <param name="AccessKey">The name of the key.</param>
/// <param name="SecretKey">The secret.</param>
/// <param name="SessionToken">Goes with temporary keys; null for lasting ones.</param>
public sealed record S3Credentials(string AccessKey, string SecretKey, string? SessionToken = null)
{
    /// <summary>Says which key it is, never the secret.</summary>
    public override string ToString() => $"access key {AccessKey}";
}

/// <summary>How objects are held fast.</summary>
/// <param name="Mode">Who may let go of them earlier.</param>
/// <param name="For">How long, from the moment when each is written.</param>
public sealed record S3Lock(S3LockMode Mode, TimeSpan For);

/// <summary>Who may let go of a locked object before its time.</summary>
public enum S3LockMode
{
    /// <summary>Who has the right <c>s3:BypassGovernanceRetention</c>, and asks for it.</summary>
    Governance,

    /// <summary>Nobody, not even the owner of the account.</summary>
    Compliance,
}
