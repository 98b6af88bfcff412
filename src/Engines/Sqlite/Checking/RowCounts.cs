using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Checking;

/// <summary>The rows of each table that an application made and that SQLite itself stores.</summary>
internal static class RowCounts
{
    // A virtual table has no root page. Its shadow tables carry its name: their rows are how it stores, not what.
    private const string Tables = """
        SELECT name FROM sqlite_master AS t
        WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
          AND NOT EXISTS (
            SELECT 1 FROM sqlite_master AS v
            WHERE v.type = 'table' AND v.rootpage = 0
              AND substr(t.name, 1, length(v.name) + 1) = v.name || '_')
        ORDER BY name
        """;

    public static Dictionary<string, long> Of(Connection connection, CancellationToken token)
    {
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in Names(connection))
        {
            token.ThrowIfCancellationRequested();
            var quoted = table.Replace("\"", "\"\"", StringComparison.Ordinal);
            rows[table] = connection.QueryInteger($"SELECT count(*) FROM main.\"{quoted}\"");
        }

        return rows;
    }

    private static List<string> Names(Connection connection)
    {
        var names = new List<string>();
        using var statement = connection.Prepare(Tables);
        while (statement.Step())
        {
            names.Add(statement.Text(0));
        }

        return names;
    }
}
