namespace Holdfast.Crash.Tests.Worlds;

/// <summary>Makes what a crashed application leaves beside its database.</summary>
internal static class Leftovers
{
    /// <summary>Puts commits into a -wal that nobody has open.</summary>
    public static void LeaveWal(string path) =>
        Leave(path, "PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0;" + Sql.MoreRows(30), "-wal");

    /// <summary>Leaves a half-written transaction and the hot journal that undoes it.</summary>
    public static void LeaveHotJournal(string path) =>
        Leave(
            path,
            "PRAGMA journal_mode = delete; PRAGMA cache_size = 1; BEGIN; UPDATE items SET payload = randomblob(300);",
            "-journal"
        );

    /// <summary>What is in a database, side files included, without changing anything.</summary>
    public static string Look(string path)
    {
        var copy = Directory.CreateTempSubdirectory("holdfast-look-").FullName;
        try
        {
            World.CopyTree(Path.GetDirectoryName(path)!, copy);
            return Sql.Fingerprint(Path.Combine(copy, Path.GetFileName(path)));
        }
        finally
        {
            Directory.Delete(copy, recursive: true);
        }
    }

    // A copy of the files while the application is at work is what is there when its machine stops.
    private static void Leave(string path, string sql, string sideFile)
    {
        var work = Directory.CreateTempSubdirectory("holdfast-leave-").FullName;
        try
        {
            var copy = Path.Combine(work, "work.db");
            File.Copy(path, copy);
            using var connection = Sql.Open(copy);
            connection.Execute(sql);
            File.Copy(copy, path, overwrite: true);
            File.Copy(copy + sideFile, path + sideFile, overwrite: true);
            Assert.NotEqual(0, new FileInfo(path + sideFile).Length);
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }
}
