namespace Holdfast.Core.Files;

/// <summary>
/// A private directory for one run's temporary files, removed when disposed. A file in it stays locked while its run
/// lives; directories whose lock is free were left by killed runs and are swept. Thread-safe.
/// </summary>
public sealed class Scratch : IDisposable
{
    private const string LockName = "in-use";
    private const int Attempts = 10;
    private readonly FileStream lockFile;
    private int files;

    private Scratch(string path, FileStream lockFile)
    {
        Path = path;
        this.lockFile = lockFile;
    }

    /// <summary>The directory of this run.</summary>
    public string Path { get; }

    /// <summary>The bytes that can still be written here.</summary>
    public long FreeBytes => new DriveInfo(Path).AvailableFreeSpace;

    /// <summary>Creates a directory of its own below <paramref name="root"/>, which is created when missing.</summary>
    /// <exception cref="Errors.HoldfastException">The root cannot be created or written.</exception>
    public static Scratch Create(string root)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                DurableFiles.CreatePrivateDirectory(root);
                var path = System.IO.Path.Combine(root, $"run-{Guid.NewGuid():N}");
                DurableFiles.CreatePrivateDirectory(path);
                if (TryLock(path) is { } lockFile)
                {
                    return new Scratch(path, lockFile);
                }
            }
            catch (Exception error) when (LocalFailure.Is(error))
            {
                // A sweep that met this directory before it was locked looks like an error, too.
                if (attempt == Attempts || error is UnauthorizedAccessException)
                {
                    throw LocalFailure.Of($"using {root} for temporary files", error, "take another: --scratch DIR");
                }
            }
        }
    }

    /// <summary>A path in this directory at which nothing exists.</summary>
    public string NewPath(string extension) =>
        System.IO.Path.Combine(Path, $"{Interlocked.Increment(ref files)}{extension}");

    /// <summary>Removes what killed runs left below <paramref name="root"/>.</summary>
    /// <returns>The number of directories removed.</returns>
    public static int SweepOrphans(string root, TimeProvider time)
    {
        if (!Directory.Exists(root))
        {
            return 0;
        }

        try
        {
            return Directory.EnumerateDirectories(root, "run-*").Count(path => TrySweep(path, time));
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            // What cannot be listed cannot be swept; whether it can be used is found out by who uses it.
            return 0;
        }
    }

    /// <summary>Removes the directory and all in it.</summary>
    public void Dispose()
    {
        _ = TryRemove(Path);
        lockFile.Dispose();
    }

    // Between creating the file and locking it a sweep may take it for an orphan's. Once locked and still there, it is safe.
    private static FileStream? TryLock(string path)
    {
        var lockFile = OpenExclusively(System.IO.Path.Combine(path, LockName), FileMode.CreateNew);
        if (File.Exists(lockFile.Name))
        {
            return lockFile;
        }

        lockFile.Dispose();
        return null;
    }

    private static bool TrySweep(string path, TimeProvider time)
    {
        try
        {
            // Held while removing, so that a run that is just about to lock it cannot believe that it has it.
            using (OpenExclusively(System.IO.Path.Combine(path, LockName), FileMode.Open))
            {
                return TryRemove(path);
            }
        }
        catch (FileNotFoundException)
        {
            // Either a run that is just beginning, or one that died before it had its lock.
            var age = time.GetUtcNow().UtcDateTime - Directory.GetLastWriteTimeUtc(path);
            return age > TimeSpan.FromMinutes(1) && TryRemove(path);
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            return false;
        }
    }

    private static bool TryRemove(string path)
    {
        try
        {
            // The lock goes last: killed in between, what is left is swept at once, or holds nothing.
            foreach (var file in Directory.EnumerateFiles(path).Where(f => System.IO.Path.GetFileName(f) != LockName))
            {
                File.Delete(file);
            }

            Directory.Delete(path, recursive: true);
            return true;
        }
        catch (DirectoryNotFoundException)
        {
            return true;
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            return false;
        }
    }

    private static FileStream OpenExclusively(string path, FileMode mode) =>
        new(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
}
