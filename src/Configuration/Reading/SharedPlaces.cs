using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Reading;

/// <summary>Finds copies that would be taken for each other, because they have the same names at the same place.</summary>
internal static class SharedPlaces
{
    /// <summary>Reports every database that shares names with an earlier one, and targets that are one place.</summary>
    public static void Check(IReadOnlyList<DatabaseSettings> databases, ReadingContext context)
    {
        var owners = new Dictionary<(string Place, string Name), string>();
        foreach (var database in databases)
        {
            CheckTimeline(database, context);
            CheckPattern(database, databases, context);
        }

        foreach (var database in databases.Where(HasSnapshots))
        {
            var mine = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var target in database.Snapshots.To.Where(target => target.Url is not null))
            {
                var place = Place(target);
                if (!mine.TryAdd(place, target.Name))
                {
                    ReportSame(database, mine[place], target, context);
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

    private static void CheckTimeline(DatabaseSettings database, ReadingContext context)
    {
        var mine = new Dictionary<string, TargetSettings>(StringComparer.Ordinal);
        foreach (var target in database.Timeline?.To.Where(target => target.Url is not null) ?? [])
        {
            var first = mine.GetValueOrDefault(Place(target));
            mine[Place(target)] = target;
            if (first is not null && !(HasSnapshots(database) && IsToldOfSnapshots(database, first, target)))
            {
                ReportSame(database, first.Name, target, context);
            }
        }
    }

    private static bool IsToldOfSnapshots(DatabaseSettings database, TargetSettings first, TargetSettings second) =>
        database.Snapshots.To.Contains(first) && database.Snapshots.To.Contains(second);

    // The databases of a pattern are told apart by their names alone, from each other and from all others.
    private static void CheckPattern(
        DatabaseSettings database,
        IReadOnlyList<DatabaseSettings> databases,
        ReadingContext context
    )
    {
        if (database.Source is null || !database.IsPattern)
        {
            return;
        }

        if (HasSnapshots(database) && !Template(database).Contains("{database}", StringComparison.Ordinal))
        {
            context.Report(
                database.Snapshots.NameTemplate.Location,
                $"databases.{database.Name}.snapshots.name: the copies of all files of the pattern would have the same names; "
                    + "put {database} into the name"
            );
        }

        var prefix = database.NamePrefix;
        foreach (var other in databases.Where(o => o.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
        {
            context.Report(
                other.Location,
                $"databases.{other.Name} could be the name of a file of the pattern {database.Name}; give it a name that "
                    + $"does not begin with {prefix}"
            );
        }
    }

    private static bool HasSnapshots(DatabaseSettings database) =>
        database.TakesSnapshots && database.Snapshots.NameTemplate is not null;

    private static void ReportSame(
        DatabaseSettings database,
        string first,
        TargetSettings second,
        ReadingContext context
    ) =>
        context.Report(
            database.Location,
            $"databases.{database.Name} goes to {first} and {second.Name}, which are the same place"
        );

    private static string Place(TargetSettings target)
    {
        var url = target.Url.Reveal().TrimEnd('/');
        return target.IsS3 ? $"{target.Endpoint?.Reveal().TrimEnd('/')} {url}" : Path.GetFullPath($"{url}/");
    }

    private static string Names(DatabaseSettings database) =>
        Template(database).Replace("{database}", database.Name, StringComparison.Ordinal);

    private static string Template(DatabaseSettings database) => database.Snapshots.NameTemplate.Reveal();
}
