using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>Opens segments of a lineage, and notes in it what is learned by that. Not thread-safe.</summary>
internal sealed class LineageReader(TimelineCatalogue catalogue, TimelineLineage lineage)
{
    private const int Requests = 8;
    private readonly Dictionary<TimelineSegment, SegmentIndex> indexes = new(ReferenceEqualityComparer.Instance);

    /// <summary>Opens a segment and checks that it is what its name says. Thread-safe.</summary>
    /// <exception cref="SegmentLostException">It is missing, damaged or another one.</exception>
    public static async Task<SegmentReader> OpenAsync(
        TimelineCatalogue catalogue,
        LineageId lineage,
        TimelineSegment segment,
        CancellationToken cancellationToken
    )
    {
        var place = catalogue.OriginOf(segment);
        try
        {
            var reader = await SegmentReader.OpenAsync(
                place.Store,
                segment.Key,
                segment.Size,
                place.Keys,
                cancellationToken
            );
            return Fits(reader.Index, lineage, segment.Name)
                ? reader
                : throw new SegmentException(
                    SegmentFault.Damaged,
                    $"{segment.Key} at {place.Store.Address}: it holds another segment than its name says"
                );
        }
        catch (Exception error) when (SegmentLostException.IsLoss(error))
        {
            throw new SegmentLostException(segment, error);
        }
    }

    /// <summary>The index of a segment; null when it is lost, which is noted.</summary>
    public async Task<SegmentIndex?> IndexAsync(TimelineSegment segment, CancellationToken cancellationToken)
    {
        if (lineage.Lost.ContainsKey(segment))
        {
            return null;
        }

        if (indexes.TryGetValue(segment, out var known))
        {
            return known;
        }

        try
        {
            var index = (await OpenAsync(catalogue, lineage.Id, segment, cancellationToken)).Index;
            lineage.Learn(segment, index);
            indexes.Clear();
            indexes.Add(segment, index);
            return index;
        }
        catch (SegmentLostException error)
        {
            lineage.Lose(segment, error.Reason);
            return null;
        }
    }

    /// <summary>The newest commit that is stored; null when the segment that holds it is lost.</summary>
    public async Task<long?> FindTipAsync(CancellationToken cancellationToken)
    {
        var rolledUp = lineage.RollUps.Count > 0 ? lineage.RollUps.Max(r => r.Name.Last) : 0;
        var last = lineage.Bases.Concat(lineage.Deltas).Select(s => s.Name.Last).Append(rolledUp).Max();
        var unknown = 0L;
        foreach (var newest in lineage.NewestJournals)
        {
            if (await IndexAsync(newest, cancellationToken) is { } index)
            {
                last = Math.Max(last, index.Last);
                rolledUp = Math.Max(rolledUp, lineage.IsUnited ? index.Last : 0);
            }
            else
            {
                unknown = Math.Max(unknown, newest.Name.First);
            }
        }

        return unknown <= rolledUp ? last : null;
    }

    /// <summary>Learns what ranges of commits depend on and names do not tell.</summary>
    /// <returns>The newest commit, see <see cref="FindTipAsync"/>.</returns>
    public async Task<long?> LearnEndsAsync(CancellationToken cancellationToken)
    {
        if (lineage.Covering(1) is { } first)
        {
            _ = await IndexAsync(first, cancellationToken);
        }

        return await FindTipAsync(cancellationToken);
    }

    /// <summary>
    /// Learns where the journals end that no roll-up holds: a name tells only where one begins, and would hide a gap.
    /// </summary>
    public async Task LearnJournalsAsync(CancellationToken cancellationToken)
    {
        var unknown = lineage.Journals.Where(j =>
            !lineage.IsEndKnown(j)
            && lineage.Covering(j.Name.First) is { } covering
            && (covering == j || (lineage.IsUnited && covering.Name.Object == TimelineObject.Journal))
        );
        foreach (var few in unknown.ToList().Chunk(Requests))
        {
            var readings = few.Select(journal => TryOpenAsync(journal, cancellationToken));
            foreach (var (journal, index, lost) in await Task.WhenAll(readings))
            {
                if (index != null)
                {
                    lineage.Learn(journal, index);
                }
                else
                {
                    lineage.Lose(journal, lost!.Reason);
                }
            }
        }
    }

    /// <summary>When a commit that can be restored was seen; null when what tells it is lost.</summary>
    public async Task<DateTimeOffset?> TimeOfAsync(long commit, CancellationToken cancellationToken)
    {
        var named = lineage
            .Bases.Concat(lineage.Deltas)
            .Concat(lineage.RollUps)
            .FirstOrDefault(s => s.Name.Last == commit);
        if (named != null)
        {
            return named.Name.Time;
        }

        return
            lineage.Covering(commit) is { } segment
            && await IndexAsync(segment, cancellationToken) is { } index
            && index.FindLast(commit) is var position and >= 0
            ? index.Commit(position).Time
            : null;
    }

    private async Task<(TimelineSegment Journal, SegmentIndex? Index, SegmentLostException? Lost)> TryOpenAsync(
        TimelineSegment journal,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return (journal, (await OpenAsync(catalogue, lineage.Id, journal, cancellationToken)).Index, null);
        }
        catch (SegmentLostException lost)
        {
            return (journal, null, lost);
        }
    }

    private static bool Fits(SegmentIndex index, LineageId lineage, TimelineName name) =>
        index.Header.Lineage == lineage
        && name.Object switch
        {
            TimelineObject.Journal => index.Header.Kind == SegmentKind.Journal && index.First == name.First,
            TimelineObject.RollUp => index.Header.Kind == SegmentKind.Journal
                && index.First == name.First
                && index.Last == name.Last,
            TimelineObject.Base => index.Header.Kind == SegmentKind.Base
                && index.From.Number == name.First
                && index.Last == name.Last,
            TimelineObject.Delta => index.Header.Kind == SegmentKind.Delta
                && index.Header.Level == name.Level
                && index.From.Number == name.First
                && index.Settled.Number == name.Settled
                && index.Last == name.Last,
            TimelineObject.Closing => index.Header.Kind == SegmentKind.Delta
                && index.From.Number == name.First
                && index.Settled.Number == name.Last
                && index.Last == name.Last,
            _ => false,
        };
}
