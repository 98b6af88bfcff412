using Holdfast.Core.Errors;

namespace Holdfast.Core.Snapshots;

/// <summary>Which snapshot a person means, by one of these at most; the newest when by none.</summary>
/// <param name="Id">The beginning of an id (at least 4 digits), or the whole name; null for any.</param>
/// <param name="Nth">1 for the newest, 2 for the one before; null for the newest.</param>
/// <param name="At">The newest at or before this time; null for any time.</param>
public sealed record SnapshotSelection(string? Id = null, int? Nth = null, DateTimeOffset? At = null)
{
    /// <summary>The candidates, best first: the one meant, and behind it the older ones to fall back to.</summary>
    /// <param name="entries">All snapshots, newest first.</param>
    /// <param name="where">The target, for the message.</param>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.NothingSatisfies"/>, or an ambiguous id.</exception>
    public IReadOnlyList<SnapshotEntry> Choose(IReadOnlyList<SnapshotEntry> entries, string where)
    {
        if ((Id is null ? 0 : 1) + (Nth is null ? 0 : 1) + (At is null ? 0 : 1) > 1 || Nth < 1)
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                "a copy is chosen by its id, by its place counted from 1, or by a time",
                "give one of --id, --nth and --at"
            );
        }

        if (entries.Count == 0)
        {
            throw new HoldfastException(
                ErrorCode.NothingSatisfies,
                $"there is no snapshot at {where}",
                $"see what is there: holdfast list --from {where}"
            );
        }

        var start =
            Id is not null ? IndexOf(entries, Id, where)
            : At is not null ? entries.TakeWhile(e => e.Name.Time > At).Count()
            : (Nth ?? 1) - 1;
        return start < entries.Count ? [.. entries.Skip(start)] : throw TooFew(entries, where);
    }

    /// <summary>That no snapshot is old enough, or there are too few.</summary>
    internal HoldfastException TooFew(IReadOnlyList<SnapshotEntry> entries, string where) =>
        new(
            ErrorCode.NothingSatisfies,
            At is null
                ? $"there are {entries.Count} snapshots at {where}, and number {Nth} was asked for"
                : $"no snapshot at {where} is as old as {At:u}; the oldest is of {entries[^1].Name.Time:u}",
            $"see what is there: holdfast list --from {where}"
        );

    private static int IndexOf(IReadOnlyList<SnapshotEntry> entries, string id, string where)
    {
        var found = entries
            .Select((entry, index) => (entry, index))
            .Where(e =>
                string.Equals(e.entry.Key.Value, id, StringComparison.Ordinal)
                || (id.Length >= 4 && e.entry.Name.Id.StartsWith(id, StringComparison.OrdinalIgnoreCase))
            )
            .ToList();
        return found.Count switch
        {
            1 => found[0].index,
            0 => throw new HoldfastException(
                ErrorCode.NothingSatisfies,
                $"no snapshot at {where} has the id {id}",
                $"see the ids: holdfast list --from {where}"
            ),
            _ => throw new HoldfastException(
                ErrorCode.Usage,
                $"the id {id} fits {found.Count} snapshots at {where}: {string.Join(", ", found.Select(f => f.entry.Name.Id))}",
                "write more of its digits"
            ),
        };
    }
}
