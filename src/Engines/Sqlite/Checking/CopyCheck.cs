using System.Globalization;
using Holdfast.Core.Engines;
using Holdfast.Engines.Sqlite.Capture;
using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Checking;

/// <summary>
/// The check of one copy. The copy is opened as immutable: no locks, nothing created beside it, and a stray -wal beside
/// it plays no part. Its bytes are taken as hostile: no trusted schema, no extensions, bounded memory. Foreign keys and
/// CHECK constraints are the application's rules, not the state of the file: the former are reported as notes, and
/// SQLite does not look at the latter in a database that is opened read-only.
/// </summary>
internal sealed class CopyCheck(string path, CheckLevel level, CancellationToken token)
{
    private const int MostLines = 100;
    private const int CacheInKibibytes = 16 * 1024;

    private readonly List<string> checks = [];
    private readonly List<string> problems = [];
    private readonly List<string> notes = [];
    private Dictionary<string, long> rows = [];

    public CheckReport Run()
    {
        if (level == CheckLevel.None)
        {
            return Report(CheckOutcome.Good);
        }

        try
        {
            return Report(Check());
        }
        catch (SqliteException error)
        {
            return Report(Judge(error));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problems.Add(error.Message);
            return Report(CheckOutcome.Inconclusive);
        }
    }

    private CheckOutcome Check()
    {
        if (FileStatus.Of(path) is not { } status)
        {
            throw new FileNotFoundException($"there is no file {path}");
        }

        if (status.Size <= SourceFile.EmptySize)
        {
            problems.Add(Invariant($"the copy is empty ({status.Size} bytes)"));
            return CheckOutcome.Bad;
        }

        using var connection = Connection.Open(Connection.ImmutableUri(path), Access.ReadUri);
        using var interrupt = new InterruptOnCancel(connection, token);
        Harden(connection);
        CheckSize(connection, status.Size);
        CheckStructure(connection);
        CheckForeignKeys(connection);
        checks.Add("row_count");
        rows = RowCounts.Of(connection, token);
        return problems.Count == 0 ? CheckOutcome.Good : CheckOutcome.Bad;
    }

    private static void Harden(Connection connection)
    {
        connection.Set(Switch.Defensive, on: true);
        connection.Set(Switch.TrustedSchema, on: false);
        connection.Execute(
            string.Create(
                CultureInfo.InvariantCulture,
                $"PRAGMA mmap_size=0; PRAGMA cache_size=-{CacheInKibibytes}; PRAGMA cell_size_check=ON; PRAGMA temp_store=FILE"
            )
        );
    }

    // SQLite reads the end of a last page that was cut off as zeros and may find nothing wrong with them.
    private void CheckSize(Connection connection, long size)
    {
        checks.Add("size");
        var expected = connection.QueryInteger("PRAGMA page_count") * connection.QueryInteger("PRAGMA page_size");
        if (size < expected || expected == 0)
        {
            problems.Add(Invariant($"the copy has {size} bytes; its header says {expected}"));
        }
        else if (size > expected)
        {
            notes.Add(Invariant($"{size - expected} bytes follow the end of the database"));
        }
    }

    private void CheckStructure(Connection connection)
    {
        var quick = level == CheckLevel.Quick || NeedsTheApplication(connection);
        var check = quick ? "quick_check" : "integrity_check";
        checks.Add(check);
        using var collations = new UnknownCollations(connection);
        using var statement = Prepare(connection, check);
        while (statement.Step())
        {
            token.ThrowIfCancellationRequested();
            if (statement.Text(0) is var line and not "ok")
            {
                // SQLite heads its findings with the name of the database, which says nothing here.
                var found = line.Split('\n').Where(l => !l.StartsWith("*** in database", StringComparison.Ordinal));
                problems.AddRange(found.Take(MostLines - problems.Count));
            }
        }
    }

    // An index can depend on a collation or a function that only the application has. Then nobody else can compare it
    // with its table, and quick_check, which does not, is all that can be done.
    private bool NeedsTheApplication(Connection connection)
    {
        using var collations = new UnknownCollations(connection);
        string missing;
        try
        {
            using var statement = Prepare(connection, "integrity_check");
            missing = string.Join(", ", collations.Names.Select(name => $"no such collation: {name}"));
        }
        catch (SqliteException error) when (error.Code == ResultCode.Error)
        {
            missing = error.Message;
        }

        if (missing.Length > 0)
        {
            notes.Add($"indexes were not compared with their tables, only the application can: {missing}");
        }

        return missing.Length > 0;
    }

    private void CheckForeignKeys(Connection connection)
    {
        token.ThrowIfCancellationRequested();
        checks.Add("foreign_key_check");
        using var collations = new UnknownCollations(connection);
        var broken = new SortedDictionary<string, long>(StringComparer.Ordinal);
        try
        {
            using var statement = connection.Prepare("PRAGMA foreign_key_check");
            while (statement.Step())
            {
                var key = $"{statement.Text(0)} → {statement.Text(2)}";
                broken[key] = broken.GetValueOrDefault(key) + 1;
            }
        }
        catch (SqliteException error) when (error.Code == ResultCode.Error)
        {
            // A foreign key to columns that are not unique, or to a table that is not there as it should be.
            notes.Add($"foreign keys could not be checked: {error.Message}");
        }

        notes.AddRange(
            broken.Take(MostLines).Select(pair => Invariant($"{pair.Value} rows break the foreign key {pair.Key}"))
        );
    }

    private static Statement Prepare(Connection connection, string check) =>
        connection.Prepare(Invariant($"PRAGMA {check}({MostLines})"));

    private CheckOutcome Judge(SqliteException error)
    {
        if (error.Code == ResultCode.Interrupted)
        {
            token.ThrowIfCancellationRequested();
        }

        problems.Add(error.Message);
        return error.Code is ResultCode.NotADatabase or ResultCode.Corrupt || problems.Count > 1
            ? CheckOutcome.Bad
            : CheckOutcome.Inconclusive;
    }

    private CheckReport Report(CheckOutcome outcome) => new(outcome, checks, problems, notes, rows);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
