using System.CommandLine;
using Holdfast.Cli.CommandLine;
using Holdfast.Configuration.Units;
using Holdfast.Core.Codecs;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Retention;
using Holdfast.Engines.Sqlite;

namespace Holdfast.Cli.Setup;

/// <summary>What the command line says about how copies are made; null where it says nothing.</summary>
internal sealed record MakingOptions
{
    public string? Name { get; private init; }

    public RetentionRules? Keep { get; private init; }

    private Compression? Compress { get; init; }

    private int? Level { get; init; }

    private ByteSize? CompressAbove { get; init; }

    private bool Encrypt { get; init; }

    private CheckLevel? Check { get; init; }

    private SqliteMethod? Method { get; init; }

    private SqliteCheckpoint? Checkpoint { get; init; }

    public static MakingOptions Read(ParseResult parsed) =>
        new()
        {
            Name = parsed.GetValue(DatabaseOptions.Name),
            Keep = parsed.GetValue(DatabaseOptions.Keep) is { Length: > 0 } rules ? ReadRules(rules) : null,
            Compress =
                parsed.GetValue(DatabaseOptions.Compress) is { } name && CompressionCodec.TryParse(name, out var codec)
                    ? codec
                    : null,
            Level = parsed.GetValue(DatabaseOptions.Level),
            Encrypt = parsed.GetValue(DatabaseOptions.Encrypt),
            CompressAbove = parsed.GetValue(DatabaseOptions.CompressAbove) is { } size ? ReadSize(size) : null,
            Check = parsed.GetValue(DatabaseOptions.Check) switch
            {
                "quick" => CheckLevel.Quick,
                "integrity" => CheckLevel.Integrity,
                _ => null,
            },
            Method = parsed.GetValue(DatabaseOptions.Method) switch
            {
                "vacuum-into" => SqliteMethod.VacuumInto,
                "online" => SqliteMethod.Online,
                _ => null,
            },
            Checkpoint = parsed.GetValue(DatabaseOptions.Checkpoint) switch
            {
                "none" => SqliteCheckpoint.None,
                "passive" => SqliteCheckpoint.Passive,
                "truncate" => SqliteCheckpoint.Truncate,
                _ => null,
            },
        };

    /// <summary>The options of the command line over those of a database.</summary>
    public DatabaseSetup Over(DatabaseSetup database) =>
        database with
        {
            Compression = Compress ?? database.Compression,
            // A level means a codec: one that was configured for another codec must not be taken along.
            Level = Level ?? (Compress is null ? database.Level : null),
            CompressAbove = CompressAbove?.Bytes ?? database.CompressAbove,
            Encrypt = Encrypt || database.Encrypt,
            Check = Check ?? database.Check,
        };

    /// <summary>The options of the command line over those of a SQLite database.</summary>
    public SqliteOptions Sqlite(SqliteOptions configured) =>
        configured with
        {
            Method = Method ?? configured.Method,
            Checkpoint = Checkpoint ?? configured.Checkpoint,
        };

    private static RetentionRules ReadRules(string[] rules) =>
        RetentionRules.TryParse(string.Join(' ', rules), out var read, out var errors)
            ? read
            : throw new HoldfastException(ErrorCode.Usage, $"--keep: {string.Join("; ", errors)}", "--keep last=3");

    private static ByteSize ReadSize(string text) =>
        ByteSize.TryParse(text, out var size)
            ? size
            : throw new HoldfastException(
                ErrorCode.Usage,
                $"--compress-above does not understand '{text}'",
                "--compress-above 1MiB"
            );
}
