using Holdfast.Configuration.Definition;

namespace Holdfast.Configuration.Reading;

/// <summary>Where settings are at home.</summary>
internal static class KnownPaths
{
    /// <summary>The group that a key belongs to, or the two; null when there is none, or more.</summary>
    public static string? Of(string key)
    {
        var homes = Homes(RootDefinition.Group, "", key).ToArray();
        return homes.Length is 1 or 2 ? string.Join(" or ", homes) : null;
    }

    private static IEnumerable<string> Homes(GroupSetting group, string path, string key)
    {
        foreach (var setting in group.Settings)
        {
            if (string.Equals(setting.Key, key, StringComparison.OrdinalIgnoreCase))
            {
                yield return path.Length == 0 ? "the top level" : path;
            }

            var (below, belowPath) = setting switch
            {
                GroupSetting inner => (inner, Join(path, setting.Key)),
                MapSetting map => (map.Element, $"{Join(path, setting.Key)}.<{map.ElementName}>"),
                KeepSetting keep => (keep.Rules, Join(path, setting.Key)),
                _ => ((GroupSetting?)null, path),
            };
            foreach (var home in below is null ? [] : Homes(below, belowPath, key))
            {
                yield return home;
            }
        }
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";
}
