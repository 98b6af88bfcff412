using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Core.Snapshots;

namespace Holdfast.Cli.Setup;

/// <summary>
/// Where a database is kept as it was before it is restored in place: a directory beside it that holds copies like any other
/// target, so that undoing is a restore from there.
/// </summary>
/// <param name="Path">The file.</param>
/// <param name="Undo">The command that brings it back.</param>
internal sealed record SafetyPlace(string Path, string Undo)
{
    private const string Ending = ".before-restore";

    /// <summary>Takes a name that is free, after the template by which the copy will be found.</summary>
    public static SafetyPlace Choose(Session session, DatabaseSetup database, string destination)
    {
        var full = System.IO.Path.GetFullPath(destination);
        var directory = full + Ending;
        var now = session.Time.GetUtcNow();
        var id = Guid.NewGuid().ToString("N")[..8];
        var name = Enumerable
            .Range(1, NameTemplate.LastSequence)
            .Select(sequence => database.Template.Render(now, "before-restore", id, sequence, extension: "").Value)
            .First(name => !File.Exists(System.IO.Path.Combine(directory, name)));
        var words = new List<string> { "holdfast", "restore", database.Name };
        Add(words, "--config", session.Parsed.GetValue(GlobalOptions.Config));
        Add(words, "--name", session.Parsed.GetValue(DatabaseOptions.Name));
        words.AddRange(["--output", full, "--from", directory, "--id", name, "--in-place"]);
        return new SafetyPlace(System.IO.Path.Combine(directory, name), string.Join(' ', words.Select(Shell.Quote)));
    }

    private static void Add(List<string> words, string option, string? value)
    {
        if (value is not null)
        {
            words.AddRange([option, value]);
        }
    }
}
