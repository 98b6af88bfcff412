using Holdfast.Core.Errors;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Timeline;

namespace Holdfast.Cli.Verbs;

/// <summary>Which moment a person means, by one of these at most; the newest when by none.</summary>
/// <param name="Id">A copy by its id or name, or a named restore point.</param>
/// <param name="Nth">A copy by its place, 1 for the newest.</param>
/// <param name="At">The newest moment at or before this time.</param>
/// <param name="Commit">A commit of the timeline.</param>
/// <param name="Lineage">The lineage of that commit; null for the newest.</param>
internal sealed record RestoreSelection(
    string? Id = null,
    int? Nth = null,
    DateTimeOffset? At = null,
    long? Commit = null,
    LineageId? Lineage = null
)
{
    /// <summary>Whether snapshots can be meant.</summary>
    public bool MeansSnapshots => Commit is null;

    /// <summary>Whether commits can be meant.</summary>
    public bool MeansCommits => Nth is null;

    public SnapshotSelection OfSnapshots => new(Id, Nth, At);

    /// <summary>Reads what was given.</summary>
    public static RestoreSelection Parse(
        string? id,
        int? nth,
        DateTimeOffset? at,
        long? commit,
        string? lineage,
        bool latest
    )
    {
        if (new object?[] { id, nth, at, commit, latest ? "" : null }.Count(n => n is not null) > 1)
        {
            throw Usage("--id, --nth, --at, --commit and --latest exclude each other", "choose one");
        }

        LineageId parsed = default;
        return nth < 1 ? throw Usage("--nth counts from 1", "--nth 1")
            : commit < 1 ? throw Usage("--commit counts from 1", "--commit 1")
            : lineage is not null && commit is null
                ? throw Usage("--lineage says which commit is meant", "--commit N --lineage ID")
            : lineage is not null && !LineageId.TryParse(lineage, out parsed)
                ? throw Usage($"'{lineage}' is no lineage", "32 digits, as restore and list show them")
            : new RestoreSelection(id, nth, at, commit, lineage is null ? null : parsed);
    }

    private static HoldfastException Usage(string message, string hint) => new(ErrorCode.Usage, message, hint);
}
