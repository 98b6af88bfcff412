using Holdfast.Agent;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Vault;
using Holdfast.Engines.Sqlite;
using Holdfast.Engines.Sqlite.Timeline;

namespace Holdfast.Cli.Setup;

/// <summary>Which databases there are now, whose timelines are to be kept. For one thread.</summary>
internal sealed class TimelineDatabases(
    IReadOnlyList<TimelineSetup> setups,
    VaultPins pins,
    Action<string> warn,
    TimeProvider time
)
{
    private readonly Dictionary<string, TimelineDatabase> known = new(StringComparer.Ordinal);
    private readonly HashSet<string> warned = new(StringComparer.Ordinal);
    private bool found;

    /// <summary>Finds them: those that are named, and those that match a pattern now.</summary>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Usage"/>, the first time: two of them would have one name. Later that is a warning.
    /// </exception>
    public IReadOnlyList<TimelineDatabase> Find()
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var databases = new List<TimelineDatabase>();
        foreach (var (name, path, setup) in Candidates())
        {
            if (!names.TryAdd(name, path))
            {
                Complain(
                    $"two databases are called '{name}': {names[name]} and {path}",
                    "give each pattern a name of its own in a configuration, or choose patterns that match different parts"
                );
            }
            else if (!ObjectKey.IsValid($"timeline/{name}/0"))
            {
                Complain($"{path} gives '{name}', which is no name for a database", "rename it, or name it alone");
            }
            else
            {
                databases.Add(DatabaseOf(name, path, setup));
            }
        }

        found = true;
        return databases;
    }

    private IEnumerable<(string Name, string Path, TimelineSetup Setup)> Candidates()
    {
        foreach (var setup in setups)
        {
            if (setup.Pattern is not { } pattern)
            {
                yield return (setup.Name, setup.Path!, setup);
                continue;
            }

            foreach (var (path, matched) in pattern.Find())
            {
                var name = string.Join('-', new[] { setup.Name, matched }.Where(part => part.Length > 0));
                yield return (name, path, setup);
            }
        }
    }

    private void Complain(string message, string hint)
    {
        if (!found)
        {
            throw new HoldfastException(ErrorCode.Usage, message, hint);
        }

        if (warned.Add(message))
        {
            warn($"{message}: it is not captured");
        }
    }

    private TimelineDatabase DatabaseOf(string name, string path, TimelineSetup setup)
    {
        if (known.TryGetValue(name, out var database) && database.Address == path)
        {
            return database;
        }

        database = new TimelineDatabase
        {
            Name = name,
            Address = path,
            Identity = IdentityOf(path, time),
            Exists = () => File.Exists(path),
            Source = new SqliteTimelineSource(path, new SqliteOptions { SwitchToWal = setup.SwitchToWal }, time),
            Targets =
            [
                .. setup.Targets.Select(target => new TimelineTarget(
                    target.Name,
                    target.Store,
                    new VaultWriter(pins, target.Vault, time)
                )
                {
                    KeepEveryCommit = target.KeepEveryCommit,
                    KeepPoints = target.KeepPoints,
                    Zone = target.PointsZone,
                    ObjectsLive = target.BucketDeletes ? target.DeletesAfter ?? TimeSpan.MaxValue : null,
                }),
            ],
            Options = setup.Options,
        };
        known[name] = database;
        return database;
    }

    /// <summary>What tells a database from every other, also when there is none at that place now.</summary>
    public static string IdentityOf(string path, TimeProvider time)
    {
        if (File.Exists(path))
        {
            return new SqliteDatabase(path, new SqliteOptions(), time).Identity;
        }

        // Its directory may be reached by a link; only what does not exist has no other name.
        var full = Path.GetFullPath(path);
        var directory = Path.GetDirectoryName(full)!;
        var real = new SqliteDatabase(directory, new SqliteOptions(), time).Identity;
        return Directory.Exists(directory) ? Path.Combine(real, Path.GetFileName(full)) : $"sqlite:{full}";
    }
}
