namespace Holdfast.Configuration.Settings;

/// <summary>Who deletes copies that no rule keeps.</summary>
public enum EnforcedBy
{
    /// <summary>Holdfast.</summary>
    Tool,

    /// <summary>The bucket, by its own lifecycle rules.</summary>
    Bucket,
}

/// <summary>Who can let go of a locked object before its time.</summary>
public enum LockMode
{
    /// <summary>Who has the right to.</summary>
    Governance,

    /// <summary>Nobody.</summary>
    Compliance,
}

/// <summary>How objects are locked when they are written.</summary>
/// <param name="Mode">Who can let go of them earlier.</param>
/// <param name="For">For how long.</param>
public sealed record LockSettings(LockMode Mode, TimeSpan For);

/// <summary>Keys for removing copies and locking them longer.</summary>
/// <param name="AccessKey">The name of the access key.</param>
/// <param name="SecretKey">The secret of it.</param>
public sealed record ExpireSettings(SettingText AccessKey, SettingText SecretKey);

/// <summary>Whether what a target holds is sealed.</summary>
public enum TargetEncryption
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>For P-256 keys.</summary>
    P256Hpke,
}

/// <summary>A place for copies.</summary>
public sealed record TargetSettings
{
    /// <summary>Its name in the configuration.</summary>
    public required string Name { get; init; }

    /// <summary>Where the name is written.</summary>
    public required SettingLocation Location { get; init; }

    /// <summary>A directory, or s3://bucket/prefix.</summary>
    public required SettingText Url { get; init; }

    /// <summary>The http or https address of the S3 service; null for AWS.</summary>
    public SettingText? Endpoint { get; init; }

    /// <summary>The region of the bucket; null when not given.</summary>
    public SettingText? Region { get; init; }

    /// <summary>Whether the bucket stands in the path of requests; null when not given.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>The name of the access key; given together with <see cref="SecretKey"/>, or null.</summary>
    public SettingText? AccessKey { get; init; }

    /// <summary>The secret of the access key.</summary>
    public SettingText? SecretKey { get; init; }

    /// <summary>The token of temporary keys.</summary>
    public SettingText? SessionToken { get; init; }

    /// <summary>A PEM file with certificates to trust in addition.</summary>
    public SettingText? CaFile { get; init; }

    /// <summary>How objects are locked; null when they are not.</summary>
    public LockSettings? Lock { get; init; }

    /// <summary>The keys for removing; null when the others do that, too.</summary>
    public ExpireSettings? Expire { get; init; }

    /// <summary>Who deletes.</summary>
    public required EnforcedBy EnforcedBy { get; init; }

    /// <summary>Whether it is an encrypted vault; null when not given.</summary>
    public TargetEncryption? Encryption { get; init; }

    /// <summary>The vault that it must be, 32 hexadecimal digits; null when not given.</summary>
    public SettingText? Vault { get; init; }

    /// <summary>The ids of all its keys, 32 hexadecimal digits each; null when not given.</summary>
    public IReadOnlyList<string>? Recipients { get; init; }

    /// <summary>Whether it is a bucket; otherwise it is a directory.</summary>
    public bool IsS3 => Definition.Addresses.IsS3(Url.Reveal());
}
