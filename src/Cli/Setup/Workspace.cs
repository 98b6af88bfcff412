using System.CommandLine;
using Holdfast.Agent;
using Holdfast.Cli.CommandLine;
using Holdfast.Configuration;
using Holdfast.Configuration.Settings;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Engines.Sqlite;

namespace Holdfast.Cli.Setup;

/// <summary>
/// Which databases and targets a command means: those of the configuration, or whatever path or URL it was given, with
/// the options of the command line over both.
/// </summary>
internal sealed class Workspace : IDisposable
{
    private readonly Session session;
    private readonly HoldfastSettings settings;
    private readonly MakingOptions options;
    private readonly List<TargetSetup> opened = [];

    private Workspace(Session session, HoldfastSettings settings)
    {
        this.session = session;
        this.settings = settings;
        options = MakingOptions.Read(session.Parsed);
        Paths = WorkDirectories.Find(session.Parsed.GetValue(GlobalOptions.Scratch) ?? settings.Scratch.Reveal());
    }

    /// <summary>Where locks and scratch files are.</summary>
    public WorkPaths Paths { get; }

    public static Workspace Load(Session session)
    {
        if (Environment.GetEnvironmentVariable("HOLDFAST_SQLITE_LIBRARY") is { Length: > 0 } library)
        {
            SqliteLibrary.Use(library);
        }

        return new Workspace(session, HoldfastConfiguration.Load(Sources.Of(session)).Settings);
    }

    /// <summary>The databases that a command works on; all configured ones when none is named.</summary>
    /// <param name="named">Names, paths or URLs.</param>
    /// <param name="side">The option that names the targets.</param>
    public IReadOnlyList<DatabaseSetup> Databases(IReadOnlyList<string> named, Option<string[]> side)
    {
        if (session.Parsed.GetValue(DatabaseOptions.SourceEnv) is { } variable)
        {
            return Distinct([.. named.Append(FromVariable(variable)).SelectMany(n => FindAll(n, side))]);
        }

        return named.Count > 0 ? Distinct([.. named.SelectMany(n => FindAll(n, side))])
            : settings.Databases.Count > 0 ? [.. settings.Databases.SelectMany(d => AllConfigured(d, side))]
            : throw new HoldfastException(
                ErrorCode.Usage,
                "no database was named, and none is configured",
                $"name one: {HelpText.ExampleOf(session.Parsed)}, or make a configuration: holdfast init"
            );
    }

    /// <summary>Whose timelines a command keeps; all configured ones when none is named.</summary>
    /// <param name="named">Names, paths, URLs or patterns.</param>
    public IReadOnlyList<TimelineSetup> Timelines(IReadOnlyList<string> named)
    {
        IReadOnlyList<string> all = session.Parsed.GetValue(DatabaseOptions.SourceEnv) is { } variable
            ? [.. named, FromVariable(variable)]
            : named;
        if (all.Count == 0)
        {
            return [.. settings.Databases.Select(TimelineOf).OfType<TimelineSetup>()];
        }

        return
        [
            .. all.Select(name =>
                settings.FindDatabase(name) is { Timeline: not null } configured ? TimelineOf(configured)!
                : settings.FindDatabase(name) == null && FilePattern.TryParse(name) is { } pattern ? TimelineOf(pattern)
                : TimelineOf(Find(name, DatabaseOptions.To))
            ),
        ];
    }

    /// <summary>The databases whose copies a command reads.</summary>
    public IReadOnlyList<DatabaseSetup> ReadDatabases(string? named, Option<string[]> side) =>
        Databases(named is null ? [] : [named], side);

    /// <summary>The one database whose copies a command reads.</summary>
    public DatabaseSetup ReadDatabase(string? named, Option<string[]> side) =>
        ReadDatabases(named, side) is [var only]
            ? only
            : throw new HoldfastException(
                ErrorCode.Usage,
                "which database?",
                $"one of: {string.Join(", ", settings.Databases.Select(d => d.Name))}"
            );

    /// <summary>Where the copies of one database are, or of all databases when none is named.</summary>
    public IReadOnlyList<CataloguePlace> Places(string? named, Option<string[]> side)
    {
        var variable = session.Parsed.GetValue(DatabaseOptions.SourceEnv);
        if (named is null && variable is null && session.Parsed.GetValue(side) is { Length: > 0 } addresses)
        {
            return [.. addresses.Select(a => AllAt(Target(a, side, settings: null)))];
        }

        return
        [
            .. ReadDatabases(named, side)
                .SelectMany(d => d.Targets.Select(t => new CataloguePlace(d.Name, t, d.Catalogue(t), d.Engine))),
        ];
    }

