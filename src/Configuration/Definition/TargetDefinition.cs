using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Definition;

/// <summary>The settings of a target.</summary>
internal static class TargetDefinition
{
    public static readonly ScalarSetting<SettingText> Url = new(
        "url",
        "Where copies go: a directory, or a bucket and a prefix in it.",
        ScalarTypes.Checked("a directory or s3://bucket/prefix", null, Addresses.CheckTarget)
    )
    {
        Example = "/var/backups/app",
        Required = true,
    };

    public static readonly ScalarSetting<SettingText> Endpoint = new(
        "endpoint",
        "The address of an S3-compatible service; s3:// targets only.",
        ScalarTypes.Checked("an http or https address", "^https?://", Addresses.CheckEndpoint)
    )
    {
        Example = "https://s3.example.com",
        DefaultDescription = "`MINIO_ENDPOINT` or `AWS_ENDPOINT_URL_S3`, otherwise AWS",
    };

    public static readonly ScalarSetting<SettingText> Region = new(
        "region",
        "The region of the bucket; s3:// targets only.",
        ScalarTypes.Text("a text")
    )
    {
        Example = "eu-central-1",
        DefaultDescription = "`AWS_REGION`; us-east-1 with an endpoint",
    };

    public static readonly ScalarSetting<bool> PathStyle = new(
        "pathStyle",
        "Whether the bucket stands in the path of requests and not in the name of the host; s3:// targets only.",
        ScalarTypes.Flag
    )
    {
        Example = "true",
        DefaultDescription = "true with an endpoint, otherwise false",
    };

    public static readonly ScalarSetting<SettingText> AccessKey = new(
        "accessKey",
        "The name of the access key; s3:// targets only, together with secretKey.",
        ScalarTypes.Text("a text")
    )
    {
        Example = "${env:HOLDFAST_ACCESS_KEY}",
        DefaultDescription =
            "`MINIO_ACCESS_KEY` or `AWS_ACCESS_KEY_ID`, otherwise the profile or the role of the machine",
    };

    public static readonly ScalarSetting<SettingText> SecretKey = new(
        "secretKey",
        "The secret of the access key; s3:// targets only.",
        ScalarTypes.Text("a text")
    )
    {
        Example = "${file:/run/secrets/holdfast}",
        DefaultDescription = "together with the access key",
        Secret = true,
    };

    public static readonly ScalarSetting<SettingText> SessionToken = new(
        "sessionToken",
        "The token of temporary keys; s3:// targets only.",
        ScalarTypes.Text("a text")
    )
    {
        Example = "${env:AWS_SESSION_TOKEN}",
        DefaultDescription = "`AWS_SESSION_TOKEN` with the keys of `AWS_…`",
        Secret = true,
    };

    public static readonly ScalarSetting<SettingText> CaFile = new(
        "caFile",
        "A file with the certificates (PEM) of the authority that signed the service's certificate; s3:// targets only.",
        ScalarTypes.Text("the path of a file")
    )
    {
        Example = "/etc/ssl/my-ca.pem",
        DefaultDescription = "the authorities of the system",
    };

    public static readonly ScalarSetting<EnforcedBy> Enforcer = new(
        "enforcedBy",
        "Who deletes copies that no rule keeps: Holdfast, or the bucket by its own lifecycle rules.",
        ScalarTypes.Choice(("tool", EnforcedBy.Tool), ("bucket", EnforcedBy.Bucket))
    )
    {
        Example = "tool",
        Default = "tool",
    };

    public static readonly ScalarSetting<LockMode> LockMode = new(
        "mode",
        "Who can let go of a locked object before its time: nobody (compliance), or who has a special right (governance).",
        ScalarTypes.Choice(("compliance", Settings.LockMode.Compliance), ("governance", Settings.LockMode.Governance))
    )
    {
        Example = "governance",
        Required = true,
    };

    public static readonly ScalarSetting<TimeSpan> LockFor = new(
        "for",
        "How long each object is locked when it is written; what is still needed is locked again when half of it is over.",
        ScalarTypes.Duration("1h", "3650d")
    )
    {
        Example = "30d",
        Required = true,
    };

