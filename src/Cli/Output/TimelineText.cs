using System.Text.Json.Nodes;
using Holdfast.Agent;

namespace Holdfast.Cli.Output;

/// <summary>What happens to timelines, as people and programs are told of it.</summary>
internal static class TimelineText
{
    /// <summary>How many databases are named one by one when the same happens to many at once.</summary>
    private const int MostAlike = 3;

    /// <summary>Tells what happened at about one time.</summary>
    public static void Tell(CommandOutput output, IReadOnlyList<TimelineEvent> events)
    {
        if (output.IsJson)
        {
            foreach (var told in events)
            {
                output.Result(Json(told));
            }

            return;
        }

        foreach (var alike in events.GroupBy(told => (told.Kind, told.Target)))
        {
            foreach (var told in alike.Count() > MostAlike + 1 ? alike.Take(MostAlike) : alike)
            {
                Tell(output, told);
            }

            if (alike.Count() > MostAlike + 1)
            {
                output.Note(
                    $"{Plural.Of(alike.Count() - MostAlike, "more database")}: the same ({Word(alike.Key.Kind)})"
                );
            }
        }
    }

    private static void Tell(CommandOutput output, TimelineEvent told)
    {
        var line = $"{told.Database}: {told.Message}{(told.Hint is { } hint ? $" (try: {hint})" : "")}";
        if (IsTrouble(told.Kind))
        {
            output.Warn(line);
        }
        else
        {
            output.Note(line);
        }
    }

    /// <summary>Whether somebody should look at what happened.</summary>
    public static bool IsTrouble(TimelineEventKind kind) =>
        kind
            is not (
                TimelineEventKind.Capturing
                or TimelineEventKind.Restorable
                or TimelineEventKind.Back
                or TimelineEventKind.Ended
            );

    private static JsonObject Json(TimelineEvent told) =>
        new()
        {
            ["type"] = "timeline",
            ["time"] = told.Time,
            ["database"] = told.Database,
            ["event"] = Word(told.Kind),
            ["target"] = told.Target,
            ["commit"] = told.Commit,
            ["message"] = told.Message,
            ["hint"] = told.Hint,
        };

    private static string Word(TimelineEventKind kind) => kind.ToString().ToLowerInvariant();
}
