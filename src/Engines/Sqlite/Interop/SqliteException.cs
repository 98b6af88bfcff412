namespace Holdfast.Engines.Sqlite.Interop;

/// <summary>An error that SQLite reported; never leaves the engine.</summary>
internal sealed class SqliteException(int extendedCode, string message) : Exception(message)
{
    /// <summary>The extended result code.</summary>
    public int ExtendedCode { get; } = extendedCode;

    /// <summary>The primary result code, one of <see cref="ResultCode"/>.</summary>
    public int Code => ExtendedCode & 0xff;

    /// <summary>Whether waiting can help.</summary>
    public bool IsBusy => Code is ResultCode.Busy or ResultCode.Locked;

    /// <summary>
    /// Whether another try in a moment can help: busy, or the WAL changed too often while a read transaction began.
    /// </summary>
    public bool IsMomentary => IsBusy || Code == ResultCode.Protocol;
}
