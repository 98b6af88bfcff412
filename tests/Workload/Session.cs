using Microsoft.Data.Sqlite;

namespace Holdfast.Workload;

/// <summary>A connection as applications have it, and the talk with the test.</summary>
internal static class Session
{
    public static SqliteConnection Open(string path)
    {
        SQLitePCL.Batteries_V2.Init();
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadWrite,
                Pooling = false,
                DefaultTimeout = 30,
            }.ToString()
        );
        connection.Open();
        return connection;
    }

    public static void Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        _ = command.ExecuteNonQuery();
    }

    /// <summary>Tells the test that the state it waits for is reached.</summary>
    public static void Ready()
    {
        Console.WriteLine("ready");
        Console.Out.Flush();
    }

    /// <summary>Whether the test has let go; does not wait.</summary>
    public static Func<bool> LetGo()
    {
        var waiting = Task.Run(Console.In.ReadToEnd);
        return () => waiting.IsCompleted;
    }

    /// <summary>Waits until the test lets go.</summary>
    public static void WaitUntilLetGo() => _ = Console.In.ReadToEnd();
}
