using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Engines.Sqlite.Files;
using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Capture;

/// <summary>
/// A database on a read-only file system that SQLite cannot read in place, because it would have to recover it or to
/// create a file beside it. Nothing changes there, unless the same files are also mounted writable elsewhere: so they
/// are examined before and after.
/// </summary>
internal sealed class FrozenSource : IDisposable
{
    private const int WriteVersionOffset = 18;
    private const byte WalVersion = 2;
    private static readonly string[] Parts = ["", SideFiles.Wal, SideFiles.Journal];

    private readonly string path;
    private readonly FileStatus?[] before;
    private readonly string? directory;

    private FrozenSource(string path, string? directory)
    {
        this.path = path;
        this.directory = directory;
        before = Examine();
    }

    /// <summary>How it is read, for the manifest.</summary>
    public string Name => directory is null ? "immutable" : "copy";

    /// <summary>The journal mode of an immutable database, which SQLite does not say; null when SQLite says it.</summary>
    public string? JournalMode => directory is null ? ModeInHeader() : null;

    /// <summary>Copies the files where SQLite can recover them, if there is anything to recover.</summary>
    public static async Task<FrozenSource> CreateAsync(string path, string? scratch, CancellationToken token)
    {
        var recover = scratch is not null && SideFiles.HaveContent(path);
        var copies = recover ? Path.Combine(scratch!, $".holdfast-source-{Guid.NewGuid():N}") : null;
        var frozen = new FrozenSource(path, copies);
        try
        {
            await frozen.CopyAsync(token);
            return frozen;
        }
        catch
        {
            frozen.Dispose();
            throw;
        }
    }

    /// <summary>Opens it.</summary>
    public Connection Open() =>
        directory is null
            ? Connection.Open(Connection.ImmutableUri(path), Access.ReadUri)
            : Connection.Open(Path.Combine(directory, Path.GetFileName(path)), Access.Existing);

    /// <summary>Throws when another mount of the same files was written to, so that what was read may be torn.</summary>
    public void EnsureUnchanged()
    {
        if (!before.AsSpan().SequenceEqual(Examine()))
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                $"the database {path} changed while it was copied, although it is mounted read-only here",
                "mount it writable, so that SQLite can lock it, or copy it where it is written"
            );
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (directory is not null && Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private async Task CopyAsync(CancellationToken token)
    {
        if (directory is null)
        {
            return;
        }

        DurableFiles.CreatePrivateDirectory(directory);
        foreach (var part in Parts.Where(part => File.Exists(path + part)))
        {
            await using var from = new FileStream(path + part, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            await using var to = File.Create(Path.Combine(directory, Path.GetFileName(path) + part));
            await from.CopyToAsync(to, token);
        }

        EnsureUnchanged();
    }

    // Without locks there are none that closing the file could drop.
    private string ModeInHeader()
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Span<byte> version = stackalloc byte[1];
        return RandomAccess.Read(file, version, WriteVersionOffset) == 1 && version[0] == WalVersion ? "wal" : "delete";
    }

    private FileStatus?[] Examine() => [.. Parts.Select(part => FileStatus.Of(path + part))];
}
