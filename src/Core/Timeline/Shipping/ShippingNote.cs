using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>
/// What a shipper remembers of a target, in the spool: it knows its own objects again without reading what they hold.
/// </summary>
internal sealed record ShippingNote
{
    /// <summary>The commit after which all others are stored.</summary>
    public long From { get; init; }

    /// <summary>The newest commit that is stored, and its journal; without a name, a base is to hold it.</summary>
    public StoredMark? Stored { get; init; }

    /// <summary>The journal that was being stored when this was written.</summary>
    public StoredMark? Pending { get; init; }

    /// <summary>The newest roll-up, perhaps being stored when this was written.</summary>
    public StoredMark? RollUp { get; init; }

    /// <summary>The commit before the oldest that may still be rolled up; size 0 when no more than its number is known.</summary>
    public CommitInfo RolledUp { get; init; }

    /// <summary>Where the newest restore points were settled, at most one of each level; null for none.</summary>
    public IReadOnlyList<SettledPoint>? Points { get; init; }

    /// <summary>Notes where a restore point was settled: it is the newest of its level and the finer ones.</summary>
    public ShippingNote With(SettledPoint point) =>
        this with
        {
            Points = [.. (Points ?? []).Where(known => known.Level > point.Level), point],
        };

    public static ShippingNote Of(TargetProgress progress) =>
        progress.Note is { } json
            ? JsonSerializer.Deserialize(json, ShippingNoteJson.Default.ShippingNote)!
            : new ShippingNote();

    public TargetProgress ToProgress() =>
        new()
        {
            Stored = Stored?.Commit.Number ?? 0,
            Released = RolledUp.Number,
            Note = JsonSerializer.Serialize(this, ShippingNoteJson.Default.ShippingNote),
        };
}

/// <summary>An object that a shipper has stored.</summary>
/// <param name="Name">Its name; null when it is not known yet.</param>
/// <param name="Digest">The digest at its end, in hexadecimal digits.</param>
/// <param name="Commit">Its last commit.</param>
internal sealed record StoredMark(string? Name, string? Digest, CommitInfo Commit);

/// <summary>Where a restore point was settled: the next one begins there.</summary>
/// <param name="Level">Its level.</param>
/// <param name="Commit">The commit.</param>
internal sealed record SettledPoint(byte Level, Format.CommitPoint Commit);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ShippingNote))]
internal sealed partial class ShippingNoteJson : JsonSerializerContext;
