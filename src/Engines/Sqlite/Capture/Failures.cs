using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Capture;

/// <summary>Turns what SQLite reports into what a person can act on.</summary>
internal static class Failures
{
    public static HoldfastException From(SqliteException error, string path) =>
        error.Code switch
        {
            ResultCode.NotADatabase => new HoldfastException(
                ErrorCode.SourceMissing,
                $"{path} is not a SQLite database, or it is encrypted",
                "check the path; an encrypted database can only be copied by the program that has its key",
                error
            ),
            ResultCode.Corrupt => new HoldfastException(
                ErrorCode.Failure,
                $"the database {path} is damaged: {error.Message}",
                "restore the last good copy, or save what can be read with: sqlite3 DATABASE .recover",
                error
            ),
            ResultCode.Busy or ResultCode.Locked => new HoldfastException(
                ErrorCode.Failure,
                $"the database {path} is locked by another process",
                "try again when its long transaction has ended",
                error
            ),
            ResultCode.CannotOpen or ResultCode.Permission or ResultCode.Auth => new HoldfastException(
                ErrorCode.Failure,
                $"the database {path} cannot be opened: {error.Message}",
                "run as the user that the database belongs to; SQLite must also be able to write its directory",
                error
            ),
            ResultCode.ReadOnly => new HoldfastException(
                ErrorCode.Failure,
                $"the database {path} is write-protected, and SQLite must write in its directory before it can read it",
                "run as the user that the database belongs to",
                error
            ),
            ResultCode.Full => new HoldfastException(
                ErrorCode.Failure,
                $"no space is left for the copy of {path}",
                "free some space, or choose another place for temporary files",
                error
            ),
            ResultCode.Error => new HoldfastException(
                ErrorCode.Failure,
                $"SQLite could not copy {path}: {error.Message}",
                "the method online copies pages and needs nothing that only the application knows",
                error
            ),
            ResultCode.Io => new HoldfastException(
                ErrorCode.Failure,
                $"SQLite could not copy {path}: {error.Message} (code {error.ExtendedCode})",
                "look whether its disk and that of the copy have space left, then at the kernel's log",
                error
            ),
            _ => new HoldfastException(
                ErrorCode.Failure,
                $"SQLite could not copy {path}: {error.Message} (code {error.ExtendedCode})",
                hint: null,
                error
            ),
        };
}