    public static readonly GroupSetting Lock = new(
        "lock",
        "Object lock: what is written cannot be changed or destroyed for a time, by nobody; s3:// targets only.",
        LockMode,
        LockFor
    )
    {
        Optional = true,
    };

    public static readonly ScalarSetting<SettingText> ExpireAccessKey = new(
        "accessKey",
        "The name of the access key, together with secretKey.",
        ScalarTypes.Text("a text")
    )
    {
        Example = "${env:HOLDFAST_EXPIRE_KEY}",
        Required = true,
    };

    public static readonly ScalarSetting<SettingText> ExpireSecretKey = new(
        "secretKey",
        "The secret of the access key.",
        ScalarTypes.Text("a text")
    )
    {
        Example = "${file:/run/secrets/holdfast-expire}",
        Required = true,
        Secret = true,
    };

    public static readonly GroupSetting Expire = new(
        "expire",
        "Other keys for removing copies and locking them longer, so that those that write need not be able to remove; s3:// targets only.",
        ExpireAccessKey,
        ExpireSecretKey
    )
    {
        Optional = true,
    };

    public static readonly ScalarSetting<TargetEncryption> Encryption = new(
        "encryption",
        "Whether timelines are sealed here: by a vault that init made, or, because it is said, not at all.",
        ScalarTypes.Choice(("p256-hpke", TargetEncryption.P256Hpke), ("none", TargetEncryption.None))
    )
    {
        Example = "p256-hpke",
        DefaultDescription = "what the target says of itself, when it is first used",
    };

    public static readonly ScalarSetting<SettingText> Vault = new(
        "vault",
        "The id of the vault that must be here; nothing is written to another one.",
        ScalarTypes.Checked(
            "32 hexadecimal digits",
            "^[0-9a-f]{32}$",
            text =>
                text.Length == 32 && text.All(char.IsAsciiHexDigitLower)
                    ? null
                    : "is no id of a vault: 32 hexadecimal digits"
        )
    )
    {
        Example = "00112233445566778899aabbccddeeff",
        DefaultDescription = "the one that was there when it was first used",
    };

    public static readonly ScalarSetting<SettingText> Recipients = new(
        "recipients",
        "The ids of the keys that the vault must be encrypted for, all of them, with commas between; nothing is written for others.",
        ScalarTypes.Checked(
            "ids of 32 hexadecimal digits, with commas between",
            "^[0-9a-f]{32}( *, *[0-9a-f]{32})*$",
            text =>
                text.Split(',', StringSplitOptions.TrimEntries)
                    .All(id => id.Length == 32 && id.All(char.IsAsciiHexDigitLower))
                    ? null
                    : "is no list of ids of keys: 32 hexadecimal digits each, with commas between"
        )
    )
    {
        Example = "00112233445566778899aabbccddeeff",
        DefaultDescription = "those that there were when it was first used",
    };

    /// <summary>All of them.</summary>
    public static readonly GroupSetting Group = new(
        "target",
        "A place for copies; an address alone is the same as url.",
        Url,
        Endpoint,
        Region,
        PathStyle,
        AccessKey,
        SecretKey,
        SessionToken,
        CaFile,
        Lock,
        Expire,
        Enforcer,
        Encryption,
        Vault,
        Recipients
    )
    {
        ShortForm = Url,
    };

    /// <summary>Those that mean nothing for a directory.</summary>
    public static readonly IReadOnlyList<Setting> OnlyS3 =
    [
        Endpoint,
        Region,
        PathStyle,
        AccessKey,
        SecretKey,
        SessionToken,
        CaFile,
        Lock,
        Expire,
    ];

    /// <summary>Those that mean nothing for what is not encrypted.</summary>
    public static readonly IReadOnlyList<ScalarSetting> OfVault = [Vault, Recipients];

    /// <summary>Those that an address can hold as parameters.</summary>
    public static readonly IReadOnlyList<ScalarSetting> InQuery = [Endpoint, Region, PathStyle, CaFile];
}
