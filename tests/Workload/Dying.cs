using System.Diagnostics;

namespace Holdfast.Workload;

/// <summary>Is killed at a bad moment.</summary>
internal static class Dying
{
    /// <summary>After pages of an open transaction have been written into the database file: a hot journal stays.</summary>
    public static int InTransaction(string path)
    {
        using var connection = Session.Open(path);
        connection.Execute(
            "PRAGMA cache_size=5; BEGIN IMMEDIATE; UPDATE accounts SET balance = -1, filler = zeroblob(500)"
        );
        return Die();
    }

    /// <summary>After commits that are in the WAL only.</summary>
    public static int WithWal(string path, int rows)
    {
        using var connection = Session.Open(path);
        connection.Execute("PRAGMA wal_autocheckpoint=0");
        for (var row = 0; row < rows; row++)
        {
            connection.Execute("INSERT INTO transfers(amount) VALUES (1)");
        }

        return Die();
    }

    private static int Die()
    {
        Session.Ready();
        Process.GetCurrentProcess().Kill();
        return 1;
    }
}
