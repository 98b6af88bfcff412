using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Checking;

/// <summary>
/// Lets statements be prepared that need a collation only the application has, and remembers which were asked for. The
/// stand-in compares bytes, so it is good for nothing that depends on the order.
/// </summary>
internal sealed unsafe class UnknownCollations : IDisposable
{
    private const int Utf8 = 1;
    private readonly Connection connection;
    private readonly GCHandle self;
    private readonly SortedSet<string> names = new(StringComparer.Ordinal);

    public UnknownCollations(Connection connection)
    {
        this.connection = connection;
        self = GCHandle.Alloc(this);
        connection.Require(Native.OnCollationNeeded(connection.Handle, GCHandle.ToIntPtr(self), &Needed));
    }

    /// <summary>The collations that were asked for and are not SQLite's.</summary>
    public IReadOnlyCollection<string> Names => names;

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Native.OnCollationNeeded(connection.Handle, IntPtr.Zero, callback: null);
        self.Free();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Needed(IntPtr context, IntPtr connection, int encoding, byte* name)
    {
        if (GCHandle.FromIntPtr(context).Target is UnknownCollations collations)
        {
            _ = collations.names.Add(Marshal.PtrToStringUTF8((IntPtr)name)!);
            _ = Native.CreateCollation(connection, name, Utf8, IntPtr.Zero, &Compare);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Compare(IntPtr context, int oneLength, byte* one, int otherLength, byte* other) =>
        new ReadOnlySpan<byte>(one, oneLength).SequenceCompareTo(new ReadOnlySpan<byte>(other, otherLength));
}
