using Holdfast.Core.Engines;

namespace Holdfast.Engines.Sqlite.Tests;

/// <summary>What most tests do with a database.</summary>
internal static class Databases
{
    public static SqliteDatabase At(string path, SqliteOptions? options = null) =>
        new(path, options ?? new SqliteOptions(), TimeProvider.System);

    public static SqliteOptions By(string method) =>
        new() { Method = method == "online" ? SqliteMethod.Online : SqliteMethod.VacuumInto };

    public static Task<CaptureReport> CopyAsync(string path, string copy, SqliteOptions? options = null) =>
        At(path, options).CaptureAsync(copy, progress: null, TestContext.Current.CancellationToken);

    public static Task<CheckReport> CheckAsync(string path, CheckLevel level = CheckLevel.Integrity) =>
        new SqliteEngine(TimeProvider.System).CheckAsync(path, level, TestContext.Current.CancellationToken);

    /// <summary>The names of all that is in a directory.</summary>
    public static IEnumerable<string> Names(string directory) =>
        Directory
            .EnumerateFileSystemEntries(directory)
            .Select(path => Path.GetFileName(path))
            .Order(StringComparer.Ordinal);
}
