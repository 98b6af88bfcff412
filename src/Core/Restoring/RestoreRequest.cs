using Holdfast.Core.Engines;

namespace Holdfast.Core.Restoring;

/// <summary>What to do when what was chosen turns out to be damaged.</summary>
public enum OnCorrupt
{
    /// <summary>End with an error; nothing was changed.</summary>
    Fail,

    /// <summary>Take the newest good moment before it, and say so.</summary>
    Fallback,
}

/// <summary>Where and how something is restored.</summary>
public sealed record RestoreRequest
{
    /// <summary>Where to.</summary>
    public required string Destination { get; init; }

    /// <summary>Replace what is at the destination, and go on when it is in use.</summary>
    public bool Force { get; init; }

    /// <summary>
    /// How what is at the destination is kept, when this is a database that is to be restored in place, beside the programs that use
    /// it; null for replacing its file.
    /// </summary>
    public InPlaceSafety? Safety { get; init; }

    /// <summary>
    /// The engine's check after the bytes were compared; null for: full when there is nothing to compare with. A check
    /// that is named also takes the place of a manifest that is damaged.
    /// </summary>
    public CheckLevel? Check { get; init; }

    /// <summary>A database of about the same content, from which pages may be taken; null for none.</summary>
    public string? Similar { get; init; }
}
