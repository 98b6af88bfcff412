using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Reading;

/// <summary>Finds copies that would be taken for each other, because they have the same names at the same place.</summary>
internal static class SharedPlaces
{
    /// <summary>Reports every database that shares names with an earlier one, and targets that are one place.</summary>
    public static void Check(IReadOnlyList<DatabaseSettings> databases, ReadingContext context)
    {
        var owners = new Dictionary<(string Place, string Name), string>();
        foreach (var database in databases.Where(database => database.Snapshots.NameTemplate is not null))
        {
            var mine = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var target in database.Snapshots.To.Where(target => target.Url is not null))
            {
                var place = Place(target);
                if (!mine.TryAdd(place, target.Name))
                {
                    context.Report(
                        database.Location,
                        $"databases.{database.Name} goes to {mine[place]} and {target.Name}, which are the same place"
                    );
                }
                else if (!owners.TryAdd((place, Names(database)), database.Name))
                {
                    context.Report(
                        database.Snapshots.NameTemplate.Location,
                        $"databases.{database.Name}.snapshots.name: the copies of {owners[(place, Names(database))]} and "
                            + $"{database.Name} would have the same names at {target.Name}; put {{database}} into the name"
                    );
                }
            }
        }
    }

    private static string Place(TargetSettings target)
    {
        var url = target.Url.Reveal().TrimEnd('/');
        return target.IsS3 ? $"{target.Endpoint?.Reveal().TrimEnd('/')} {url}" : Path.GetFullPath($"{url}/");
    }

    private static string Names(DatabaseSettings database) =>
        database.Snapshots.NameTemplate.Reveal().Replace("{database}", database.Name, StringComparison.Ordinal);
}
