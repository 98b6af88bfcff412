using Holdfast.Core.Engines;
using Holdfast.Core.Files;
using Holdfast.Core.Restoring;
using Holdfast.Core.Stores;
using Holdfast.Core.Tests.Timeline.Restore;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Timeline.Verification;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Verification;

public sealed class TimelineVerificationTests : IDisposable
{
    private static readonly Dictionary<ObjectKey, DateTimeOffset> Never = [];
    private readonly ScratchDirectory scratch = new();
    private readonly ManualClock clock = new();
    private readonly Restore.Vault vault = new(new History(7, 512, 20));
    private readonly Engine engine = new();

    public enum Harm
    {
        MissingJournal,
        MissingFirstJournal,
        MissingPart,
        TruncatedPart,
        MissingBase,
        FlippedIndex,
        FlippedBlock,
        FlippedHeaderOfAPart,
        SwappedJournals,
        AnotherHistory,
        EngineFindsDamage,
    }

    public void Dispose()
    {
        vault.Dispose();
        scratch.Dispose();
    }

    [Theory]
    [InlineData(VerifyLevel.Stored)]
    [InlineData(VerifyLevel.Content)]
    [InlineData(VerifyLevel.Restore)]
    public async Task Run_OfWhatIsWhole_IsGood(VerifyLevel level)
    {
        _ = await StoreAsync();
        var result = await RunAsync(level);
        Assert.Equal([], result.Problems);
        Assert.Equal(CheckOutcome.Good, result.Outcome);
        Assert.Equal(level == VerifyLevel.Content ? result.Segments : 0, result.Read.Count);
        Assert.Equal(5, result.Segments);
        Assert.Empty(Directory.EnumerateDirectories(scratch[""], "run-*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(Harm.MissingJournal, VerifyLevel.Stored)]
    [InlineData(Harm.MissingFirstJournal, VerifyLevel.Stored)]
    [InlineData(Harm.MissingPart, VerifyLevel.Stored)]
    [InlineData(Harm.TruncatedPart, VerifyLevel.Stored)]
    [InlineData(Harm.MissingBase, VerifyLevel.Stored)]
    [InlineData(Harm.FlippedIndex, VerifyLevel.Stored)]
    [InlineData(Harm.SwappedJournals, VerifyLevel.Stored)]
    [InlineData(Harm.AnotherHistory, VerifyLevel.Stored)]
    [InlineData(Harm.FlippedBlock, VerifyLevel.Content)]
    [InlineData(Harm.FlippedHeaderOfAPart, VerifyLevel.Content)]
    [InlineData(Harm.EngineFindsDamage, VerifyLevel.Restore)]
    public async Task Run_OfWhatWasHarmed_IsBadFromItsLevelOn(Harm harm, VerifyLevel least)
    {
        var keys = await StoreAsync();
        await HarmAsync(harm, keys);
        foreach (var level in Enum.GetValues<VerifyLevel>())
        {
            var result = await RunAsync(level);
            // A restore reads what its commit needs only.
            var isFound = level >= least && (least != VerifyLevel.Content || level == VerifyLevel.Content);
            Assert.True(
                (result.Outcome == CheckOutcome.Bad) == isFound,
                $"{level}: {result.Outcome} {string.Join("; ", result.Problems)}"
            );
            Assert.Equal(isFound, result.Problems.Count > 0);
        }
    }

    [Fact]
    public async Task Run_StoreCannotBeAsked_IsInconclusive()
    {
        _ = await StoreAsync();
        var catalogue = await vault.ListAsync();
        vault.Store.FailAll(StoreOperation.OpenRead, InjectedFault.Unreachable());
        foreach (var level in Enum.GetValues<VerifyLevel>())
        {
            var result = await RunAsync(level, catalogue: catalogue);
            Assert.Equal(CheckOutcome.Inconclusive, result.Outcome);
            Assert.NotEmpty(result.Problems);
        }
    }

    [Fact]
    public async Task Run_StoreGoesAwayWhileContentIsRead_IsInconclusiveAndKeepsWhatWasRead()
    {
        var keys = await StoreAsync();
        // Its size is asked for first; only its content is read.
        var part = await PartAsync(keys.Newest);
        vault.Store.When(call =>
            call.Operation == StoreOperation.OpenRead && call.Name == part.Value ? InjectedFault.Unreachable() : null
        );
        var result = await RunAsync(VerifyLevel.Content);
        Assert.Equal(CheckOutcome.Inconclusive, result.Outcome);
        Assert.Equal(result.Segments - 1, result.Read.Count);
        Assert.DoesNotContain(keys.Newest, result.Read.Keys);
    }

    [Fact]
    public async Task Run_SegmentIsRemovedMeanwhile_IsNoDamage()
    {
        var keys = await StoreAsync();
        var catalogue = await vault.ListAsync();
        await vault.DeleteAsync(keys.OldBase);
        var result = await RunAsync(VerifyLevel.Content, catalogue: catalogue);
        Assert.True(result.Outcome == CheckOutcome.Inconclusive, string.Join("; ", result.Problems));
    }

    [Fact]
    public async Task Run_WithABudget_ReadsWhatWasNotReadForLongestFirst()
    {
        _ = await StoreAsync();
        var read = Never;
        var order = new List<ObjectKey>();
        for (var round = 1; round <= 5; round++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            var result = await RunAsync(VerifyLevel.Content, TimeSpan.Zero, read);
            Assert.Equal(CheckOutcome.Good, result.Outcome);
            Assert.Equal(result.Segments - 1, result.Left);
            order.Add(result.Read.Single(item => item.Value == clock.GetUtcNow()).Key);
            read = result.Read.ToDictionary();
        }

        Assert.Equal(5, order.Distinct().Count());
        clock.Advance(TimeSpan.FromHours(1));
        var again = await RunAsync(VerifyLevel.Content, TimeSpan.Zero, read);
        Assert.Equal(clock.GetUtcNow(), again.Read[order[0]]);
    }

    private async Task<Stored> StoreAsync()
    {
        var old = await vault.BaseAsync(2, 4);
        var first = await vault.JournalAsync(3, 9);
        var second = await vault.JournalAsync(10, 14);
        vault.Options = vault.Options with { PartBytes = 2048, BlockBytes = 1024 };
        var newest = await vault.BaseAsync(12, 13);
        vault.Options = vault.Options with { PartBytes = 64 << 20, BlockBytes = 4096 };
        var last = await vault.JournalAsync(15, 20);
        return new Stored(old, first, second, newest, last);
    }

    private async Task HarmAsync(Harm harm, Stored keys)
    {
        var part = await PartAsync(keys.Newest);
        switch (harm)
        {
            case Harm.MissingJournal:
                await vault.DeleteAsync(keys.Second);
                break;
            case Harm.MissingFirstJournal:
                await vault.DeleteAsync(keys.First);
                break;
            case Harm.MissingPart:
                await vault.DeleteAsync(part);
                break;
            case Harm.TruncatedPart:
                var bytes = await vault.Store.GetAsync(part.Value);
                await vault.Store.PutAsync(part.Value, bytes[..^1], PutCondition.Always);
                break;
            case Harm.MissingBase:
                await vault.DeleteAsync(keys.OldBase);
                await vault.DeleteAsync(keys.Newest);
                break;
            case Harm.FlippedIndex:
                vault.Damage(keys.First, -60);
                break;
            case Harm.FlippedBlock:
                vault.Damage(keys.First, SegmentHeader.Length + 20);
                break;
            case Harm.FlippedHeaderOfAPart:
                vault.Damage(part, 60);
                break;
            case Harm.SwappedJournals:
                var (one, other) = (
                    await vault.Store.GetAsync(keys.First.Value),
                    await vault.Store.GetAsync(keys.Second.Value)
                );
                await vault.Store.PutAsync(keys.First.Value, other, PutCondition.Always);
                await vault.Store.PutAsync(keys.Second.Value, one, PutCondition.Always);
                break;
            case Harm.AnotherHistory:
                await vault.DeleteAsync(keys.Last);
                vault.History = new History(8, 512, 20);
                _ = await vault.JournalAsync(15, 20);
                break;
            default:
                engine.Outcome = CheckOutcome.Bad;
                break;
        }
    }

    private async Task<ObjectKey> PartAsync(ObjectKey segment)
    {
        var stem = TimelineNames.StemOf(segment);
        var all = await vault.Store.ListAllAsync();
        return all.First(info =>
            TimelineNames.TryParse(info.Key, "app", out _, out var name)
            && name.Object == TimelineObject.Part
            && name.Stem == stem
        ).Key;
    }

    private async Task<TimelineVerificationResult> RunAsync(
        VerifyLevel level,
        TimeSpan? budget = null,
        IReadOnlyDictionary<ObjectKey, DateTimeOffset>? earlier = null,
        Core.Timeline.Restore.TimelineCatalogue? catalogue = null
    )
    {
        catalogue ??= await vault.ListAsync();
        var paths = new WorkPaths(scratch["locks"], scratch["scratch"]);
        return await new TimelineVerification(catalogue, engine, paths, clock).RunAsync(
            Assert.Single(catalogue.Lineages),
            level,
            budget,
            earlier ?? Never,
            CancellationToken.None
        );
    }

    private sealed record Stored(
        ObjectKey OldBase,
        ObjectKey First,
        ObjectKey Second,
        ObjectKey Newest,
        ObjectKey Last
    );

    private sealed class Engine : IDatabaseEngine
    {
        public CheckOutcome Outcome { get; set; }

        public string Name => "pages";

        public string FileExtension => ".pages";

        public Task<CheckReport> CheckAsync(string copyPath, CheckLevel level, CancellationToken cancellationToken)
        {
            Assert.True(File.Exists(copyPath));
            string[] problems = Outcome == CheckOutcome.Good ? [] : ["an index lacks an entry"];
            return Task.FromResult(new CheckReport(Outcome, ["pages"], problems, [], new Dictionary<string, long>()));
        }

        public bool Exists(string destination) => throw new NotSupportedException();

        public Task<IRestoreDestination> PrepareRestoreAsync(
            string destination,
            bool force,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();

        public Task<IRestoreDestination> PrepareInPlaceAsync(
            string destination,
            InPlaceSafety safety,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();
    }
}
