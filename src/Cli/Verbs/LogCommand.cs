using System.CommandLine;
using System.Globalization;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;
using Holdfast.Core.Timeline.History;
using Holdfast.Core.Timeline.Restore;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast log</c>: the commits of a timeline.</summary>
internal static class LogCommand
{
    private const int DefaultLimit = 50;

    private static readonly Argument<string?> Database = new("database")
    {
        Description = "A configured name, or a path (default: the only one configured)",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Since = new("--since")
    {
        Description = "Only commits at WHEN or later: 2026-03-01T14:00Z, '2 hours ago', 'yesterday 14:00'",
        HelpName = "WHEN",
    };

    private static readonly Option<string?> Until = new("--until")
    {
        Description = "Only commits at WHEN or earlier",
        HelpName = "WHEN",
    };

    private static readonly Option<string?> Commits = new("--commits")
    {
        Description = "Only these commits of the newest lineage, or of the one named: 100..200, 100.. or ..200",
        HelpName = "A..B",
    };

    private static readonly Option<int?> Limit = new("--limit", "-n")
    {
        Description = "At most so many commits (default: 50, or all of a range that is named; 0: all)",
        HelpName = "N",
    };

    private static readonly Option<string?> Lineage = new("--lineage")
    {
        Description = "Only this lineage: its id, or how that begins (default: all, the newest first)",
        HelpName = "ID",
    };

    public static Command Create() =>
        CommandExtensions
            .Describe("log", "Show the commits of a timeline, newest first", "holdfast log app --from ./vault")
            .With(Database, DatabaseOptions.From, DatabaseOptions.AsOf, Since, Until, Commits, Limit, Lineage)
            .With(KeyOptions.All)
            .Does(RunAsync);

    private static async Task<int> RunAsync(Session session, CancellationToken token)
    {
        var range = Range(session);
        var limit = LimitOf(session);
        var database = await session.Workspace.StoredDatabaseAsync(
            session.Parsed.GetValue(Database),
            DatabaseOptions.From,
            token
        );
        var (target, catalogue) = await FindAsync(session, database, token);
        var left = limit;
        foreach (var lineage in Chosen(session, catalogue))
        {
            if (left == 0)
            {
                break;
            }

            left -= await TellAsync(session, database.Name, target, catalogue, lineage, range, left, token);
        }

        if (left == limit)
        {
            session.Output.Note($"no commits of {database.Name} at {target.Store.Address} in that range");
        }

        return 0;
    }

    private static async Task<int> TellAsync(
        Session session,
        string database,
        TargetSetup target,
        TimelineCatalogue catalogue,
        TimelineLineage lineage,
        HistoryRange range,
        int limit,
        CancellationToken token
    )
    {
        var (told, width) = (0, 0);
        await foreach (var entry in new TimelineHistory(catalogue).ReadAsync(lineage, range, token))
        {
            if (entry is CommitEntry && told++ == limit)
            {
                session.Output.Note($"there are older ones: --commits ..{((CommitEntry)entry).Number}");
                return limit;
            }

            if (session.Output.IsJson)
            {
                session.Output.Result(
                    entry is CommitEntry commit
                        ? HistoryText.Json(database, target.Name, commit)
                        : HistoryText.Json(database, target.Name, (GapEntry)entry, from: null, to: null)
                );
                continue;
            }

            if (width == 0)
            {
                // The first is the largest number.
                var first = entry is CommitEntry newest ? newest.Number : ((GapEntry)entry).First;
                width = Math.Max("COMMIT".Length, first.ToString(CultureInfo.InvariantCulture).Length);
                session.Output.Note($"{database} at {target.Store.Address}: lineage {lineage.Id}");
                session.Output.Result([], HistoryText.CommitHeader(width));
            }

            session.Output.Result([], HistoryText.Line(entry, width));
        }

        return told;
    }

    /// <summary>The target with the newest commit of the newest lineage: the same commits may be at several.</summary>
    private static async Task<(TargetSetup Target, TimelineCatalogue Catalogue)> FindAsync(
        Session session,
        DatabaseSetup database,
        CancellationToken token
    )
    {
        var found = new List<(TargetSetup Target, TimelineCatalogue Catalogue, DateTimeOffset Newest)>();
        var failures = new List<(TargetSetup Target, HoldfastException Error)>();
        foreach (var target in database.Targets)
        {
            try
            {
                var catalogue = await TimelineCatalogue.ListAsync(
                    target.Store,
                    database.Name,
                    await session.Keys.RingAsync(target.Store, database.Name, token),
                    token
                );
                if (catalogue.Lineages.Count > 0)
                {
                    var windows =
                        database.Targets.Count > 1 ? await catalogue.WindowsAsync(catalogue.Lineages[^1], token) : [];
                    found.Add((target, catalogue, windows.Count > 0 ? windows[^1].To : DateTimeOffset.MinValue));
                }
            }
            catch (HoldfastException error)
            {
                failures.Add((target, error));
            }
        }

        if (found.Count == 0)
        {
            throw failures.Count > 0
                ? failures[0].Error
                : await NothingAsync(session, database, database.Targets[0], token);
        }

        foreach (var (target, error) in failures)
        {
            session.Output.Warn($"{target.Name} may hold newer commits, and cannot be asked: {error.Message}");
        }

        var best = found.OrderByDescending(f => f.Catalogue.Lineages[^1].Id).ThenByDescending(f => f.Newest).First();
        return (best.Target, best.Catalogue);
    }

    private static async Task<HoldfastException> NothingAsync(
        Session session,
        DatabaseSetup database,
        TargetSetup target,
        CancellationToken token
    )
    {
        var others = await TimelineCatalogue.DatabasesAsync(target.Store, "", token);
        var known = others.Count > 0 ? $"; there are timelines of: {Workspace.Some(others)}" : "";
        return new HoldfastException(
            ErrorCode.NothingSatisfies,
            $"there is no timeline of {database.Name} at {target.Store.Address}{known}",
            $"holdfast list {Shell.Quote(database.Name)} shows its copies"
        );
    }

    private static IEnumerable<TimelineLineage> Chosen(Session session, TimelineCatalogue catalogue)
    {
        if (session.Parsed.GetValue(Lineage) is not { } beginning)
        {
            // Numbers mean something only within one lineage.
            return session.Parsed.GetValue(Commits) is null
                ? catalogue.Lineages.Reverse()
                : catalogue.Lineages.TakeLast(1);
        }

        var meant = catalogue
            .Lineages.Where(l => l.Id.ToString().StartsWith(beginning, StringComparison.OrdinalIgnoreCase))
            .ToList();
        return meant.Count == 1
            ? meant
            : throw new HoldfastException(
                ErrorCode.NothingSatisfies,
                $"{(meant.Count == 0 ? "no lineage" : "more than one lineage")} of {catalogue.Database} at {catalogue.Store.Address} begins with '{beginning}'",
                $"one of: {Workspace.Some([.. catalogue.Lineages.Select(l => l.Id.ToString())])}"
            );
    }

    private static HistoryRange Range(Session session)
    {
        var range = new HistoryRange { Since = session.When(Since), Until = session.When(Until) };
        if (range.Since > range.Until)
        {
            throw new HoldfastException(ErrorCode.Usage, "--since is later than --until", "exchange them");
        }

        if (session.Parsed.GetValue(Commits) is not { } text)
        {
            return range;
        }

        var ends = text.Split("..");
        var first = End(ends[0], 1);
        var last = ends.Length == 1 ? first : End(ends[^1], long.MaxValue);
        return ends.Length <= 2 && text != ".." && first is { } from && last is { } to && from <= to
            ? range with
            {
                First = from,
                Last = to,
            }
            : throw new HoldfastException(
                ErrorCode.Usage,
                $"--commits does not understand '{text}'",
                "--commits 100..200"
            );
    }

    private static long? End(string text, long otherwise) =>
        text.Length == 0 ? otherwise
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
        : null;

    private static int LimitOf(Session session)
    {
        var isRange = session.Parsed.GetValue(Since) is not null || session.Parsed.GetValue(Commits) is not null;
        return (session.Parsed.GetValue(Limit) ?? (isRange ? 0 : DefaultLimit)) switch
        {
            0 => int.MaxValue,
            var limit and > 0 => limit,
            var limit => throw new HoldfastException(
                ErrorCode.Usage,
                $"--limit cannot be {limit}",
                "--limit 100, or --limit 0 for all"
            ),
        };
    }
}
