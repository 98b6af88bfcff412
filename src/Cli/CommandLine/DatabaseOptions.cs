using System.CommandLine;

namespace Holdfast.Cli.CommandLine;

/// <summary>The options that say which database, where its copies are, and how they are made.</summary>
internal static class DatabaseOptions
{
    public static readonly Option<string[]> To = new("--to")
    {
        Description =
            "Where to write: a directory, s3://bucket/prefix, or a configured name; may be repeated (default: backups beside the database)",
        HelpName = "TARGET",
    };

    public static readonly Option<string[]> From = new("--from")
    {
        Description =
            "Where to read: a directory, s3://bucket/prefix, or a configured name; may be repeated (default: backups beside the database)",
        HelpName = "TARGET",
    };

    public static readonly Option<string?> AsOf = new("--as-of")
    {
        Description =
            "Read the targets as they were at WHEN, before copies were overwritten or deleted; buckets that keep versions only",
        HelpName = "WHEN",
    };

    public static readonly Option<string?> SourceEnv = new("--source-env")
    {
        Description = "Take the database from this environment variable, such as DATABASE_URL",
        HelpName = "NAME",
    };

    public static readonly Option<string?> Reason = new("--reason")
    {
        Description = "Why: recorded with the copy, and in its name where the template says so",
        HelpName = "TEXT",
    };

    public static readonly Option<string?> Name = new("--name")
    {
        Description =
            "The name template, of {database} {time:FORMAT} {local:FORMAT} {unix} {reason} {id} (default: {database}-{time:yyyyMMdd-HHmmss}.db)",
        HelpName = "TEMPLATE",
    };

    public static readonly Option<string?> Compress = Choice(
        "--compress",
        "The compression (default: gzip)",
        "none",
        "gzip",
        "zstd"
    );

    public static readonly Option<int?> Level = new("--level")
    {
        Description = "The level of the compression: gzip 0-9 (6), zstd 1-19 (3)",
        HelpName = "N",
    };

    public static readonly Option<bool> Encrypt = new("--encrypt")
    {
        Description = "Encrypt copies, for the keys of the vault that they go to",
    };

    public static readonly Option<string?> CompressAbove = new("--compress-above")
    {
        Description = "Leave smaller copies uncompressed, such as 1MiB",
        HelpName = "SIZE",
    };

    public static readonly Option<string?> Method = Choice(
        "--method",
        "How the copy is taken (default: online)",
        "online",
        "vacuum-into"
    );

    public static readonly Option<string?> Checkpoint = Choice(
        "--checkpoint",
        "The WAL checkpoint before the copy, best effort (default: passive)",
        "none",
        "passive",
        "truncate"
    );

    public static readonly Option<string?> Check = Choice(
        "--check",
        "How the copy is checked before it counts (default: integrity)",
        "quick",
        "integrity"
    );

    public static readonly Option<string[]> Keep = new("--keep")
    {
        Description =
            "What to keep: last=3, within=30d, hourly=24, daily=7, weekly=4, monthly=12, yearly=7, forever, min=3; may be repeated",
        HelpName = "RULE",
    };

    /// <summary>Those that say how a copy is made.</summary>
    public static IEnumerable<Option> Making =>
        [Name, Compress, Level, CompressAbove, Encrypt, Method, Checkpoint, Check, Keep, SourceEnv];

    public static Option<string?> Choice(string name, string description, params string[] values)
    {
        var option = new Option<string?>(name) { Description = description, HelpName = string.Join('|', values) };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
