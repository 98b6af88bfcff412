using System.Globalization;
using Holdfast.Engines.Sqlite.Files;

namespace Holdfast.Engines.Sqlite.Restoring;

/// <summary>Finds the programs that have a database open.</summary>
internal static class DatabaseUsers
{
    /// <summary>Those that have it or one of its side files open, each as a text such as "python3 (process 4711)".</summary>
    public static IReadOnlyList<string> Of(string path)
    {
        var files = new[] { path, path + SideFiles.Wal, path + SideFiles.SharedMemory }
            .Select(FileStatus.Of)
            .Where(status => status is { Kind: FileKind.Regular })
            .Select(status => status!.Value.Identity)
            .ToHashSet();
        if (files.Count == 0)
        {
            return [];
        }

        var visible = Processes().Where(process => HasOpen(process, files)).Select(Describe).ToList();

        // Only when no descriptor was seen, so also none of this process, whose locks the probe would drop.
        return visible.Count > 0 ? visible : LockProbe.HoldersOf(path);
    }

    /// <summary>A process for people.</summary>
    public static string Describe(int process) =>
        string.Create(CultureInfo.InvariantCulture, $"{ProgramOf(process)} (process {process})");

    private static IEnumerable<int> Processes() =>
        Directory
            .EnumerateDirectories("/proc")
            .Select(directory =>
                int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var id) ? id : 0
            )
            .Where(id => id > 0);

    private static bool HasOpen(int process, HashSet<FileIdentity> files)
    {
        try
        {
            return Directory
                .EnumerateFileSystemEntries(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd"))
                .Any(descriptor => IsAny(descriptor, files));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to another user: the locks are asked then.
            return false;
        }
    }

    // Only of what is a file with a path: a status of a socket or a pipe tells nothing.
    private static bool IsAny(string descriptor, HashSet<FileIdentity> files) =>
        new FileInfo(descriptor).LinkTarget is ['/', ..]
        && FileStatus.Of(descriptor) is { } status
        && files.Contains(status.Identity);

    private static string ProgramOf(int process)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/comm")).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "a program";
        }
    }
}
