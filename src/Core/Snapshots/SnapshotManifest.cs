using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Snapshots;

/// <summary>
/// The manifest of a snapshot, version 1: what the copy is and what it must come back as. Stored as JSON beside the copy,
/// written after it. Specified in docs/format.md.
/// </summary>
public sealed record SnapshotManifest : IStoredRecord
{
    /// <inheritdoc/>
    [JsonRequired]
    public int Holdfast { get; init; } = 1;

    /// <summary>Random hexadecimal digits: no two backups have the same; the copies of one backup at several targets do.</summary>
    public required string Run { get; init; }

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
    public IReadOnlyDictionary<string, long> Rows
    {
        get;
        // The serializer sets null where the field is absent.
        init => field = value ?? new Dictionary<string, long>();
    } = new Dictionary<string, long>();

    /// <summary>Facts of the engine.</summary>
    public JsonObject Details
    {
        get;
        init => field = value ?? [];
    } = [];

    /// <summary>The largest manifest that is read.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>The stored form.</summary>
    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, SnapshotJson.Default.SnapshotManifest);

    /// <summary>Reads the stored form.</summary>
    /// <param name="bytes">What was stored; may be hostile.</param>
    /// <param name="where">The object, for the message.</param>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: it is no manifest.</exception>
    /// <exception cref="HoldfastException">It is of a later version: that says nothing of the copy.</exception>
    public static SnapshotManifest Parse(ReadOnlySpan<byte> bytes, string where)
    {
        var manifest = StoredRecords.Parse(bytes, SnapshotJson.Default.SnapshotManifest, where);
        var problem = manifest switch
        {
            { Size: < 0 } or { ContentSize: < 0 } => "it has a negative size",
            _ when !Codecs.CompressionCodec.TryParse(manifest.Compression, out _) =>
                $"its compression '{manifest.Compression}' is not known",
            _ => null,
        };
        return problem is null ? manifest : throw StoredRecords.Damaged(where, problem);
    }

    /// <summary>Without what makes it longer than a manifest may be: the rows of very many tables.</summary>
    internal SnapshotManifest Bounded() =>
        ToBytes().Length <= MaxBytes - ObjectKey.MaxBytes ? this : this with { Rows = new Dictionary<string, long>() };
}
