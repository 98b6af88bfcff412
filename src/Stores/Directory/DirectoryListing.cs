using System.IO.Enumeration;
using System.Runtime.CompilerServices;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.Directories;

/// <summary>Lists a tree of files in the order of the keys, one directory at a time.</summary>
internal static class DirectoryListing
{
    /// <summary>What is known of a file, through links; null when there is none.</summary>
    public static ObjectInfo? Describe(ObjectKey key, string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget != null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
        {
            file = target;
        }

        return file.Exists ? new ObjectInfo(key, file.Length, new DateTimeOffset(file.LastWriteTimeUtc)) : null;
    }

    public static async IAsyncEnumerable<ObjectInfo> ListAsync(
        StoreTree tree,
        string prefix,
        ObjectKey? startAfter,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        tree.RequireRoot();
        var range = new KeyRange(prefix, startAfter?.Value ?? "");
        var pending = new Stack<Name>();
        await OpenAsync(range.Innermost);
        while (pending.TryPop(out var name))
        {
            if (name.IsDirectory)
            {
                await OpenAsync(name.Key);
            }
            else if (Find(tree, name.Key) is { } found)
            {
                yield return found;
            }
        }

        // Directories may be on slow or remote file systems: read them off the caller's thread, whole, one per level.
        async Task OpenAsync(string key)
        {
            foreach (var name in await Task.Run(() => Read(tree, key, range), cancellationToken))
            {
                pending.Push(name);
            }
        }
    }

    private static ObjectInfo? Find(StoreTree tree, string key)
    {
        try
        {
            // A file that is removed while the listing goes on is just not listed.
            return Describe(new ObjectKey(key), Path.Combine(tree.Root, key));
        }
        catch (Exception error) when (DirectoryFaults.IsOfFileSystem(error))
        {
            throw DirectoryFaults.Translate(error, $"listing {tree.Root}");
        }
    }

    /// <summary>The names in a directory (its key ends in '/'; "" is the root) that may matter, in reverse order.</summary>
    private static List<Name> Read(StoreTree tree, string directory, KeyRange range)
    {
        var path = Path.Combine(tree.Root, directory);
        // A prefix may be any text, also one that would lead out of the root.
        if ((directory.Length > 0 && !ObjectKey.IsValid(directory[..^1])) || tree.IsBehindLink(path))
        {
            return [];
        }

        try
        {
            var names = new FileSystemEnumerable<Name>(
                path,
                (ref FileSystemEntry entry) => NameOf(ref entry, directory),
                new EnumerationOptions { IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None }
            )
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) =>
                    !StoreTree.IsReserved(entry.FileName) && !IsForeign(ref entry, directory),
            };
            var wanted = names.Where(name => name.IsDirectory ? range.MayReachInto(name.Key) : range.Has(name.Key));
            return [.. wanted.OrderDescending(Comparer<Name>.Create((a, b) => Utf8Order.Compare(a.Key, b.Key)))];
        }
        catch (DirectoryNotFoundException)
        {
            // Nothing has the prefix, or the directory was removed just now; that the root is there was checked.
            return [];
        }
        catch (Exception error) when (DirectoryFaults.IsOfFileSystem(error))
        {
            throw DirectoryFaults.Translate(error, $"listing {path}");
        }
    }

    private static Name NameOf(ref FileSystemEntry entry, string directory)
    {
        // A link to a directory is not entered; as a link to no file it is not listed either.
        var isDirectory = entry.IsDirectory && !entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
        return new(isDirectory ? $"{directory}{entry.FileName}/" : $"{directory}{entry.FileName}", isDirectory);
    }

    /// <summary>Names that no key can have, and what file systems keep at their root for themselves.</summary>
    private static bool IsForeign(ref FileSystemEntry entry, string directory) =>
        (directory.Length == 0 && entry.FileName is "lost+found")
        || entry.FileName.Contains('\uFFFD')
        || !ObjectKey.IsValid($"{directory}{entry.FileName}");

    /// <summary>A name in a directory; the key of a directory ends in '/', which also puts it where its content belongs.</summary>
    private readonly record struct Name(string Key, bool IsDirectory);

    /// <summary>Which keys are asked for.</summary>
    private readonly record struct KeyRange(string Prefix, string StartAfter)
    {
        /// <summary>The directory that holds all of them.</summary>
        public string Innermost => Prefix[..(Prefix.LastIndexOf('/') + 1)];

        public bool Has(string key) =>
            key.StartsWith(Prefix, StringComparison.Ordinal) && Utf8Order.Compare(key, StartAfter) > 0;

        public bool MayReachInto(string directory) =>
            (
                directory.StartsWith(Prefix, StringComparison.Ordinal)
                || Prefix.StartsWith(directory, StringComparison.Ordinal)
            )
            && (
                Utf8Order.Compare(directory, StartAfter) > 0
                || StartAfter.StartsWith(directory, StringComparison.Ordinal)
            );
    }
}
