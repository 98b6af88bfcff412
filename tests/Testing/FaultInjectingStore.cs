using System.Runtime.CompilerServices;
using Holdfast.Core.Stores;

namespace Holdfast.Testing;

/// <summary>The operations of a store.</summary>
public enum StoreOperation
{
    Put,
    OpenRead,
    List,
    Head,
    Delete,
}

/// <summary>One call of a store: its number among all calls and among those of its kind, both from 1.</summary>
public readonly record struct StoreCall(StoreOperation Operation, int Number, int NumberOfKind, string Name);

/// <summary>What goes wrong in one call. Without <see cref="Error"/> the call goes through, perhaps spoiled.</summary>
public sealed record InjectedFault
{
    /// <summary>What the call ends with.</summary>
    public StoreException? Error { get; init; }

    /// <summary>Whether the call is carried out before it ends with the error: an answer that was lost.</summary>
    public bool AfterTheFact { get; init; }

    /// <summary>How long the call takes, at least.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Reading ends after so many bytes, as if the object ended there.</summary>
    public long? TruncateAt { get; init; }

    /// <summary>Reading flips a bit of this byte, counted from the first byte that is read.</summary>
    public long? FlipBitAt { get; init; }

    /// <summary>Listing leaves out what was written through this store.</summary>
    public bool Stale { get; init; }

    /// <summary>Not reachable, as after 429 or 503.</summary>
    public static InjectedFault Unreachable(bool afterTheFact = false) =>
        new()
        {
            Error = new StoreException(StoreFault.Unreachable, "injected: the store is not well"),
            AfterTheFact = afterTheFact,
        };

    /// <summary>No space is left.</summary>
    public static InjectedFault NoSpace() =>
        new() { Error = new StoreException(StoreFault.NoSpace, "injected: no space is left") };

    /// <summary>A failure that does not pass.</summary>
    public static InjectedFault Denied() =>
        new() { Error = new StoreException(StoreFault.Denied, "injected: access is denied") };
}

