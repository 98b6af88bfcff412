using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Threading.Channels;
using Holdfast.Core.Errors;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Restore;

/// <summary>
/// One attempt at a restore: one walk that finds the blocks, several workers that fetch and write. The hash of the database proves
/// every byte, so the digests of the blocks need not be compared as well, which is half of the hashing; when the proof fails, another
/// attempt compares them, to find out which object it is.
/// </summary>
internal sealed class RestoreRun(
    TimelineCatalogue catalogue,
    TimelinePlan plan,
    IPageWriter writer,
    TimelineRestoreOptions options,
    bool compareDigests
)
{
    private const int ZeroBytes = 1024 * 1024;
    private readonly PageSet claimed = new(plan.Target.DatabasePages);
    private readonly RestoreCounts counts = new(plan.DatabaseBytes, options.Progress);

    /// <summary>Runs it; null when the database was not rebuilt, and the digests may tell why.</summary>
    public async Task<TimelineRestored?> RunAsync(CancellationToken cancellationToken)
    {
        var hash = await WriteBlocksAsync(cancellationToken) ^ WriteZeros(cancellationToken);
        return hash != plan.Target.Hash && !compareDigests ? null
            : hash == plan.Target.Hash
                ? new TimelineRestored(
                    plan,
                    counts.Objects,
                    counts.BytesRead,
                    counts.PagesWritten,
                    counts.PagesKept,
                    [.. plan.Lineage.Lost.Values]
                )
            : throw new HoldfastException(
                ErrorCode.VerificationFailed,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"commit {plan.Target.Number} was not rebuilt: its pages have the hash {hash:x16}, and had {plan.Target.Hash:x16}"
                ),
                "nothing was put into place; try another commit or another target, and report this"
            );
    }

    private async Task<ulong> WriteBlocksAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var jobs = Channel.CreateBounded<BlockJob>(
            new BoundedChannelOptions(2 * options.Requests) { SingleWriter = true }
        );
        var workers = new Task<ulong>[options.Requests];
        for (var i = 0; i < workers.Length; i++)
        {
            workers[i] = Task.Run(() => StopOnFailureAsync(() => WorkAsync(jobs.Reader, stop.Token), stop), stop.Token);
        }

        Task<ulong>[] all = [StopOnFailureAsync(() => WalkAsync(jobs.Writer, stop.Token), stop), .. workers];
        try
        {
            return (await Task.WhenAll(all)).Aggregate(0UL, (hash, one) => hash ^ one);
        }
        catch (Exception) when (FirstFailure(all) is { } failure)
        {
            // Those that were stopped because of it only say that they were.
            ExceptionDispatchInfo.Throw(failure);
            throw;
        }
    }

    private async Task<ulong> WalkAsync(ChannelWriter<BlockJob> jobs, CancellationToken cancellationToken)
    {
        var walk = new RestoreWalk(catalogue, plan, claimed, counts);
        await foreach (var job in walk.JobsAsync(cancellationToken))
        {
            await jobs.WriteAsync(job, cancellationToken);
        }

        jobs.Complete();
        return 0;
    }

    private async Task<ulong> WorkAsync(ChannelReader<BlockJob> jobs, CancellationToken cancellationToken)
    {
        using var worker = new BlockWorker(plan, writer, options.Existing, counts, compareDigests);
        await foreach (var job in jobs.ReadAllAsync(cancellationToken))
        {
            await worker.RunAsync(job, cancellationToken);
        }

        return worker.Hash;
    }

    private static async Task<ulong> StopOnFailureAsync(Func<Task<ulong>> work, CancellationTokenSource stop)
    {
        try
        {
            return await work();
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private static Exception? FirstFailure(IEnumerable<Task> tasks) =>
        tasks.FirstOrDefault(task => task.IsFaulted)?.Exception!.InnerException;

    /// <summary>Pages that no commit wrote are zero.</summary>
    /// <returns>The exclusive or of their hashes.</returns>
    private ulong WriteZeros(CancellationToken cancellationToken)
    {
        var hash = 0UL;
        var zeros = Array.Empty<byte>();
        var lockPage = SegmentHeader.LockPageOf(plan.PageSize);
        for (var page = 1L; page <= plan.Target.DatabasePages; page++)
        {
            var first = page;
            while (page <= plan.Target.DatabasePages && page != lockPage && !claimed.Contains((uint)page))
            {
                cancellationToken.ThrowIfCancellationRequested();
                zeros = zeros.Length > 0 ? zeros : new byte[Math.Max(ZeroBytes, plan.PageSize)];
                hash ^= PageHash.Of((uint)page, zeros.AsSpan(0, plan.PageSize));
                page++;
            }

            for (var most = zeros.Length / plan.PageSize; first < page; first += most)
            {
                var count = (int)Math.Min(most, page - first);
                writer.Write((uint)first, zeros.AsSpan(0, count * plan.PageSize));
                counts.Wrote(count, count * plan.PageSize, kept: false);
            }
        }

        return hash;
    }
}
