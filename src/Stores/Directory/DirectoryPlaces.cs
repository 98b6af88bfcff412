using System.Collections.Concurrent;
using Holdfast.Core.Files;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.Directories;

/// <summary>Makes the directories that objects go to, durably, and sweeps them once. Thread-safe.</summary>
internal sealed class DirectoryPlaces(StoreTree tree, bool createRoot)
{
    private readonly ConcurrentDictionary<string, bool> ready = new(StringComparer.Ordinal);
    private volatile bool rootWasThere;

    /// <summary>Makes sure that the directory of a file exists and will survive a loss of power.</summary>
    public void Prepare(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        if (ready.ContainsKey(directory) && Directory.Exists(directory))
        {
            return;
        }

        if (!createRoot || rootWasThere)
        {
            // Gone in between, it is not made again: what was written to it before is gone with it.
            tree.RequireRoot();
        }

        if (tree.IsBehindLink(path))
        {
            throw new StoreException(
                StoreFault.Denied,
                $"{directory} is reached by a symbolic link below {tree.Root}, where only files may be links",
                "use the directory that the link points to as the target"
            );
        }

        var missing = Missing(directory);
        DurableFiles.CreatePrivateDirectory(directory);
        // Also the directories that were there: who made them may have been killed before making them durable.
        foreach (var made in missing.Union(tree.Above(path), StringComparer.Ordinal))
        {
            DurableFiles.FlushDirectory(Path.GetDirectoryName(made)!);
        }

        rootWasThere = true;
        PendingFile.SweepOrphans(directory);
        ready[directory] = true;
    }

    /// <summary>Removes the directories that a removed file leaves empty, up to the root.</summary>
    public void RemoveEmpty(string path)
    {
        foreach (var directory in tree.Above(path))
        {
            try
            {
                Directory.Delete(directory);
            }
            catch (IOException)
            {
                // Not empty, or another process was faster; either way somebody else's now.
                return;
            }

            ready.TryRemove(directory, out _);
            DurableFiles.FlushDirectory(Path.GetDirectoryName(directory)!);
        }
    }

    private static List<string> Missing(string directory)
    {
        var missing = new List<string>();
        for (var path = directory; path != null && !Directory.Exists(path); path = Path.GetDirectoryName(path))
        {
            missing.Add(path);
        }

        return missing;
    }
}
