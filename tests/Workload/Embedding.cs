using Holdfast.Engines.Sqlite;

namespace Holdfast.Workload;

/// <summary>An application that has Holdfast in it: both must use the same copy of SQLite.</summary>
internal static class Embedding
{
    public static async Task<int> CopyAsync(string path, string copy, bool first)
    {
        if (first)
        {
            // Before the application has used its own SQLite.
            _ = await EstimateAsync(path);
        }

        using var connection = Session.Open(path);
        connection.Execute("BEGIN IMMEDIATE; INSERT INTO transfers(amount) VALUES (0)");
        Session.Ready();
        _ = await new SqliteDatabase(path, new SqliteOptions(), TimeProvider.System).CaptureAsync(copy, null, default);

        // With a second copy of SQLite the lock of this transaction would have been dropped.
        Session.WaitUntilLetGo();
        connection.Execute("COMMIT");
        Console.WriteLine($"{SqliteLibrary.Version} {connection.ServerVersion}");
        return 0;
    }

    private static Task<long> EstimateAsync(string path) =>
        new SqliteDatabase(path, new SqliteOptions(), TimeProvider.System).EstimateSizeAsync(default);
}
