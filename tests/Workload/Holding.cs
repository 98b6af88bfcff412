namespace Holdfast.Workload;

/// <summary>Has a database open and does nothing.</summary>
internal static class Holding
{
    public static int Open(string path)
    {
        using var connection = Session.Open(path);
        connection.Execute("SELECT count(*) FROM sqlite_master");
        Session.Ready();
        Session.WaitUntilLetGo();
        return 0;
    }

    public static int Transaction(string path, string begin)
    {
        using var connection = Session.Open(path);
        connection.Execute(begin);
        Session.Ready();
        Session.WaitUntilLetGo();
        connection.Execute("ROLLBACK");
        return 0;
    }
}
