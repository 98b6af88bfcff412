using Holdfast.Core;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Capture;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Diagnosing;

/// <summary>What would hinder the backups of one database.</summary>
internal sealed class SqliteDiagnosis(string path, Func<Task<Source>> open)
{
    // The WAL-reset bug: a checkpoint and a writer that resets the WAL at the same instant can lose pages.
    private static readonly Version WalResetFirst = new(3, 7, 0);
    private static readonly Version WalResetLast = new(3, 51, 2);

    private readonly List<Finding> findings = [];

    public async Task<IReadOnlyList<Finding>> RunAsync()
    {
        try
        {
            using var source = await open();
            Add(FindingSeverity.Pass, "database", $"{path} is a SQLite database and can be read");
            findings.Add(OfVersion(SqliteLibrary.Version));
            LookAtJournal(source);
            LookAtSpace(source);
            LookAtForeignKeys(source);
        }
        catch (HoldfastException error)
        {
            Add(FindingSeverity.Fail, "database", error.Message, error.Hint);
        }
        catch (SqliteException error)
        {
            var failure = Failures.From(error, path);
            Add(FindingSeverity.Fail, "database", failure.Message, failure.Hint);
        }

        return findings;
    }

    /// <summary>What is to be said of a version of SQLite.</summary>
    public static Finding OfVersion(string text)
    {
        var known = Version.TryParse(text, out var version);
        return known && version >= WalResetFirst && version <= WalResetLast
            ? new Finding(
                FindingSeverity.Warn,
                "sqlite",
                $"SQLite {text} has the WAL-reset bug: rarely, a checkpoint beside a writer loses pages",
                "use SQLite 3.51.3 or later, above all in the application; with an older one set checkpoint to none"
            )
            : new Finding(FindingSeverity.Pass, "sqlite", $"SQLite {text}");
    }

    private void LookAtJournal(Source source)
    {
        if (source.Frozen is { } frozen)
        {
            Add(FindingSeverity.Warn, "file system", $"it is mounted read-only; the database is read as {frozen.Name}");
        }
        else if (source.IsWal)
        {
            Add(FindingSeverity.Pass, "journal mode", "WAL: backups and writers do not wait for each other");
        }
        else
        {
            Add(
                FindingSeverity.Warn,
                "journal mode",
                $"{source.JournalMode}: while a copy is made, writers wait",
                "PRAGMA journal_mode=WAL in the application, once"
            );
        }
    }

    private void LookAtSpace(Source source)
    {
        var needed = SourceFacts.Of(source.Connection).Bytes;
        var free = new DriveInfo(Path.GetDirectoryName(path)!).AvailableFreeSpace;
        Add(
            free < needed ? FindingSeverity.Warn : FindingSeverity.Pass,
            "space",
            $"the database has {ByteText.Of(needed)}; {ByteText.Of(free)} are free beside it",
            free < needed ? "a restore in this place needs room for a second copy" : null
        );
    }

    private void LookAtForeignKeys(Source source)
    {
        using var statement = source.Connection.Prepare("SELECT 1 FROM pragma_foreign_key_check LIMIT 1");
        var broken = statement.Step();
        Add(
            broken ? FindingSeverity.Warn : FindingSeverity.Pass,
            "foreign keys",
            broken ? "rows point to rows that do not exist" : "no row points to a row that does not exist",
            broken ? "PRAGMA foreign_key_check names them; PRAGMA foreign_keys=ON prevents them" : null
        );
    }

    private void Add(FindingSeverity severity, string subject, string message, string? fix = null) =>
        findings.Add(new Finding(severity, subject, message, fix));
}
