using Holdfast.Core.Files;

namespace Holdfast.Cli.Setup;

/// <summary>Where this user's locks and scratch files are.</summary>
internal static class WorkDirectories
{
    // Not /tmp: it is often memory, and a copy is as large as its database.
    private const string DefaultScratch = "/var/tmp";

    /// <summary>
    /// The directory of what must outlive a run: <c>$HOLDFAST_STATE</c>, else <c>$XDG_STATE_HOME/holdfast</c>, else below the
    /// home directory.
    /// </summary>
    public static string State =>
        Path.GetFullPath(
            Variable("HOLDFAST_STATE")
                ?? (Variable("XDG_STATE_HOME") is { } xdg ? Path.Combine(xdg, "holdfast") : null)
                ?? (
                    Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home
                        ? Path.Combine(home, ".local", "state", "holdfast")
                        : $"{DefaultScratch}/holdfast-{Environment.UserName}/state"
                )
        );

    /// <summary>The directory in which each timeline has its own.</summary>
    public static string Timelines => Path.Combine(State, "timelines");

    /// <summary>The directory of what is remembered of vaults.</summary>
    public static string Vaults => Path.Combine(State, "vaults");

    /// <summary>The directory of the sockets at which agents answer.</summary>
    public static string Agents => Path.Combine(State, "agents");

    /// <summary>Finds them.</summary>
    /// <param name="scratch">Where copies are staged; null for the default.</param>
    public static WorkPaths Find(string? scratch)
    {
        // Its own directory per user: the one above is everybody's.
        return new WorkPaths(
            Path.Combine(State, "locks"),
            Path.Combine(scratch ?? DefaultScratch, $"holdfast-{Environment.UserName}")
        );
    }

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
