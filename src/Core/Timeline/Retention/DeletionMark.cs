using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Timeline.Retention;

/// <summary>
/// The content of a mark: segments that nothing needed when it was written. Keep in sync with docs/timeline-format.md.
/// </summary>
public sealed record DeletionMark
{
    /// <summary>The largest object that is believed to be one.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>The version of the format; readers refuse those they do not know. This is version 1.</summary>
    [JsonRequired]
    public int Holdfast { get; init; } = 1;

    /// <summary>When it was written, UTC.</summary>
    public required DateTimeOffset Marked { get; init; }

    /// <summary>When the objects are to be deleted if nothing needs them, UTC.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>The names of the segments, without the directory; their parts and closings go with them.</summary>
    public required IReadOnlyList<string> Objects { get; init; }

    /// <summary>The bytes to be stored.</summary>
    public ObjectContent ToContent() =>
        ObjectContent.FromBytes(JsonSerializer.SerializeToUtf8Bytes(this, RetentionJson.Default.DeletionMark));

    /// <summary>Reads what was stored; null when it is none: then it marks nothing.</summary>
    public static DeletionMark? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, RetentionJson.Default.DeletionMark) is { Holdfast: 1 } mark
                ? mark
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The content of a pin. Keep in sync with docs/timeline-format.md.</summary>
public sealed record PointPin
{
    /// <summary>The version of the format. This is version 1.</summary>
    [JsonRequired]
    public int Holdfast { get; init; } = 1;

    /// <summary>The commit of the restore point.</summary>
    public required long Commit { get; init; }

    /// <summary>When it was pinned, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Why, for people.</summary>
    public required string Reason { get; init; }

    /// <summary>The bytes to be stored.</summary>
    public ObjectContent ToContent() =>
        ObjectContent.FromBytes(JsonSerializer.SerializeToUtf8Bytes(this, RetentionJson.Default.PointPin));
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n",
    MaxDepth = 16,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false
)]
[JsonSerializable(typeof(DeletionMark))]
[JsonSerializable(typeof(PointPin))]
internal sealed partial class RetentionJson : JsonSerializerContext;
