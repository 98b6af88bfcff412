using System.Text.Json.Serialization;

namespace Holdfast.Core.Snapshots;

/// <summary>The record of a verification, stored beside the copy.</summary>
public sealed record VerificationRecord : IStoredRecord
{
    /// <inheritdoc/>
    [JsonRequired]
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
    public IReadOnlyList<string> Problems
    {
        get;
        // The serializer sets null where the field is absent.
        init => field = value ?? [];
    } = [];

    /// <summary>The newest good verification of level restore, this one or an earlier one; absent when there was none.</summary>
    public ProvenRestore? Proven { get; init; }
}

/// <summary>A restore that was carried out and checked.</summary>
/// <param name="Time">When it ended, UTC.</param>
/// <param name="DurationSeconds">How long it took: the measured time to recover.</param>
public sealed record ProvenRestore(DateTimeOffset Time, double DurationSeconds);

/// <summary>The content of a pin or of a deletion mark.</summary>
public sealed record SnapshotMark : IStoredRecord
{
    /// <inheritdoc/>
    [JsonRequired]
    public int Holdfast { get; init; } = 1;

    /// <summary>When it was set, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Why; absent when nobody said.</summary>
    public string? Reason { get; init; }
}
