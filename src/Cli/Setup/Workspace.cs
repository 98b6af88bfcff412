using System.CommandLine;
using Holdfast.Cli.CommandLine;
using Holdfast.Configuration;
using Holdfast.Configuration.Settings;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Restore;
using Holdfast.Core.Vault;
using Holdfast.Engines.Sqlite;

namespace Holdfast.Cli.Setup;

/// <summary>
/// Which databases and targets a command means: those of the configuration, or whatever path or URL it was given, with
/// the options of the command line over both.
/// </summary>
internal sealed class Workspace : IDisposable
{
    private const int MostNamed = 20;
    private readonly Session session;
    private readonly HoldfastSettings settings;
    private readonly MakingOptions options;
    private readonly List<TargetSetup> opened = [];

    private Workspace(Session session, HoldfastSettings settings)
    {
        this.session = session;
        this.settings = settings;
        options = MakingOptions.Read(session.Parsed);
        AsOf = session.When(DatabaseOptions.AsOf);
        Paths = WorkDirectories.Find(session.Parsed.GetValue(GlobalOptions.Scratch) ?? settings.Scratch.Reveal());
    }

    /// <summary>When targets are to be read as they were; null for now.</summary>
    public DateTimeOffset? AsOf { get; }

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
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Usage"/>: none is meant. <see cref="ErrorCode.SourceMissing"/>: a pattern that is to be copied
    /// matches nothing.
    /// </exception>
    public IReadOnlyList<DatabaseSetup> Databases(IReadOnlyList<string> named, Option<string[]> side)
    {
        var all = session.Parsed.GetValue(DatabaseOptions.SourceEnv) is { } variable
            ? [.. named, FromVariable(variable)]
            : named;
        if (all.Count == 0 && settings.Databases.Count == 0)
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                "no database was named, and none is configured",
                $"name one: {HelpText.ExampleOf(session.Parsed)}, or make a configuration: holdfast init"
            );
        }

        IReadOnlyList<DatabaseSetup> databases =
            all.Count > 0
                ? Distinct([.. all.SelectMany(n => Find(n, side))])
                : [.. settings.Databases.SelectMany(d => Configured(d, side))];
        return databases.Count > 0 || side != DatabaseOptions.To
            ? databases
            : throw new HoldfastException(
                ErrorCode.SourceMissing,
                $"no file matches {string.Join(", ", settings.Databases.Where(d => d.IsPattern).Select(d => d.Source))}",
                "holdfast config show tells the patterns"
            );
    }

    /// <summary>Whose timelines a command keeps; all configured ones when none is named.</summary>
    /// <param name="named">Names, paths, URLs or patterns.</param>
    public IReadOnlyList<TimelineSetup> Timelines(IReadOnlyList<string> named)
    {
        IReadOnlyList<string> all = session.Parsed.GetValue(DatabaseOptions.SourceEnv) is { } variable
            ? [.. named, FromVariable(variable)]
            : named;
        var configured =
            all.Count == 0
                ? settings.Databases.Where(d => d.Timeline is not null)
                : all.Select(settings.FindDatabase).OfType<DatabaseSettings>();
        var others = all.Where(name => settings.FindDatabase(name) is null);
        return
        [
            .. configured.SelectMany(TimelinesOf),
            .. others.SelectMany(name =>
                SqliteAddress.TryParse(name) is { } address && FilePattern.TryParse(address.Path) is { } pattern
                    ? [TimelineOf(pattern)]
                    : Find(name, DatabaseOptions.To).Select(TimelineOf)
            ),
        ];
    }

    // A pattern is kept as one: its files come and go. A database without timeline: is kept when somebody names it.
    private IEnumerable<TimelineSetup> TimelinesOf(DatabaseSettings database) =>
        database.IsPattern
        && TimelineOf(database, database.Name, path: null, DatabaseOptions.To) is { Pattern: not null } of
            ? [of]
            : Configured(database, DatabaseOptions.To).Select(TimelineOf);

    /// <summary>The targets that are named by an option; all configured ones when none is.</summary>
    public IReadOnlyList<TargetSetup> Targets(Option<string[]> side)
    {
        var named = session.Parsed.GetValue(side) is { Length: > 0 } addresses
            ? addresses
            : [.. settings.Targets.Select(target => target.Name)];
        return named.Length > 0
            ? [.. named.Select(name => Target(name, side, settings: null))]
            : throw new HoldfastException(
                ErrorCode.Usage,
                "no target was named, and none is configured",
                $"name one: {HelpText.ExampleOf(session.Parsed)}"
            );
    }

    /// <summary>The one target that is named by an option, or configured.</summary>
    public TargetSetup OneTarget(Option<string[]> side) =>
        Targets(side) is [var only]
            ? only
            : throw new HoldfastException(
                ErrorCode.Usage,
                "which target?",
                $"one of: {string.Join(", ", settings.Targets.Select(target => target.Name))}"
            );

    /// <summary>The databases whose copies a command reads.</summary>
    public IReadOnlyList<DatabaseSetup> ReadDatabases(string? named, Option<string[]> side) =>
        Databases(named is null ? [] : [named], side);

    /// <summary>The one database whose copies a command reads.</summary>
    public DatabaseSetup ReadDatabase(string? named, Option<string[]> side) => Only(ReadDatabases(named, side));

    /// <summary>The one database whose copies a command reads, be it gone itself.</summary>
    public async Task<DatabaseSetup> StoredDatabaseAsync(
        string? named,
        Option<string[]> side,
        CancellationToken token
    ) => Only([.. ReadDatabases(named, side), .. await GoneAsync(named, side, token)]);

    /// <summary>Where the copies of one database are, or of all databases when none is named.</summary>
    public IReadOnlyList<CataloguePlace> Places(string? named, Option<string[]> side)
    {
        var variable = session.Parsed.GetValue(DatabaseOptions.SourceEnv);
        if (named is null && variable is null && session.Parsed.GetValue(side) is { Length: > 0 } addresses)
        {
            return [.. addresses.Select(a => AllAt(Target(a, side, settings: null)))];
        }

        return [.. ReadDatabases(named, side).SelectMany(PlacesOf)];
    }

    /// <summary>
    /// Where the copies of one database are, or of all; of a pattern also those of databases whose file is gone.
    /// </summary>
    public async Task<IReadOnlyList<CataloguePlace>> StoredPlacesAsync(
        string? named,
        Option<string[]> side,
        CancellationToken token
    )
    {
        var places = Places(named, side);
        return places is [{ Database: null }, ..]
            ? places
            : [.. places, .. (await GoneAsync(named, side, token)).SelectMany(PlacesOf)];
    }

    /// <summary>The names of the databases that have copies or a timeline at a target.</summary>
    public Task<IReadOnlyList<string>> DatabasesInAsync(TargetSetup target, CancellationToken token) =>
        DatabasesInAsync(target, prefix: "", token);

    /// <summary>Names for a message, which may be of very many.</summary>
    public static string Some(IReadOnlyList<string> names) =>
        names.Count <= MostNamed
            ? string.Join(", ", names)
            : $"{string.Join(", ", names.Take(MostNamed))} and {names.Count - MostNamed} more";

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

    private static IEnumerable<CataloguePlace> PlacesOf(DatabaseSetup database) =>
        database.Targets.Select(t => new CataloguePlace(database.Name, t, database.Catalogue(t), database.Engine));

    private DatabaseSetup Only(IReadOnlyList<DatabaseSetup> databases) =>
        databases is [var only]
            ? only
            : throw new HoldfastException(
                ErrorCode.Usage,
                databases.Count == 0 ? "there is no such database" : "which database?",
                $"one of: {Some([.. (databases.Count > 0 ? databases.Select(d => d.Name) : settings.Databases.Select(d => d.Name))])}"
            );

    private async Task<IReadOnlyList<string>> DatabasesInAsync(
        TargetSetup target,
        string prefix,
        CancellationToken token
    ) =>
        [
            .. (await AllAt(target).Catalogue.ListAsync(token))
                .Select(e => e.Name.Database)
                .OfType<string>()
                .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
                .Concat(await TimelineCatalogue.DatabasesAsync(target.Store, prefix, token))
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>The databases of patterns that have copies at a target, and no file any more.</summary>
    private async Task<IReadOnlyList<DatabaseSetup>> GoneAsync(
        string? named,
        Option<string[]> side,
        CancellationToken token
    )
    {
        var gone = new List<DatabaseSetup>();
        HoldfastException? failure = null;
        foreach (var pattern in settings.Databases.Where(d => d.IsPattern && (named is null || IsNamed(d, named))))
        {
            var there = Configured(pattern, side).Select(d => d.Name).ToHashSet(StringComparer.Ordinal);
            var names = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var target in Configured(pattern, pattern.Name, path: null, side).Targets)
            {
                try
                {
                    names.UnionWith(await DatabasesInAsync(target, pattern.NamePrefix, token));
                }
                catch (HoldfastException error)
                    when (error.Code is ErrorCode.TargetNotFound or ErrorCode.TargetUnreachable)
                {
                    failure = error;
                }
            }

            names.ExceptWith(there);
            gone.AddRange(names.Select(n => Configured(pattern, n, path: null, side)));

            // Whoever reads a database there meets the failure again; without any it would be an empty answer.
            if (failure is not null && there.Count + names.Count == 0)
            {
                throw failure;
            }
        }

        return gone;
    }

    private static bool IsNamed(DatabaseSettings database, string named) =>
        string.Equals(database.Name, named, StringComparison.OrdinalIgnoreCase);

    private IEnumerable<DatabaseSetup> Find(string named, Option<string[]> side)
    {
        if (settings.FindDatabase(named) is { } configured)
        {
            return Configured(configured, side);
        }

        var pattern = settings.Databases.FirstOrDefault(d =>
            d.IsPattern && named.StartsWith(d.NamePrefix, StringComparison.Ordinal)
        );
        if (pattern is not null && !File.Exists(named))
        {
            // Its file may be gone: then there are only its copies.
            return Configured(pattern, side).Where(d => d.Name == named) is var found && found.Any()
                ? found
                : [Configured(pattern, named, path: null, side)];
        }

        var address =
            SqliteAddress.TryParse(named)
            ?? throw new HoldfastException(
                ErrorCode.Usage,
                $"'{WithoutSecrets(named)}' is not a SQLite database, and this version backs up no other",
                "a path, sqlite:///relative or sqlite:////absolute"
            );
        var full = Path.GetFullPath(address.Path);
        var same = settings
            .Databases.Where(d => d.IsPattern || IsAt(d, full))
            .SelectMany(d => Configured(d, side))
            .FirstOrDefault(d => d.Destination is { } path && Path.GetFullPath(path) == full);
        return [same ?? AdHoc(named, address, side)];
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
            Targets = AdHocTargets(pattern.Root, DatabaseOptions.To),
        };

    private static TimelineSetup TimelineOf(DatabaseSetup database)
    {
        _ = database.RequireSource();
        return database.Timeline
            ?? new TimelineSetup
            {
                Name = database.Name,
                Path = database.Destination!,
                Targets = database.Targets,
            };
    }

    private TimelineSetup? TimelineOf(DatabaseSettings database, string name, string? path, Option<string[]> side) =>
        database.Timeline is not { } timeline
            ? null
            : new TimelineSetup
            {
                Name = name,
                Path = path,
                Pattern = path is null ? FilePattern.TryParse(database.Source.Reveal()) : null,
                Targets = TimelineTargets(timeline, side),
                Options = ConfiguredOptions.Of(timeline),
                SwitchToWal = timeline.SwitchToWal,
            };

    private IReadOnlyList<TargetSetup> TimelineTargets(TimelineSettings timeline, Option<string[]> side) =>
        session.Parsed.GetValue(side) is { Length: > 0 } addresses
            ? [.. addresses.Select(a => Target(a, side, settings: null))]
            :
            [
                .. timeline.Keep.Select(keep =>
                {
                    var target = Target(keep.Target.Name, side, settings: null);
                    target.KeepEveryCommit = keep.EveryCommit;
                    target.KeepPoints = keep.Points;
                    target.PointsZone = timeline.TimeZone;
                    target.Vault = (target.Vault ?? new ConfiguredVault(Encryption: null)) with { PlainIsSaid = true };
                    return target;
                }),
            ];

    private static bool IsAt(DatabaseSettings database, string path) =>
        SqliteAddress.TryParse(database.Source.Reveal()) is { } source && Path.GetFullPath(source.Path) == path;

    /// <summary>A configured database; of a pattern each of which the file is there.</summary>
    private IEnumerable<DatabaseSetup> Configured(DatabaseSettings database, Option<string[]> side)
    {
        if (database.IsPattern && FilePattern.TryParse(database.Source.Reveal()) is { } pattern)
        {
            return pattern
                .Find()
                .OrderBy(found => found.Matched, StringComparer.Ordinal)
                .Select(found => Configured(database, database.NamePrefix + found.Matched, found.Path, side));
        }

        var path =
            SqliteAddress.TryParse(database.Source.Reveal())?.Path
            ?? throw new HoldfastException(
                ErrorCode.Usage,
                $"{database.Source.Location}: '{database.Source}' is not a SQLite database, and this version backs up no other"
            );
        return [Configured(database, database.Name, path, side)];
    }

    private DatabaseSetup Configured(DatabaseSettings database, string name, string? path, Option<string[]> side)
    {
        var snapshots = database.Snapshots;
        var source = path is null
            ? null
            : new SqliteDatabase(path, options.Sqlite(ConfiguredOptions.Of(snapshots)), session.Time);
        var template = options.Name ?? snapshots.NameTemplate.Reveal();
        return options.Over(
            new DatabaseSetup
            {
                Name = name,
                IsConfigured = true,
                TakesSnapshots = database.TakesSnapshots,
                Timeline = path is null ? null : TimelineOf(database, name, path, side),
                Source = source,
                Engine = source?.Engine ?? new SqliteEngine(session.Time),
                Destination = path,
                Template = NameTemplate.Parse(template, name, snapshots.TimeZone),
                Compression = snapshots.Compress,
                Level = snapshots.Level,
                CompressAbove = snapshots.CompressAbove.Bytes,
                Encrypt = snapshots.Encrypt,
                Check = snapshots.Check,
                Zone = snapshots.TimeZone,
                Targets = session.Parsed.GetValue(side) is { Length: > 0 } addresses
                    ? [.. addresses.Select(a => Target(a, side, snapshots))]
                    : [.. TargetsOf(database, side).Select(t => Target(t.Name, side, snapshots))],
                Rpo = database.Rpo,
                Rto = database.Rto,
            }
        );
    }

    // A timeline is read wherever it goes, and so are snapshots.
    private static IEnumerable<TargetSettings> TargetsOf(DatabaseSettings database, Option<string[]> side) =>
        side == DatabaseOptions.To || database.Timeline is null
            ? database.Snapshots.To
            : database.Snapshots.To.Union(database.Timeline.To);

    private TargetSetup Target(string named, Option<string[]> side, SnapshotSettings? settings)
    {
        var create = side == DatabaseOptions.To;
        var configured = this.settings.FindTarget(named);
        var rules = options.Keep ?? (settings is null ? RetentionRules.None : ConfiguredOptions.Rules(settings, named));
        var target = configured is null
            ? new TargetSetup(named, named, () => AsAsked(TargetStores.Open(named, create)), rules)
            : new TargetSetup(
                configured.Name,
                configured.Name,
                () => AsAsked(TargetStores.Open(configured, create)),
                rules
            )
            {
                BucketDeletes = configured.EnforcedBy == EnforcedBy.Bucket,
                Vault = VaultOf(configured),
            };
        opened.Add(target);
        return target;
    }

    private static ConfiguredVault? VaultOf(TargetSettings target)
    {
        var vault = KeyId.TryParse(target.Vault?.Reveal(), out var id) ? id : (KeyId?)null;
        KeyId[]? recipients = target.Recipients is { } ids
            ? [.. ids.Select(text => KeyId.TryParse(text, out var key) ? key : default)]
            : null;
        return target.Encryption == null && vault == null && recipients == null
            ? null
            : new ConfiguredVault(
                target.Encryption switch
                {
                    TargetEncryption.None => VaultEncryption.None,
                    TargetEncryption.P256Hpke => VaultEncryption.P256Hpke,
                    _ => null,
                },
                vault,
                recipients
            );
    }

    // With --as-of, a target is what it was.
    private IObjectStore AsAsked(IObjectStore store) =>
        AsOf is not { } moment ? store
        : store is IVersionedStore versioned ? versioned.AsOf(moment)
        : throw new HoldfastException(
            ErrorCode.Usage,
            $"{store.Address} keeps no versions: what it held at an earlier time cannot be told",
            "leave out --as-of; a bucket with versioning can be read as it was"
        );

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
