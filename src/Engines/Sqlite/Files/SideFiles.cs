namespace Holdfast.Engines.Sqlite.Files;

/// <summary>The files that SQLite keeps beside a database; without them the database is not complete.</summary>
internal static class SideFiles
{
    public const string Wal = "-wal";
    public const string SharedMemory = "-shm";
    public const string Journal = "-journal";

    /// <summary>Whether something that was committed, or must be rolled back, may lie beside the database.</summary>
    public static bool HaveContent(string path) => HasContent(path + Wal) || HasContent(path + Journal);

    /// <summary>Whether the file exists and is not empty.</summary>
    public static bool HasContent(string path) => FileStatus.Of(path) is { Size: > 0 };
}
