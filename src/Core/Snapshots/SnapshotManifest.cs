using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Snapshots;

/// <summary>
/// The manifest of a snapshot, version 1: what the copy is and what it must come back as. Stored as JSON beside the copy,
/// written after it. Specified in docs/format.md.
/// </summary>
public sealed record SnapshotManifest
{
    /// <summary>The version of the format; readers refuse what they do not know.</summary>
    public int Holdfast { get; init; } = 1;

    /// <summary>The object it describes, without a directory.</summary>
    public required string Name { get; init; }

    /// <summary>The database's name.</summary>
    public required string Database { get; init; }

    /// <summary>The engine, such as "sqlite".</summary>
    public required string Engine { get; init; }

    /// <summary>The version of the engine that made the copy.</summary>
    public required string EngineVersion { get; init; }

    /// <summary>The version of Holdfast that made the copy.</summary>
    public required string MadeBy { get; init; }

    /// <summary>Where the database was, without secrets.</summary>
    public required string Source { get; init; }

    /// <summary>The machine it was on.</summary>
    public required string Host { get; init; }

    /// <summary>When the copy was begun, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>From the beginning to the staged, checked copy, in seconds.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>Why the copy was made; absent when nobody said.</summary>
    public string? Reason { get; init; }

    /// <summary>none, gzip or zstd.</summary>
    public required string Compression { get; init; }

    /// <summary>The stored object's bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The stored object's SHA-256.</summary>
    public required Sha256Digest Sha256 { get; init; }

    /// <summary>The database file's bytes.</summary>
    public required long ContentSize { get; init; }

    /// <summary>The database file's SHA-256.</summary>
    public required Sha256Digest ContentSha256 { get; init; }

    /// <summary>The checks that the copy passed before it was stored.</summary>
    public required IReadOnlyList<string> Checks { get; init; }

    /// <summary>The number of rows of each table; empty when they were not counted.</summary>
    public IReadOnlyDictionary<string, long> Rows { get; init; } = new Dictionary<string, long>();

    /// <summary>Facts of the engine.</summary>
    public JsonObject Details { get; init; } = [];

    /// <summary>The largest manifest that is read.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The stored form.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, SnapshotJson.Default.SnapshotManifest);

    /// <summary>Reads the stored form.</summary>
    /// <param name="bytes">What was stored; may be hostile.</param>
    /// <param name="where">The object, for the message.</param>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: it is no manifest of a known version.</exception>
    public static SnapshotManifest Parse(ReadOnlySpan<byte> bytes, string where)
    {
        try
        {
            var manifest =
                JsonSerializer.Deserialize(bytes, SnapshotJson.Default.SnapshotManifest)
                ?? throw new JsonException("it is empty");
            return manifest switch
            {
                { Holdfast: not 1 } => throw new JsonException($"its version {manifest.Holdfast} is not known"),
                { Size: < 0 } or { ContentSize: < 0 } => throw new JsonException("it has a negative size"),
                _ when !Codecs.CompressionCodec.TryParse(manifest.Compression, out _) => throw new JsonException(
                    $"its compression '{manifest.Compression}' is not known"
                ),
                _ => manifest,
            };
        }
        catch (JsonException error)
        {
            throw new StoreException(
                StoreFault.Damaged,
                $"the manifest {where} cannot be used: {error.Message}",
                "the copy itself may be good: verify it, or use a newer holdfast",
                error
            );
        }
    }
}

/// <summary>The record of a verification, stored beside the copy.</summary>
public sealed record VerificationRecord
{
    /// <summary>The version of the format.</summary>
    public int Holdfast { get; init; } = 1;

    /// <summary>When it ended, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>stored, content or restore.</summary>
    public required string Level { get; init; }

    /// <summary>good or bad.</summary>
    public required string Outcome { get; init; }

    /// <summary>How long it took, in seconds; for level restore the measured time to recover.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>The checks that were made.</summary>
    public required IReadOnlyList<string> Checks { get; init; }

    /// <summary>What was found; empty when good.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>The newest good verification of level restore, this one or an earlier one; absent when there was none.</summary>
    public ProvenRestore? Proven { get; init; }
}

/// <summary>A restore that was carried out and checked.</summary>
/// <param name="Time">When it ended, UTC.</param>
/// <param name="DurationSeconds">How long it took: the measured time to recover.</param>
public sealed record ProvenRestore(DateTimeOffset Time, double DurationSeconds);

/// <summary>The content of a pin or of a deletion mark.</summary>
public sealed record SnapshotMark
{
    /// <summary>The version of the format.</summary>
    public int Holdfast { get; init; } = 1;

    /// <summary>When it was set, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Why; absent when nobody said.</summary>
    public string? Reason { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n",
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 16,
    Converters = [typeof(Sha256DigestConverter)]
)]
[JsonSerializable(typeof(SnapshotManifest))]
[JsonSerializable(typeof(VerificationRecord))]
[JsonSerializable(typeof(SnapshotMark))]
internal sealed partial class SnapshotJson : JsonSerializerContext;

internal sealed class Sha256DigestConverter : JsonConverter<Sha256Digest>
{
    public override Sha256Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Sha256Digest.TryParse(reader.GetString(), out var digest)
            ? digest
            : throw new JsonException("a SHA-256 of 64 hexadecimal digits is expected");

    public override void Write(Utf8JsonWriter writer, Sha256Digest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
