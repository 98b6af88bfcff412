using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Spool;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>
/// Compares what a target holds of a lineage with what was noted when it was stored: names, and the last bytes of the
/// newest object.
/// </summary>
internal sealed class StoredCheck(StoreCalls calls, TimelineShipperOptions options, ISpool spool)
{
    /// <summary>Lists the lineage, and brings the note up to date with what a killed run had stored.</summary>
    /// <exception cref="FencedException">Somebody else has stored there, or what was stored is not there.</exception>
    public async Task<(ListedLineage Listed, ShippingNote Note)> RunAsync(
        ShippingNote note,
        CancellationToken cancellationToken
    )
    {
        // Not before something is known to be there: a run that was killed may have noted what it never stored.
        var isNew = note.Stored?.Name == null && note.RollUp == null;
        var prefix = $"{TimelineNames.Prefix(options.Database)}{spool.Lineage}/";
        var listed = new ListedLineage(
            await calls.ListAsync(prefix, isNew, cancellationToken),
            options.Database,
            spool.Lineage
        );
        if (listed.Behind(spool.Newest.Number) is { } newer)
        {
            throw Fenced($"it has commit {newer.Commit}, and the newest here is {spool.Newest.Number}");
        }

        if (note.Pending is { } pending)
        {
            note = note with
            {
                Stored = await IsOursAsync(listed, pending, cancellationToken) ? pending : note.Stored,
                Pending = null,
            };
        }

        if (listed.Behind(note.Stored?.Commit.Number ?? 0) is { } unknown)
        {
            throw Fenced($"{unknown.Name} was not stored by this log");
        }

        var newestRollUp = note.RollUp is { } rollUp && await IsOursAsync(listed, rollUp, cancellationToken);
        if (note.Stored is not { } stored)
        {
            return (listed, note);
        }

        var ours = stored.Commit.Number == spool.Newest.Number ? spool.Newest : spool.Find(stored.Commit.Number);
        if (ours is { } commit && commit.Number == stored.Commit.Number && commit.Hash != stored.Commit.Hash)
        {
            throw Fenced($"its commit {commit.Number} is another one than ours");
        }

        if (
            stored.Name != null
            && !(newestRollUp && note.RollUp!.Commit.Number == stored.Commit.Number)
            && !await IsOursAsync(listed, stored, cancellationToken)
        )
        {
            throw Fenced($"{stored.Name} was stored, and is not there any more");
        }

        return (listed, note);
    }

    // The bytes are compared as they are: nothing is decompressed, nothing is decrypted.
    private async Task<bool> IsOursAsync(ListedLineage listed, StoredMark mark, CancellationToken cancellationToken)
    {
        if (listed.Find(mark.Name) is not { } info)
        {
            return false;
        }

        var footer = new byte[SegmentFooter.Length];
        var range = new ByteRange(Math.Max(0, info.Size - footer.Length), footer.Length);
        var read = await calls.ReadAsync(
            async (store, token) =>
            {
                await using var stream = await store.OpenReadAsync(info.Key, range, token);
                return await stream.ReadAtLeastAsync(footer, footer.Length, throwOnEndOfStream: false, token);
            },
            cancellationToken
        );
        return read == footer.Length && SegmentFooter.DigestOf(footer).ToString() == mark.Digest
            ? true
            : throw Fenced($"{mark.Name} is another one than ours");
    }

    private FencedException Fenced(string why) => FencedException.Of(options, spool.Lineage, why);
}
