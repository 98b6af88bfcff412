using Holdfast.Core.Engines;

namespace Holdfast.Core.Stores;

/// <summary>One examination of a store.</summary>
internal sealed class StoreProbeRun(IObjectStore store, TimeProvider time, string prefix, TimeSpan clockTolerance)
{
    private const string First = "the first bytes of a probe";
    private const string Second = "the second bytes, which must not replace the first";

    private readonly List<ObjectKey> written = [];

    public List<Finding> Findings { get; } = [];

    /// <summary>Makes one check; its failure is a finding.</summary>
    /// <returns>Whether it could be made.</returns>
    public async Task<bool> CheckAsync(
        string subject,
        Func<CancellationToken, Task<Finding?>> check,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (await check(cancellationToken) is { } finding)
            {
                Findings.Add(finding with { Subject = subject });
            }

            return true;
        }
        catch (StoreException error)
        {
            Findings.Add(new Finding(FindingSeverity.Fail, subject, error.Message, error.Hint));
            return false;
        }
    }

    public async Task<Finding?> LookForVersionsAsync(CancellationToken cancellationToken)
    {
        if (store is not IVersionedStore versioned)
        {
            return null;
        }

        return Pass(
            await versioned.HasVersionsAsync(cancellationToken)
                ? "what is replaced or removed is kept: --as-of reads it"
                : "what is replaced or removed is gone: the bucket keeps no versions"
        );
    }

    public async Task<Finding?> LookForLockAsync(CancellationToken cancellationToken)
    {
        if (store is not IRetainingStore { RetainFor: not null } retaining)
        {
            return null;
        }

        return await retaining.CanRetainAsync(cancellationToken)
            ? Pass("objects can be locked")
            : Fail(
                "lock is configured, and the bucket has no object lock: nothing would be held fast",
                "make a bucket with object lock, or remove lock from the target"
            );
    }

    public async Task<Finding?> WriteAsync(CancellationToken cancellationToken)
    {
        var key = await PutAsync("a", First, PutCondition.Always, cancellationToken);
        var until = store is IRetainingStore { RetainFor: not null } retaining
            ? await retaining.RetainedUntilAsync(key, cancellationToken)
            : null;
        return Pass($"{store.Address} takes objects{(until is { } time ? $", and locks them until {time:u}" : "")}");
    }

    public async Task<Finding?> WriteConditionallyAsync(CancellationToken cancellationToken)
    {
        var key = await PutAsync("b", First, PutCondition.IfAbsent, cancellationToken);
        try
        {
            await PutAsync("b", Second, PutCondition.IfAbsent, cancellationToken);
        }
        catch (StoreException refused) when (refused.Fault == StoreFault.AlreadyExists)
        {
            return await HoldsAsync(key, First, cancellationToken)
                ? Pass("of two writers of one name, the first wins")
                : Fail("the store refused to replace an object, and replaced it all the same");
        }

        return Fail(
            "the store ignores the condition that an object must not exist: two backups could overwrite each other"
        );
    }

    public async Task<Finding?> ReadAsync(CancellationToken cancellationToken)
    {
        var key = Key("a");
        if (!await HoldsAsync(key, First, cancellationToken))
        {
            return Fail("the store returns other bytes than were written");
        }

        var part = await ReadAsync(key, new ByteRange(4, 5), cancellationToken);
        return part.AsSpan().SequenceEqual(Bytes(First).AsSpan(4, 5))
            ? Pass("whole objects and ranges read back as they were written")
            : Fail("the store does not return the range of bytes that was asked for");
    }

    public async Task<Finding?> ListAsync(CancellationToken cancellationToken)
    {
        foreach (var name in (string[])["list/1", "list/2", "list/10", "list/2 ä+%", "list-"])
        {
            await PutAsync(name, First, PutCondition.Always, cancellationToken);
        }

        ObjectKey[] expected =
        [
            .. written.Distinct().Where(key => key.Value.StartsWith(prefix + "list", StringComparison.Ordinal)).Order(),
        ];
        var all = await ListAsync("list", after: null, cancellationToken);
        var later = await ListAsync("list", expected[1], cancellationToken);
        var inner = await ListAsync("list/", after: null, cancellationToken);
        return (
            all.SequenceEqual(expected),
            later.SequenceEqual(expected[2..]),
            inner.SequenceEqual(expected[1..])
        ) switch
        {
            (false, _, _) => Fail($"the store lists {Text(all)} instead of {Text(expected)}"),
            (_, false, _) => Fail(
                $"behind {expected[1]} the store lists {Text(later)} instead of {Text(expected[2..])}"
            ),
            (_, _, false) => Fail($"below list/ the store lists {Text(inner)} instead of {Text(expected[1..])}"),
            _ => Pass("listings are complete and in order"),
        };
    }

    public async Task<Finding?> CompareClocksAsync(CancellationToken cancellationToken)
    {
        var key = await PutAsync("clock", First, PutCondition.Always, cancellationToken);
        var here = time.GetUtcNow();
        if (await store.HeadAsync(key, cancellationToken) is not { } found)
        {
            return Fail("the store does not know an object that was just written");
        }

        var difference = (found.LastModified - here).Duration();
        return difference <= clockTolerance
            ? Pass("the clocks of this machine and of the store agree")
            : new Finding(
                FindingSeverity.Warn,
                "",
                $"the clocks of this machine and of the store are {difference.TotalSeconds:0} s apart: names and ages of "
                    + "backups mislead, and requests may be refused",
                "set the clock of this machine: timedatectl set-ntp true"
            );
    }

    public async Task<Finding?> WriteLargeAsync(int size, CancellationToken cancellationToken)
    {
        var key = Key("large");
        written.Add(key);
        var bytes = new byte[size];
        await PutAsync(key, bytes, cancellationToken);
        bytes[^1] = 1;
        try
        {
            await PutAsync(key, bytes, cancellationToken);
        }
        catch (StoreException refused) when (refused.Fault == StoreFault.AlreadyExists)
        {
            return Pass($"an object of {size} bytes is written whole, and not replaced");
        }

        return Fail($"an object of {size} bytes was replaced although it must not be");
    }

    public async Task<Finding?> DeleteAsync(CancellationToken cancellationToken)
    {
        foreach (var key in written.Distinct())
        {
            await store.DeleteAsync(key, cancellationToken);
        }

        var left = written.Count > 0 ? await ListAsync("", after: null, cancellationToken) : [];
        return left.Count == 0
            ? Pass("objects can be removed")
            : Fail($"removed objects are still there: {Text(left)}");
    }

    private static Finding Pass(string message) => new(FindingSeverity.Pass, "", message);

    private static Finding Fail(string message, string fix = "use another store, or ask its provider") =>
        new(FindingSeverity.Fail, "", message, fix);

    private static byte[] Bytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static string Text(IEnumerable<ObjectKey> keys) => $"[{string.Join(", ", keys)}]";

    private ObjectKey Key(string name) => new(prefix + name);

    private async Task<ObjectKey> PutAsync(
        string name,
        string text,
        PutCondition condition,
        CancellationToken cancellationToken
    )
    {
        var key = Key(name);
        // Noted before it is written: also a write that fails may have left something.
        written.Add(key);
        var content = ObjectContent.FromBytes(Bytes(text));
        await store.PutAsync(key, content, condition, cancellationToken);
        return key;
    }

    private Task<ObjectInfo> PutAsync(ObjectKey key, byte[] bytes, CancellationToken cancellationToken) =>
        store.PutAsync(key, ObjectContent.FromBytes(bytes), PutCondition.IfAbsent, cancellationToken);

    private async Task<bool> HoldsAsync(ObjectKey key, string text, CancellationToken cancellationToken) =>
        (await ReadAsync(key, range: null, cancellationToken)).AsSpan().SequenceEqual(Bytes(text));

    private async Task<byte[]> ReadAsync(ObjectKey key, ByteRange? range, CancellationToken cancellationToken)
    {
        await using var stream = await store.OpenReadAsync(key, range, cancellationToken);
        // A byte more than can be there, so that a store that ignores the range is noticed.
        var buffer = new byte[Second.Length + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return buffer[..length];
    }

    private async Task<List<ObjectKey>> ListAsync(string name, ObjectKey? after, CancellationToken cancellationToken)
    {
        var keys = new List<ObjectKey>();
        await foreach (var found in store.ListAsync(prefix + name, after, cancellationToken))
        {
            keys.Add(found.Key);
        }

        return keys;
    }
}
