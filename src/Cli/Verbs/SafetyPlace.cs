using System.Globalization;
using Holdfast.Agent;
using Holdfast.Agent.Control;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Engines;
using Holdfast.Core.Errors;
using Holdfast.Core.Snapshots;

namespace Holdfast.Cli.Verbs;

/// <summary>
/// Where a database is kept as it was before it is restored in place: as a restore point of its timeline when an agent keeps that, else
/// in a directory beside it that holds copies like any other target. Either way undoing is a restore from there.
/// </summary>
internal sealed class SafetyPlace
{
    private const string Ending = ".before-restore";
    private const string Reason = "before-restore";

    // Writers wait meanwhile.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Session session;
    private readonly DatabaseSetup database;
    private readonly KeptTimeline? timeline;
    private readonly string destination;

    private SafetyPlace(Session session, DatabaseSetup database, string destination, KeptTimeline? timeline)
    {
        this.session = session;
        this.database = database;
        this.timeline = timeline;
        this.destination = Path.GetFullPath(destination);
        var directory = this.destination + Ending;
        var name = FreeName(directory);
        Safety = new InPlaceSafety(Path.Combine(directory, name))
        {
            KeptElsewhere = timeline is null ? null : PutPointAsync,
        };
        Undo = Command(database.Name, directory, "--id", name);
    }

    /// <summary>How the engine keeps what is there.</summary>
    public InPlaceSafety Safety { get; }

    /// <summary>The command that brings it back.</summary>
    public string Undo { get; private set; }

    /// <summary>The restore point that keeps what was there, for people; null when a copy does.</summary>
    public string? Point { get; private set; }

    /// <summary>Finds out who can keep it; nothing is kept yet.</summary>
    public static async Task<SafetyPlace> FindAsync(
        Session session,
        DatabaseSetup database,
        string destination,
        CancellationToken token
    )
    {
        try
        {
            var kept = await new TimelineRequests(session).KeptAsync(destination, token);
            var timeline = kept.FirstOrDefault(t => t.Status is { State: TimelineState.Capturing, Targets.Count: > 0 });
            return new SafetyPlace(session, database, destination, timeline);
        }
        catch (HoldfastException error)
        {
            session.Output.Warn($"{error.Message}; a copy is made of what is there");
            return new SafetyPlace(session, database, destination, timeline: null);
        }
    }

    private async Task<bool> PutPointAsync(CancellationToken token)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(token);
        limit.CancelAfter(Patience);
        try
        {
            var stored = await new ControlClient(WorkDirectories.Agents).PutPointAsync(timeline!, Reason, limit.Token);
            var commit = stored.Commit.ToString(CultureInfo.InvariantCulture);
            Undo = Command(timeline!.Status.Database, TargetAddress(), "--commit", commit, "--lineage", stored.Lineage);
            Point = $"commit {commit} of its timeline";
            return true;
        }
        catch (Exception error)
            when (error is HoldfastException || (error is OperationCanceledException && !token.IsCancellationRequested))
        {
            session.Output.Warn("the agent that keeps the timeline could not store it in time; a copy is made instead");
            return false;
        }
    }

    // A configured target is known by its name, with what it needs to be opened.
    private string TargetAddress()
    {
        var target = timeline!.Status.Targets[0];
        return database.IsConfigured && database.Targets.Any(t => t.Name == target.Target)
            ? target.Target
            : target.Address;
    }

    private string FreeName(string directory)
    {
        var now = session.Time.GetUtcNow();
        var id = Guid.NewGuid().ToString("N")[..8];
        return Enumerable
            .Range(1, NameTemplate.LastSequence)
            .Select(sequence => database.Template.Render(now, Reason, id, sequence, extension: "").Value)
            .First(name => !File.Exists(Path.Combine(directory, name)));
    }

    private string Command(string name, string from, params string[] choice)
    {
        var words = new List<string> { "holdfast", "restore", name };
        Add("--config", session.Parsed.GetValue(GlobalOptions.Config));
        Add("--name", session.Parsed.GetValue(DatabaseOptions.Name));
        words.AddRange(["--output", destination, "--from", from, .. choice, "--in-place"]);
        return string.Join(' ', words.Select(Shell.Quote));

        void Add(string option, string? value)
        {
            if (value is not null)
            {
                words.AddRange([option, value]);
            }
        }
    }
}
