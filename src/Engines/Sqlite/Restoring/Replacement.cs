using Holdfast.Core.Files;
using Holdfast.Engines.Sqlite.Files;

namespace Holdfast.Engines.Sqlite.Restoring;

/// <summary>
/// Puts a staged database in the place of another, with its side files, so that no crash leaves wrong data.
/// <para>
/// The danger is the -wal (or hot -journal) of the old database beside the new one: SQLite replays it, and the result
/// passes every integrity check. As bad is the old database without its -wal: it lacks commits. No two files can be
/// replaced in one step, so a third state lies between old and new, in which opening fails loudly (see
/// <see cref="InterruptedRestore"/>). The states, one durable step after the other:
/// </para>
/// <list type="number">
/// <item>the old database with its side files, under its name; the new one is staged, complete and flushed</item>
/// <item>the same; its -wal and -journal have a second name, beside the name it will be kept under</item>
/// <item>one swap of two names: the link to nowhere under its name, the old database complete under the kept name</item>
/// <item>the same; the side files are gone from beside its name</item>
/// <item>one rename: the new database under its name, nothing beside it</item>
/// </list>
/// <para>
/// After a crash in 1 or 2 the old database is in use as if nothing had happened, and the next restore takes the second
/// names away. After one in 3 or 4 nothing opens, and the next restore goes on without --force. Where no database was
/// there, its stray side files are moved away before the rename, never after.
/// </para>
/// </summary>
internal sealed class Replacement(string path, string kept)
{
    private string Directory => Path.GetDirectoryName(path)!;

    /// <summary>Clears the place.</summary>
    /// <returns>Where what was there is kept; null when nothing was.</returns>
    public string? Clear()
    {
        var previous = FileStatus.OfLink(path)?.Kind == FileKind.Regular ? KeepDatabase() : KeepStraySideFiles();
        File.Delete(path + SideFiles.Wal);
        File.Delete(path + SideFiles.Journal);
        File.Delete(path + SideFiles.SharedMemory);
        DurableFiles.FlushDirectory(Directory);
        return previous;
    }

    private string KeepDatabase()
    {
        InterruptedRestore.Prepare(kept);
        LinkSideFile(SideFiles.Wal);
        LinkSideFile(SideFiles.Journal);
        DurableFiles.FlushDirectory(Directory);
        if (Posix.Exchange(path, kept) is not 0 and var error)
        {
            InterruptedRestore.Sweep(path);
            throw InterruptedRestore.CannotKeep(kept, error);
        }

        DurableFiles.FlushDirectory(Directory);
        return kept;
    }

    private void LinkSideFile(string part)
    {
        if (SideFiles.HasContent(path + part) && Posix.Link(path + part, kept + part) is not 0 and var error)
        {
            InterruptedRestore.Sweep(path);
            throw InterruptedRestore.CannotKeep(kept, error);
        }
    }

    private string? KeepStraySideFiles()
    {
        // After an interrupted restore they have been kept already, beside the database that they belong to.
        if (InterruptedRestore.PreviousOf(path) is { } previous)
        {
            return previous;
        }

        var moved = new[] { SideFiles.Wal, SideFiles.Journal }
            .Where(part => SideFiles.HasContent(path + part))
            .ToList();
        moved.ForEach(part => File.Move(path + part, kept + part));
        return moved.Count == 0 ? null : kept + moved[0];
    }
}
