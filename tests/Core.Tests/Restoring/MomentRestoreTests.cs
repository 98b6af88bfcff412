using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Restoring;

namespace Holdfast.Core.Tests.Restoring;

public sealed class MomentRestoreTests
{
    private readonly List<string> tried = [];

    [Fact]
    public async Task Restore_OfSeveral_TakesTheNewest_AndOfTheSameTimeTheLowestRank()
    {
        var (restored, skipped) = await RunAsync(OnCorrupt.Fail, Good("a", 1), Good("b", 3, rank: 1), Good("c", 3));
        Assert.Equal("c", ((Fake)restored.Moment).Name);
        Assert.Empty(skipped);
        Assert.Empty(restored.Notes);
    }

    [Fact]
    public async Task Restore_OfADamagedMoment_TakesTheSameOfAnotherTarget_ButNoOlderOne()
    {
        var (restored, skipped) = await RunAsync(OnCorrupt.Fail, Bad("a", 3), Good("newer?", 2), Good("b", 3, rank: 5));
        Assert.Equal("b", ((Fake)restored.Moment).Name);
        Assert.Contains("a is damaged", Assert.Single(restored.Notes), StringComparison.Ordinal);
        Assert.Empty(skipped);

        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            RunAsync(OnCorrupt.Fail, Bad("x", 3), Bad("y", 3), Good("old", 2))
        );
        Assert.Equal("y is damaged", error.Message);
    }

    [Fact]
    public async Task Restore_WithFallback_TakesTheNewestOlderMomentOfAnyTarget()
    {
        var first = Bad("a3", 3, older: Bad("a2", 2, older: Good("a0", 0)));
        var second = Bad("b3", 3, older: Good("b1", 1));
        var (restored, skipped) = await RunAsync(OnCorrupt.Fallback, first, second);
        Assert.Equal("b1", ((Fake)restored.Moment).Name);
        Assert.Equal(["a3", "b3", "a2", "b1"], tried);
        Assert.Equal(["b3 is damaged", "a2 is damaged"], skipped);
    }

    [Fact]
    public async Task Restore_WithFallback_WhenNoneIsGood_IsAnError()
    {
        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            RunAsync(OnCorrupt.Fallback, Bad("a", 2, older: Bad("b", 1)))
        );
        Assert.Equal(ErrorCode.VerificationFailed, error.Code);
        Assert.Contains("none of the 2 copies", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_ThatIsRefused_TriesNothingElse()
    {
        var refused = new Fake("a", 2, 0, ErrorCode.Refused, null, tried);
        var error = await Assert.ThrowsAsync<HoldfastException>(() =>
            RunAsync(OnCorrupt.Fallback, refused, Good("b", 2), Good("c", 1))
        );
        Assert.Equal(ErrorCode.Refused, error.Code);
        Assert.Equal(["a"], tried);
    }

    private static Task<(RestoredMoment Restored, IReadOnlyList<string> Skipped)> RunAsync(
        OnCorrupt onCorrupt,
        params Fake[] moments
    ) =>
        MomentRestore.RunAsync(
            moments,
            onCorrupt,
            engine: null!,
            new RestoreRequest { Destination = "nowhere" },
            progress: null,
            TestContext.Current.CancellationToken
        );

    private Fake Good(string name, int time, int rank = 0) => new(name, time, rank, error: null, older: null, tried);

    private Fake Bad(string name, int time, Fake? older = null) =>
        new(name, time, 0, ErrorCode.VerificationFailed, older, tried);

    private sealed class Fake(string name, int time, int rank, ErrorCode? error, Fake? older, List<string> tried)
        : RestorableMoment
    {
        public string Name => name;

        public override DateTimeOffset Time => DateTimeOffset.UnixEpoch.AddHours(time);

        public override int Rank => rank;

        public override bool IsSameAs(RestorableMoment other) => other.Time == Time;

        public override Task<RestoreEstimate> EstimateAsync(CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override Task<RestoredMoment> RestoreAsync(
            IDatabaseEngine engine,
            RestoreRequest request,
            IProgress<ByteProgress>? progress,
            CancellationToken cancellationToken
        )
        {
            tried.Add(name);
            return error is { } code
                ? throw new HoldfastException(code, $"{name} is damaged")
                : Task.FromResult(new RestoredMoment(this, new Placement("", null, []), 1, 1, [], []));
        }

        public override Task<RestorableMoment?> OlderAsync(CancellationToken cancellationToken) =>
            Task.FromResult<RestorableMoment?>(older);
    }
}
