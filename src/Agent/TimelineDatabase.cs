using System.Text;
using Holdfast.Core.Retention;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline;
using Holdfast.Core.Vault;

namespace Holdfast.Agent;

/// <summary>A database whose timeline is kept, as the command hands it over. Immutable.</summary>
public sealed record TimelineDatabase
{
    private const int HashDigits = 16;
    private const int MostNameCharacters = 60;

    /// <summary>Its name, as the objects at the targets hold it; unique within an agent.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is, for people.</summary>
    public required string Address { get; init; }

    /// <summary>What tells it from every other database of this machine.</summary>
    public required string Identity { get; init; }

    /// <summary>Whether there is anything at its place now. Thread-safe.</summary>
    public required Func<bool> Exists { get; init; }

    /// <summary>What captures its commits.</summary>
    public required ITimelineSource Source { get; init; }

    /// <summary>Where its commits go; at least one, with names of their own.</summary>
    public required IReadOnlyList<TimelineTarget> Targets { get; init; }

    /// <summary>How its commits are shipped.</summary>
    public TimelineOptions Options { get; init; } = new();

    /// <summary>
    /// The name of its directory in the state directory. Another vault has another one, so that it never continues what
    /// was shipped to this one.
    /// </summary>
    public string Key
    {
        get
        {
            var identity = string.Join('\n', [Name, Identity, .. Targets.Select(target => target.Store.Address)]);
            var hash = Sha256Digest.Of(Encoding.UTF8.GetBytes(identity)).ToString()[..HashDigits];
            return $"{string.Concat(Name.Take(MostNameCharacters).Select(Plain))}-{hash}";
        }
    }

    private static char Plain(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_';
}

/// <summary>A target of a timeline.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Store">The store; it belongs to whoever made it, and may be that of other databases, too.</param>
/// <param name="Vault">Sees that the target is what it was, and gives keys; null for a target that is not looked at.</param>
public sealed record TimelineTarget(string Name, IObjectStore Store, VaultWriter? Vault = null)
{
    /// <summary>How long every commit is kept there; null for ever.</summary>
    /// <value>The default value is 48 hours.</value>
    public TimeSpan? KeepEveryCommit { get; init; } = TimeSpan.FromHours(48);

    /// <summary>The rules for restore points that are older.</summary>
    public RetentionRules KeepPoints { get; init; } = new() { Min = 1 };

    /// <summary>The time zone in which the periods of these rules begin.</summary>
    public TimeZoneInfo Zone { get; init; } = TimeZoneInfo.Utc;

    /// <summary>
    /// The age at which the target itself deletes objects, <see cref="TimeSpan.MaxValue"/> when it is not known; null when
    /// it does not.
    /// </summary>
    public TimeSpan? ObjectsLive { get; init; }
}

/// <summary>How the commits of a database are shipped.</summary>
public sealed record TimelineOptions
{
    /// <summary>The least time between two journals.</summary>
    /// <value>The default value is one second.</value>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The most bytes that commits take on disk while targets are away.</summary>
    /// <value>The default value is 1 GiB.</value>
    public long SpoolBytes { get; init; } = 1L << 30;
}
