namespace Holdfast.Core.Snapshots;

/// <summary>
/// The names that are recognised when nothing says how copies are named: Holdfast's own, and those of other tools whose
/// copies are taken up.
/// </summary>
public static class KnownTemplates
{
    private static readonly string[] Texts =
    [
        "{database}-{time:yyyyMMdd-HHmmss}",
        "{database}-{time:yyyyMMdd-HHmmss}-{reason}",
        "{database}-{time:yyyy-MM-dd-HHmmss}",
        "{database}-{time:yyyy-MM-dd-HHmmss}-{reason}",
        "{database}-{unix}",
    ];

    /// <summary>The templates, for files with the engine's extension.</summary>
    /// <param name="database">The database's name; null for any.</param>
    /// <param name="fileExtension">The extension of an uncompressed copy, with its dot.</param>
    public static IReadOnlyList<NameTemplate> For(string? database, string fileExtension) =>
        [.. Texts.Select(text => NameTemplate.Parse(text + fileExtension, database, TimeZoneInfo.Utc))];
}
