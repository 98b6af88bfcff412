using System.Globalization;
using Holdfast.Core.Engines;

namespace Holdfast.Core.Snapshots;

/// <summary>Compares the rows of a copy with those that were counted when it was made.</summary>
internal static class RowCounts
{
    private const int MostLines = 100;

    /// <summary>What differs; empty when nothing does, or when nothing was counted.</summary>
    public static IReadOnlyList<string> Compare(SnapshotManifest? manifest, CheckReport report)
    {
        if (manifest is null || manifest.Rows.Count == 0)
        {
            return [];
        }

        return
        [
            .. manifest
                .Rows.Where(expected =>
                    !report.Rows.TryGetValue(expected.Key, out var found) || found != expected.Value
                )
                .Take(MostLines)
                .Select(expected =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"table {expected.Key} has {(report.Rows.TryGetValue(expected.Key, out var found) ? found : 0)} rows where {expected.Value} were copied"
                    )
                ),
        ];
    }
}
