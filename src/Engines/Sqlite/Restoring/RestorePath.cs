using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Engines.Sqlite.Files;

namespace Holdfast.Engines.Sqlite.Restoring;

/// <summary>Finds the file that a program would open under a path, whose side files lie beside it.</summary>
internal static class RestorePath
{
    private const int MostLinks = 40;

    /// <summary>Follows symbolic links, also to a file that is not there yet; creates missing directories.</summary>
    public static string Resolve(string destination)
    {
        var path = Path.GetFullPath(destination);
        for (var links = 0; links < MostLinks; links++)
        {
            var directory = Path.GetDirectoryName(path) ?? throw NotAFile(destination);
            CreateDirectory(directory);
            path = Path.Combine(Posix.RealPath(directory) ?? directory, Path.GetFileName(path));

            var isLink = FileStatus.OfLink(path)?.Kind == FileKind.SymbolicLink;
            if (!isLink || InterruptedRestore.PreviousOf(path) is not null)
            {
                return path;
            }

            path = Path.GetFullPath(new FileInfo(path).LinkTarget!, Path.GetDirectoryName(path)!);
        }

        throw NotAFile(destination);
    }

    // Restoring is what happens on fresh machines, where the directory is not there yet.
    private static void CreateDirectory(string directory)
    {
        if (Directory.Exists(directory) || Path.GetDirectoryName(directory) is not { } parent)
        {
            return;
        }

        CreateDirectory(parent);
        DurableFiles.CreatePrivateDirectory(directory);
        DurableFiles.FlushDirectory(parent);
    }

    private static HoldfastException NotAFile(string destination) =>
        new(ErrorCode.Refused, $"{destination} cannot be a database file", "name the file to restore to");
}
