using Holdfast.Core.Retention;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Snapshots;

/// <summary>A snapshot as one listing of its target tells it.</summary>
/// <param name="Name">What its name tells.</param>
/// <param name="Size">The stored bytes; 0 when the object is missing.</param>
/// <param name="Sidecars">Which sidecars it has.</param>
/// <param name="IsMissing">There is a manifest, but the copy itself is gone.</param>
public sealed record SnapshotEntry(SnapshotName Name, long Size, IReadOnlySet<Sidecar> Sidecars, bool IsMissing)
{
    /// <summary>The object.</summary>
    public ObjectKey Key => Name.Key;

    /// <summary>Whether a person or a rule may rely on it.</summary>
    public CopyState State =>
        IsMissing || Sidecars.Contains(Sidecar.Damaged) ? CopyState.Bad
        : Sidecars.Contains(Sidecar.Manifest) || Sidecars.Contains(Sidecar.Verified) ? CopyState.Good
        : CopyState.Unverified;

    /// <summary>Whether it must never be deleted.</summary>
    public bool IsPinned => Sidecars.Contains(Sidecar.Pin);

    /// <summary>Whether retention lets it go after the grace period.</summary>
    public bool IsMarked => Sidecars.Contains(Sidecar.Marked);
}