    /// <summary>The names of the databases that have copies at a target.</summary>
    public async Task<IReadOnlyList<string>> DatabasesInAsync(TargetSetup target, CancellationToken token) =>
        [
            .. (await AllAt(target).Catalogue.ListAsync(token))
                .Select(e => e.Name.Database)
                .OfType<string>()
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>The rules that a simulation tries: those of the command line, or those configured.</summary>
    public IEnumerable<(string Name, RetentionRules Rules, TimeZoneInfo Zone)> RulesToSimulate(string? named)
    {
        if (options.Keep is { } rules)
        {
            return [("rules", rules, TimeZoneInfo.Utc)];
        }

        return ReadDatabases(named, DatabaseOptions.From)
            .SelectMany(d => d.Targets.Select(t => ($"{d.Name} at {t.Name}", t.Rules, d.Zone)));
    }

    /// <summary>That there is nothing whose timeline could be kept.</summary>
    public HoldfastException NoTimelines() =>
        new(
            ErrorCode.Usage,
            "no database was named, and none with a timeline is configured",
            $"name one: {HelpText.ExampleOf(session.Parsed)}"
        );

    public void Dispose() => opened.ForEach(t => t.Dispose());

    // Their copies could not be told apart: a restore would give back the wrong one.
    private static IReadOnlyList<DatabaseSetup> Distinct(IReadOnlyList<DatabaseSetup> databases) =>
        databases.GroupBy(d => d.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } same
            ? throw new HoldfastException(
                ErrorCode.Usage,
                $"{same.Count()} databases are called '{same.Key}': {string.Join(", ", same.Select(d => d.Destination))}",
                "back them up one by one to different targets, or name them in a configuration: holdfast init"
            )
            : databases;

    private static string FromVariable(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } address
            ? address
            : throw new HoldfastException(
                ErrorCode.Usage,
                $"the variable {variable} is not set",
                $"export {variable}=sqlite:///app.db"
            );

    private IEnumerable<DatabaseSetup> FindAll(string named, Option<string[]> side) =>
        settings.FindDatabase(named) is { } configured ? AllConfigured(configured, side) : [Find(named, side)];

    private DatabaseSetup Find(string named, Option<string[]> side)
    {
        if (settings.FindDatabase(named) is { } configured)
        {
            return Configured(configured, side);
        }

        var address =
            SqliteAddress.TryParse(named)
            ?? throw new HoldfastException(
                ErrorCode.Usage,
                $"'{WithoutSecrets(named)}' is not a SQLite database, and this version backs up no other",
                "a path, sqlite:///relative or sqlite:////absolute"
            );
        var matching = settings
            .Databases.Where(d => d.IsPattern)
            .SelectMany(d => AllConfigured(d, side))
            .FirstOrDefault(d => d.Name == named || Path.GetFullPath(d.Destination!) == Path.GetFullPath(address.Path));
        if (matching != null)
        {
            return matching;
        }

        var same = settings.Databases.FirstOrDefault(d =>
            SqliteAddress.TryParse(d.Source.Reveal()) is { } source
            && Path.GetFullPath(source.Path) == Path.GetFullPath(address.Path)
        );
        return same is not null ? Configured(same, side) : AdHoc(named, address, side);
    }

    private DatabaseSetup AdHoc(string named, SqliteAddress address, Option<string[]> side)
    {
        var isFile = named.IndexOfAny(['/', ':', '.']) >= 0 || File.Exists(address.Path);
        var source = isFile
            ? new SqliteDatabase(address.Path, options.Sqlite(new SqliteOptions()), session.Time)
            : null;
        var engine = new SqliteEngine(session.Time);
        var template = options.Name ?? NameTemplate.Default + engine.FileExtension;
        return options.Over(
            new DatabaseSetup
            {
                Name = address.DefaultName,
                Source = source,
                Engine = engine,
                Destination = isFile ? address.Path : null,
                Template = NameTemplate.Parse(template, address.DefaultName, TimeZoneInfo.Local),
                OtherTemplates = KnownTemplates.For(address.DefaultName, engine.FileExtension),
                Zone = TimeZoneInfo.Local,
                Targets = AdHocTargets(Path.GetDirectoryName(Path.GetFullPath(address.Path))!, side),
            }
        );
    }

    private IReadOnlyList<TargetSetup> AdHocTargets(string directory, Option<string[]> side)
    {
        var targets =
            session.Parsed.GetValue(side) is { Length: > 0 } addresses ? addresses
            : settings.Targets.Count > 0 ? [.. settings.Targets.Select(t => t.Name)]
            : new[] { Path.Combine(directory, "backups") };
        return [.. targets.Select(t => Target(t, side, settings: null))];
    }

    private TimelineSetup TimelineOf(FilePattern pattern) =>
        new()
        {
            Name = "",
            Pattern = pattern,
            Targets = [.. AdHocTargets(pattern.Root, DatabaseOptions.To).Select(t => new TimelineTargetSetup(t))],
        };

    // Null when it has none.
    private TimelineSetup? TimelineOf(DatabaseSettings database)
    {
        if (database.Timeline is not { } timeline)
        {
            return null;
        }

        var source = database.Source.Reveal();
        return TimelineOf(
            timeline,
            database.IsPattern ? database.NamePrefix : database.Name,
            database.IsPattern ? null : PathOf(database),
            database.IsPattern ? FilePattern.Parse(source) : null
        );
    }

    private TimelineSetup TimelineOf(TimelineSettings timeline, string name, string? path, FilePattern? pattern) =>
        new()
        {
            Name = name,
            Path = path,
            Pattern = pattern,
            Targets = session.Parsed.GetValue(DatabaseOptions.To) is { Length: > 0 } addresses
                ? [.. addresses.Select(a => new TimelineTargetSetup(Target(a, DatabaseOptions.To, settings: null)))]
                :
                [
                    .. timeline.Keep.Select(keep => new TimelineTargetSetup(
                        Target(keep.Target.Name, DatabaseOptions.To, settings: null)
                    )
                    {
                        KeepEveryCommit = keep.EveryCommit,
                    }),
                ],
            Options = new TimelineOptions { Interval = timeline.Interval, SpoolBytes = timeline.Spool.Bytes },
            SwitchToWal = timeline.SwitchToWal,
        };

    private static TimelineSetup TimelineOf(DatabaseSetup database)
    {
        _ = database.RequireSource();
        return database.Timeline
            ?? new TimelineSetup
            {
                Name = database.Name,
                Path = database.Destination!,
                Targets = [.. database.Targets.Select(t => new TimelineTargetSetup(t))],
            };
    }

    private static string PathOf(DatabaseSettings database) =>
        SqliteAddress.TryParse(database.Source.Reveal())?.Path
        ?? throw new HoldfastException(
            ErrorCode.Usage,
            $"{database.Source.Location}: '{database.Source}' is not a SQLite database, and this version backs up no other"
        );

    // Each file that a pattern matches is a database of its own.
    private IEnumerable<DatabaseSetup> AllConfigured(DatabaseSettings database, Option<string[]> side) =>
        database.IsPattern
            ? FilePattern
                .Parse(database.Source.Reveal())
                .Find()
                .OrderBy(found => found.Path, StringComparer.Ordinal)
                .Select(found => Configured(database, database.NamePrefix + found.Matched, found.Path, side))
            : [Configured(database, side)];

    private DatabaseSetup Configured(DatabaseSettings database, Option<string[]> side) =>
        Configured(database, database.Name, PathOf(database), side);

    private DatabaseSetup Configured(DatabaseSettings database, string name, string path, Option<string[]> side)
    {
        var snapshots = database.Snapshots;
        var source = new SqliteDatabase(path, options.Sqlite(ConfiguredOptions.Of(snapshots)), session.Time);
        var template = options.Name ?? snapshots.NameTemplate.Reveal();
        return options.Over(
            new DatabaseSetup
            {
                Name = name,
                IsConfigured = true,
                Source = source,
                Engine = source.Engine,
                Destination = path,
                Template = NameTemplate.Parse(template, name, snapshots.TimeZone),
                Compression = snapshots.Compress,
                Level = snapshots.Level,
                CompressAbove = snapshots.CompressAbove.Bytes,
                Check = snapshots.Check,
                Zone = snapshots.TimeZone,
                Targets = session.Parsed.GetValue(side) is { Length: > 0 } addresses
                    ? [.. addresses.Select(a => Target(a, side, snapshots))]
                    : [.. snapshots.To.Select(t => Target(t.Name, side, snapshots))],
                Timeline = database.Timeline is { } timeline ? TimelineOf(timeline, name, path, pattern: null) : null,
                TakesSnapshots = database.TakesSnapshots,
                Rpo = database.Rpo,
                Rto = database.Rto,
            }
        );
    }

    private TargetSetup Target(string named, Option<string[]> side, SnapshotSettings? settings)
    {
        var create = side == DatabaseOptions.To;
        var configured = this.settings.FindTarget(named);
        var rules = options.Keep ?? (settings is null ? RetentionRules.None : ConfiguredOptions.Rules(settings, named));
        var target = configured is null
            ? new TargetSetup(named, named, () => TargetStores.Open(named, create), rules)
            : new TargetSetup(configured.Name, configured.Name, () => TargetStores.Open(configured, create), rules)
            {
                BucketDeletes = configured.EnforcedBy == EnforcedBy.Bucket,
            };
        opened.Add(target);
        return target;
    }

    private CataloguePlace AllAt(TargetSetup target)
    {
        var engine = new SqliteEngine(session.Time);
        var templates = KnownTemplates.For(database: null, engine.FileExtension);
        return new CataloguePlace(
            Database: null,
            target,
            new SnapshotCatalogue(target.Store, templates, database: null),
            engine
        );
    }

    private static string WithoutSecrets(string address) =>
        address.Split("://") is [var scheme, _] ? $"{scheme}://…" : address;
}
