using System.Runtime.InteropServices;

namespace Holdfast.Engines.Sqlite.Interop;

/// <summary>An open connection.</summary>
internal sealed class ConnectionHandle() : SafeHandle(IntPtr.Zero, ownsHandle: true)
{
    /// <inheritdoc/>
    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Native.Close(handle) == ResultCode.Ok;
}

/// <summary>A prepared statement; released before its connection.</summary>
internal sealed class StatementHandle() : SafeHandle(IntPtr.Zero, ownsHandle: true)
{
    /// <inheritdoc/>
    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        // Returns the error of the last step once more, which was reported then.
        _ = Native.FinalizeStatement(handle);
        return true;
    }
}

/// <summary>A running backup; released before its two connections.</summary>
internal sealed class BackupHandle() : SafeHandle(IntPtr.Zero, ownsHandle: true)
{
    /// <inheritdoc/>
    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        _ = Native.BackupFinish(handle);
        return true;
    }
}
