namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>Facts about the pages of a database file.</summary>
internal static class Pages
{
    private const int LockByte = 1 << 30;

    /// <summary>The page that SQLite never uses, because its locks lie on its bytes.</summary>
    public static uint LockPage(int pageSize) => pageSize == 0 ? 0 : (uint)(LockByte / pageSize) + 1;
}
