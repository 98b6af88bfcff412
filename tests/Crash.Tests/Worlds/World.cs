using Holdfast.Core.Files;
using Holdfast.Crash.Tests.Killing;

namespace Holdfast.Crash.Tests.Worlds;

/// <summary>A machine in small: a database, its copies, and everything a run of the command touches.</summary>
internal sealed class World : IDisposable
{
    private World(string root, CopyPlace place)
    {
        Root = root;
        Place = place;
        foreach (var path in new[] { Source, Live })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        }
    }

    public string Root { get; }

    public CopyPlace Place { get; }

    /// <summary>The database that is backed up.</summary>
    public string Source => Path.Combine(Root, "app", "app.db");

    /// <summary>Where it is restored to.</summary>
    public string Live => Path.Combine(Root, "live", "app.db");

    public string ScratchOption => Path.Combine(Root, "scratch");

    /// <summary>Those of the command, when it runs with <see cref="ScratchOption"/>.</summary>
    public WorkPaths Paths =>
        new(Path.Combine(Root, "state", "locks"), Path.Combine(ScratchOption, $"holdfast-{Environment.UserName}"));

    /// <summary>What each copy holds, by name.</summary>
    public Dictionary<string, string> Copies { get; private init; } = new(StringComparer.Ordinal);

    /// <summary>What the database holds.</summary>
    public string Content { get; set; } = "";

    /// <summary>What the database at <see cref="Live"/> holds before it is restored; null when there is none.</summary>
    public string? LiveContent { get; set; }

    /// <summary>What the newest copy holds.</summary>
    public string NewestCopy => Copies[Copies.Keys.Max(StringComparer.Ordinal)!];

    /// <summary>A world with copies in a directory.</summary>
    public static World Create()
    {
        var root = NewRoot();
        return new World(root, CopyPlace.In(Path.Combine(root, "backups")));
    }

    /// <summary>A world with copies elsewhere.</summary>
    public static World Create(CopyPlace place) => new(NewRoot(), place);

    /// <summary>The same world once more; its copies are in <paramref name="place"/>, or in its own directory.</summary>
    public async Task<World> CloneAsync(CopyPlace? place = null)
    {
        var root = NewRoot();
        CopyTree(Root, root);
        var clone = new World(root, place ?? CopyPlace.In(Path.Combine(root, "backups")))
        {
            Copies = new Dictionary<string, string>(Copies, StringComparer.Ordinal),
            Content = Content,
            LiveContent = LiveContent,
        };
        if (place is not null)
        {
            await place.TakeAllAsync(Place);
        }

        return clone;
    }

    /// <summary>The command, as it runs in this world.</summary>
    public HoldfastProcess Command(params string[] arguments) =>
        new(Root, Place.Variables, [.. arguments, "--scratch", ScratchOption]);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    /// <summary>Copies a directory, its links as links.</summary>
    public static void CopyTree(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var entry in new DirectoryInfo(from).EnumerateFileSystemInfos())
        {
            var path = Path.Combine(to, entry.Name);
            if (entry.LinkTarget is { } target)
            {
                File.CreateSymbolicLink(path, target);
            }
            else if (entry is DirectoryInfo)
            {
                CopyTree(entry.FullName, path);
            }
            else
            {
                File.Copy(entry.FullName, path);
            }
        }
    }

    private static string NewRoot() => Directory.CreateTempSubdirectory("holdfast-crash-").FullName;
}
