using System.Globalization;
using Holdfast.Engines.Sqlite.Files;

namespace Holdfast.Engines.Sqlite.Restoring;

/// <summary>The name under which a replaced database is kept.</summary>
internal static class KeptName
{
    public const string Infix = ".before-restore-";

    /// <summary>A name beside the database that is free, for it and its side files; two in one second get two names.</summary>
    public static string Choose(string path, DateTimeOffset now)
    {
        var first = path + Infix + now.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
        var name = first;
        for (var number = 2; IsTaken(name); number++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{first}-{number}");
        }

        return name;
    }

    private static bool IsTaken(string name) =>
        FileStatus.OfLink(name) is not null
        || FileStatus.OfLink(name + SideFiles.Wal) is not null
        || FileStatus.OfLink(name + SideFiles.Journal) is not null;
}
