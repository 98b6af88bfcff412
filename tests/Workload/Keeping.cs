using Holdfast.Stores.Directories;

namespace Holdfast.Workload;

/// <summary>Keeps a database in a process of its own, until it is let go or killed. Each line that it reads asks for a sync.</summary>
internal static class Keeping
{
    public static async Task<int> RunAsync(string path, string state, string vault)
    {
        using var store = new DirectoryStore(vault, createRoot: true);
        var keeper = await Keeper.StartAsync(path, state, store, TimeProvider.System);
        Session.Ready();
        while (await Console.In.ReadLineAsync() is not null)
        {
            keeper = await SyncAsync(keeper, () => Keeper.StartAsync(path, state, store, TimeProvider.System));
        }

        _ = await keeper.SyncAsync(CancellationToken.None);
        await keeper.DisposeAsync();
        return 0;
    }

    // A spool that was damaged ends the shipping, and a new lineage begins.
    private static async Task<Keeper> SyncAsync(Keeper keeper, Func<Task<Keeper>> start)
    {
        while (true)
        {
            try
            {
                var (lineage, commit) = await keeper.SyncAsync(CancellationToken.None);
                Console.WriteLine(FormattableString.Invariant($"{lineage} {commit.Number}"));
                return keeper;
            }
            catch (Exception error) when (keeper.Shipping.IsFaulted || keeper.Capture.Completion.IsFaulted)
            {
                await Console.Error.WriteLineAsync(error.Message);
                await keeper.DisposeAsync();
                keeper = await start();
            }
        }
    }
}