/// <summary>
/// A store around another, in which calls fail as a test says. Thread-safe as far as the test's rules are; calls are
/// numbered in the order in which they begin.
/// </summary>
public sealed class FaultInjectingStore(IObjectStore inner) : IObjectStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<StoreOperation, int> numbers = [];
    private readonly HashSet<ObjectKey> recent = [];
    private readonly List<Func<StoreCall, InjectedFault?>> rules = [];
    private readonly List<StoreCall> calls = [];

    public string Address => inner.Address;

    /// <summary>The calls so far.</summary>
    public IReadOnlyList<StoreCall> Calls
    {
        get
        {
            lock (gate)
            {
                return [.. calls];
            }
        }
    }

    /// <summary>Called before each call; may end the process.</summary>
    public Func<StoreCall, Task> Before { get; set; } = _ => Task.CompletedTask;

    /// <summary>Called after each call that succeeded; may end the process.</summary>
    public Func<StoreCall, Task> After { get; set; } = _ => Task.CompletedTask;

    /// <summary>What delays wait with.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Adds a rule; the first that gives a fault for a call decides.</summary>
    public FaultInjectingStore When(Func<StoreCall, InjectedFault?> rule)
    {
        lock (gate)
        {
            rules.Add(rule);
        }

        return this;
    }

    /// <summary>Makes the n-th call of a kind fail.</summary>
    public FaultInjectingStore FailNth(StoreOperation operation, int number, InjectedFault fault) =>
        When(call => call.Operation == operation && call.NumberOfKind == number ? fault : null);

    /// <summary>Makes all calls of a kind fail.</summary>
    public FaultInjectingStore FailAll(StoreOperation operation, InjectedFault fault) =>
        When(call => call.Operation == operation ? fault : null);

    /// <summary>
    /// Makes a share of all calls fail with passing errors, half of them after the fact. The seed is to be printed by
    /// the test, so that a failure can be had again: the same seed and the same calls give the same faults.
    /// </summary>
    public FaultInjectingStore FailAtRandom(int seed, double share, Action<string> print)
    {
        print($"faults are injected at random with seed {seed}");
        return When(call =>
        {
            // From the number of the call, not from a shared sequence: threads do not change what happens to it.
            var random = new Random(HashOf(seed, call.Number));
            return random.NextDouble() < share ? InjectedFault.Unreachable(random.Next(2) == 0) : null;
        });
    }

    public Task<ObjectInfo> PutAsync(
        ObjectKey key,
        ObjectContent content,
        PutCondition condition,
        CancellationToken cancellationToken
    ) =>
        RunAsync(
            StoreOperation.Put,
            key.Value,
            async _ =>
            {
                var written = await inner.PutAsync(key, content, condition, cancellationToken);
                lock (gate)
                {
                    recent.Add(key);
                }

                return written;
            },
            cancellationToken
        );

    public Task<Stream> OpenReadAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken) =>
        RunAsync(
            StoreOperation.OpenRead,
            key.Value,
            async fault =>
            {
                var stream = await inner.OpenReadAsync(key, range, cancellationToken);
                return fault is { TruncateAt: null, FlipBitAt: null } or null
                    ? stream
                    : new SpoiledStream(stream, fault);
            },
            cancellationToken
        );

    public async IAsyncEnumerable<ObjectInfo> ListAsync(
        string prefix,
        ObjectKey? startAfter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var (call, fault) = Begin(StoreOperation.List, prefix);
        await PrepareAsync(call, fault, cancellationToken);
        await foreach (var found in inner.ListAsync(prefix, startAfter, cancellationToken))
        {
            if (fault?.Stale != true || !IsRecent(found.Key))
            {
                yield return found;
            }
        }

        await FinishAsync(call, fault);
    }

    public Task<ObjectInfo?> HeadAsync(ObjectKey key, CancellationToken cancellationToken) =>
        RunAsync(StoreOperation.Head, key.Value, _ => inner.HeadAsync(key, cancellationToken), cancellationToken);

    public Task DeleteAsync(ObjectKey key, CancellationToken cancellationToken) =>
        RunAsync(
            StoreOperation.Delete,
            key.Value,
            async _ =>
            {
                await inner.DeleteAsync(key, cancellationToken);
                return true;
            },
            cancellationToken
        );

    public void Dispose() => inner.Dispose();

    private static int HashOf(int seed, int number) => unchecked((seed * 397 + number) * (int)0x9E3779B1);

    private async Task<T> RunAsync<T>(
        StoreOperation operation,
        string name,
        Func<InjectedFault?, Task<T>> work,
        CancellationToken cancellationToken
    )
    {
        var (call, fault) = Begin(operation, name);
        await PrepareAsync(call, fault, cancellationToken);
        var result = await work(fault);
        try
        {
            await FinishAsync(call, fault);
        }
        catch
        {
            (result as IDisposable)?.Dispose();
            throw;
        }

        return result;
    }

    private (StoreCall Call, InjectedFault? Fault) Begin(StoreOperation operation, string name)
    {
        lock (gate)
        {
            numbers[operation] = numbers.GetValueOrDefault(operation) + 1;
            var call = new StoreCall(operation, calls.Count + 1, numbers[operation], name);
            calls.Add(call);
            return (call, rules.Select(rule => rule(call)).FirstOrDefault(fault => fault != null));
        }
    }

    private async Task PrepareAsync(StoreCall call, InjectedFault? fault, CancellationToken cancellationToken)
    {
        await Before(call);
        if (fault?.Latency > TimeSpan.Zero)
        {
            await Task.Delay(fault.Latency, Time, cancellationToken);
        }

        if (fault is { Error: { } error, AfterTheFact: false })
        {
            throw error;
        }
    }

    private Task FinishAsync(StoreCall call, InjectedFault? fault) =>
        fault is { Error: { } error, AfterTheFact: true } ? Task.FromException(error) : After(call);

    private bool IsRecent(ObjectKey key)
    {
        lock (gate)
        {
            return recent.Contains(key);
        }
    }

    private sealed class SpoiledStream(Stream stream, InjectedFault fault) : ReadingStream
    {
        private long position;

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            var left = (fault.TruncateAt ?? long.MaxValue) - position;
            if (left <= 0)
            {
                return 0;
            }

            var read = await stream.ReadAsync(buffer[..(int)Math.Min(left, buffer.Length)], cancellationToken);
            if (fault.FlipBitAt is { } at && at >= position && at < position + read)
            {
                buffer.Span[(int)(at - position)] ^= 1;
            }

            position += read;
            return read;
        }

        protected override void Dispose(bool disposing)
        {
            stream.Dispose();
            base.Dispose(disposing);
        }
    }
}
