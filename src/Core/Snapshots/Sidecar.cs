using Holdfast.Core.Stores;

namespace Holdfast.Core.Snapshots;

/// <summary>The small objects beside a snapshot. Their endings are a promise; a listing alone tells a copy's state.</summary>
public enum Sidecar
{
    /// <summary>The copy is whole and was checked; written last.</summary>
    Manifest,

    /// <summary>The newest good verification.</summary>
    Verified,

    /// <summary>The newest verification found damage.</summary>
    Damaged,

    /// <summary>The copy must never be deleted.</summary>
    Pin,

    /// <summary>Retention lets the copy go; it is deleted after the grace period.</summary>
    Marked,
}

/// <summary>The names of sidecars.</summary>
public static class SidecarNames
{
    // The longest endings first: every one of them ends with the manifest's.
    private static readonly (Sidecar Sidecar, string Ending)[] Endings =
    [
        (Sidecar.Verified, ".verified.json"),
        (Sidecar.Damaged, ".damaged.json"),
        (Sidecar.Marked, ".marked.json"),
        (Sidecar.Pin, ".pin.json"),
        (Sidecar.Manifest, ".json"),
    ];

    internal static string LongestEnding => Endings[0].Ending;

    /// <summary>The name of a snapshot's sidecar.</summary>
    public static ObjectKey For(this Sidecar sidecar, ObjectKey snapshot) =>
        new(snapshot.Value + Endings.First(e => e.Sidecar == sidecar).Ending);

    /// <summary>Tells of which snapshot an object is a sidecar; null when it is none by its name.</summary>
    public static (ObjectKey Snapshot, Sidecar Sidecar)? Read(ObjectKey key)
    {
        foreach (var (sidecar, ending) in Endings)
        {
            if (
                key.Value.EndsWith(ending, StringComparison.Ordinal)
                && key.Value[..^ending.Length] is var snapshot
                && ObjectKey.IsValid(snapshot)
            )
            {
                return (new ObjectKey(snapshot), sidecar);
            }
        }

        return null;
    }
}
