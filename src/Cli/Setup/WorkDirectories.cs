using Holdfast.Core.Files;

namespace Holdfast.Cli.Setup;

/// <summary>Where this user's locks and scratch files are.</summary>
internal static class WorkDirectories
{
    // Not /tmp: it is often memory, and a copy is as large as its database.
    private const string DefaultScratch = "/var/tmp";

    /// <summary>Finds them: <c>$HOLDFAST_STATE</c>, else <c>$XDG_STATE_HOME/holdfast</c>, else the home directory.</summary>
    /// <param name="scratch">Where copies are staged; null for the default.</param>
    public static WorkPaths Find(string? scratch)
    {
        var state =
            Variable("HOLDFAST_STATE")
            ?? (Variable("XDG_STATE_HOME") is { } xdg ? Path.Combine(xdg, "holdfast") : null)
            ?? (
                Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home
                    ? Path.Combine(home, ".local", "state", "holdfast")
                    : $"{DefaultScratch}/holdfast-{Environment.UserName}/state"
            );

        // Its own directory per user: the one above is everybody's.
        return new WorkPaths(
            Path.Combine(state, "locks"),
            Path.Combine(scratch ?? DefaultScratch, $"holdfast-{Environment.UserName}")
        );
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
