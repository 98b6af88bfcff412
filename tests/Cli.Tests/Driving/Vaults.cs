namespace Holdfast.Cli.Tests.Driving;

/// <summary>An encrypted vault to show commands with.</summary>
internal static class Vaults
{
    /// <summary>
    /// Makes ./vault, its kit kit.txt, another key that is called old, and a session of the database app. The configuration is
    /// written elsewhere.
    /// </summary>
    public static async Task MakeAsync(Place place)
    {
        (
            await place.RunAsync(
                "init",
                "app.db",
                "--to",
                "./vault",
                "--kit",
                "kit.txt",
                "--config",
                "vault.yaml",
                "--quiet"
            )
        ).Ends(0);
        (await place.RunAsync("key", "add", "--to", "./vault", "--kit", "old.txt", "--name", "old", "--quiet")).Ends(0);
        (await place.RunAsync("sync", "app.db", "--to", "./vault", "--quiet")).Ends(0);
    }
}
