using Holdfast.Core.Files;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.Directories;

/// <summary>
/// Where objects are below the root: '/' in a key is a directory. The root may be a symbolic link, and so may a file;
/// a directory below the root that is one is no part of the store, so that nothing is read or removed outside of it.
/// </summary>
internal sealed class StoreTree(string root)
{
    public string Root { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    public static bool IsReserved(ReadOnlySpan<char> name) =>
        name.EndsWith(PendingFile.Suffix, StringComparison.Ordinal);

    public string PathOf(ObjectKey key) => Path.Combine(Root, key.Value);

    /// <summary>The path of a file that exists below the root, or null.</summary>
    /// <exception cref="StoreException">The root does not exist.</exception>
    public string? FindFile(ObjectKey key)
    {
        RequireRoot();
        var path = PathOf(key);
        return !IsReserved(key.Value) && !IsBehindLink(path) && IsFile(path) ? path : null;
    }

    /// <summary>Refuses to work without the root: an unmounted disk must not look like an empty store.</summary>
    /// <exception cref="StoreException">There is no directory at the root.</exception>
    public void RequireRoot()
    {
        if (AttributesOf(Root) is not { } attributes || !attributes.HasFlag(FileAttributes.Directory))
        {
            throw new StoreException(
                StoreFault.TargetNotFound,
                $"the directory {Root} does not exist",
                "check the path, and whether its disk is mounted"
            );
        }
    }

    /// <summary>Whether a path is a file, or a link to one.</summary>
    /// <exception cref="UnauthorizedAccessException">A directory on the way cannot be looked into.</exception>
    public static bool IsFile(string path) =>
        AttributesOf(path) is { } attributes
        && !attributes.HasFlag(FileAttributes.Directory)
        && (!attributes.HasFlag(FileAttributes.ReparsePoint) || File.Exists(path));

    /// <summary>Whether one of the directories between the root and a path is a symbolic link.</summary>
    public bool IsBehindLink(string path) =>
        Above(path).Any(directory => new DirectoryInfo(directory).LinkTarget != null);

    /// <summary>The directories between a path and the root, the innermost first.</summary>
    public IEnumerable<string> Above(string path)
    {
        var directory = Path.GetDirectoryName(path)!;
        while (directory.Length > Root.Length)
        {
            yield return directory;
            directory = Path.GetDirectoryName(directory)!;
        }
    }

    /// <summary>Unlike <see cref="File.Exists"/>, tells what is not there from what must not be seen.</summary>
    private static FileAttributes? AttributesOf(string path)
    {
        try
        {
            return File.GetAttributes(path);
        }
        catch (IOException error) when (DirectoryFaults.MayBeRace(error))
        {
            return null;
        }
    }
}
