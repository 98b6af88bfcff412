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

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ShippingNote))]
internal sealed partial class ShippingNoteJson : JsonSerializerContext;
