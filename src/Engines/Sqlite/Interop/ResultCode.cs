namespace Holdfast.Engines.Sqlite.Interop;

/// <summary>The result codes of SQLite that are told apart; see https://sqlite.org/rescode.html.</summary>
internal static class ResultCode
{
    public const int Ok = 0;
    public const int Error = 1;
    public const int Permission = 3;
    public const int Busy = 5;
    public const int Locked = 6;
    public const int ReadOnly = 8;
    public const int Interrupted = 9;
    public const int Io = 10;
    public const int Corrupt = 11;
    public const int Full = 13;
    public const int CannotOpen = 14;
    public const int Protocol = 15;
    public const int Auth = 23;
    public const int NotADatabase = 26;
    public const int Row = 100;
    public const int Done = 101;

    /// <summary>An extended code of <see cref="Io"/>: a read beyond the end of the file; the rest was set to zero.</summary>
    public const int ShortRead = 522;
}
