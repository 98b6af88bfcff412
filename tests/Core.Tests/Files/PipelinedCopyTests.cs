using Holdfast.Core.Codecs;
using Holdfast.Core.Files;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Files;

public class PipelinedCopyTests
{
    private const int Piece = 512 * 1024;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Piece - 1)]
    [InlineData(Piece)]
    [InlineData(Piece + 1)]
    [InlineData((9 * Piece) + 17)]
    public async Task Run_OfAnySize_HandsOnAllInOrder(int size)
    {
        var content = SampleBytes.Of(size);
        using var copied = new MemoryStream();
        var count = await PipelinedCopy.RunAsync(new MemoryStream(content), copied.Write, default);
        Assert.Equal(size, count);
        Assert.Equal(content, copied.ToArray());
    }

    [Fact]
    public async Task Run_WhenTheSourceFails_ThrowsItsErrorAfterWhatWasRead()
    {
        var source = new Source(pieces: 3, () => throw new InvalidDataException("damaged"));
        long consumed = 0;
        var error = await Assert.ThrowsAsync<InvalidDataException>(() =>
            PipelinedCopy.RunAsync(source, piece => consumed += piece.Length, default)
        );
        Assert.Equal("damaged", error.Message);
        Assert.Equal(3 * Piece, consumed);
    }

    [Fact]
    public async Task Run_WhenTheConsumerFails_ThrowsItsErrorAndLeavesTheSourceAlone()
    {
        var source = new Source(pieces: int.MaxValue, () => { });
        await Assert.ThrowsAsync<IOException>(() =>
            PipelinedCopy.RunAsync(source, _ => throw new IOException("full"), default)
        );

        // It belongs to the caller again, who may dispose it: nobody reads any more.
        source.Dispose();
        var reads = source.Reads;
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(reads, source.Reads);
    }

    [Fact]
    public async Task Run_WhenTheConsumerIsSlow_ReadsAheadOnlyAFewPieces()
    {
        var source = new Source(pieces: 100, () => { });
        var most = 0;
        var consumed = 0;
        await PipelinedCopy.RunAsync(
            source,
            _ =>
            {
                SpinWait.SpinUntil(() => source.Reads - consumed > 20, millisecondsTimeout: 5);
                most = Math.Max(most, source.Reads - consumed);
                consumed++;
            },
            default
        );
        Assert.Equal(100, consumed);
        Assert.InRange(most, 1, 8);
    }

    [Fact]
    public async Task Run_WhenCancelled_Ends()
    {
        using var stop = new CancellationTokenSource();
        var source = new Source(pieces: int.MaxValue, () => { });
        var consumed = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            PipelinedCopy.RunAsync(
                source,
                _ =>
                {
                    if (++consumed == 3)
                    {
                        stop.Cancel();
                    }
                },
                stop.Token
            )
        );
        Assert.InRange(consumed, 3, 8);
    }

    [Fact]
    public async Task Run_WhenCancelledBefore_ConsumesNothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            PipelinedCopy.RunAsync(
                new MemoryStream(SampleBytes.Of(100)),
                _ => Assert.Fail("it was cancelled"),
                new CancellationToken(canceled: true)
            )
        );
    }

    /// <summary>A source of full pieces with a surprise at its end.</summary>
    private sealed class Source(int pieces, Action end) : ForwardOnlyStream
    {
        private int reads;

        public int Reads => Volatile.Read(ref reads);

        public override bool CanRead => true;

        public override int Read(Span<byte> buffer)
        {
            if (Interlocked.Increment(ref reads) <= pieces)
            {
                return Piece;
            }

            end();
            return 0;
        }
    }
}
