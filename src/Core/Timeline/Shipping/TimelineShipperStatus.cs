namespace Holdfast.Core.Timeline.Shipping;

/// <summary>What a shipper does.</summary>
public enum ShippingState
{
    /// <summary>It has not yet seen what is stored.</summary>
    Starting,

    /// <summary>All is well.</summary>
    Shipping,

    /// <summary>The target is not well; what is to be stored waits on disk.</summary>
    Retrying,

    /// <summary>The target holds another history of the lineage: it has stopped.</summary>
    Fenced,
}

/// <summary>How far a shipper is.</summary>
/// <param name="State">What it does.</param>
/// <param name="Lineage">The lineage that it ships; null before the first.</param>
/// <param name="Stored">The newest commit that is stored, with all before it since the base; 0 for none.</param>
/// <param name="Base">The commit from which on the newest base can be used; 0 while there is none.</param>
/// <param name="Lag">The age of the oldest commit that is not stored; zero when all are.</param>
/// <param name="Retries">How often a call of the store was made again, since the start.</param>
/// <param name="LastError">What the store said last that was not good; null when never.</param>
/// <param name="LastErrorAt">When it said so.</param>
/// <param name="DeletionRefused">Whether the store refuses to delete: nothing is ever removed then.</param>
/// <param name="PruningRefused">Why what is due is not deleted without a person's word; null when nothing is held back.</param>
public sealed record TimelineShipperStatus(
    ShippingState State,
    LineageId? Lineage,
    long Stored,
    long Base,
    TimeSpan Lag,
    long Retries,
    string? LastError,
    DateTimeOffset? LastErrorAt,
    bool DeletionRefused,
    string? PruningRefused
);
