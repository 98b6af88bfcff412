using System.Globalization;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Files;

/// <summary>
/// Lets one process at a time do a thing to a database. The lock is the operating system's lock on an open file: it ends
/// with its process, however that ends, so there is never one to remove by hand.
/// </summary>
public sealed class RunLock : IDisposable
{
    private readonly FileStream file;
    private readonly string holderPath;

    private RunLock(FileStream file, string holderPath)
    {
        this.file = file;
        this.holderPath = holderPath;
    }

    /// <summary>Takes the lock, or says who holds it.</summary>
    /// <param name="directory">Where the locks of this user are kept; created when missing.</param>
    /// <param name="what">What is locked: an activity and the identity of the database.</param>
    /// <param name="activity">What the holder does, for the message, such as "a backup of app.db".</param>
    /// <param name="time">The clock for the message.</param>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Busy"/>: another process holds it.</exception>
    public static RunLock Acquire(string directory, string what, string activity, TimeProvider time)
    {
        DurableFiles.CreatePrivateDirectory(directory);
        var name = Sha256Digest.Of(System.Text.Encoding.UTF8.GetBytes(what)).ToString()[..32];
        var path = Path.Combine(directory, $"{name}.lock");
        var holder = Path.Combine(directory, $"{name}.holder");
        FileStream opened;
        try
        {
            opened = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new HoldfastException(
                ErrorCode.Busy,
                $"{activity} is running already: {ReadHolder(holder)}",
                "wait until it has ended; the lock ends with its process"
            );
        }

        // The lock file stays: were it removed, a second process could lock a new file while a third waits on the old.
        File.WriteAllText(
            holder,
            string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} since {time.GetUtcNow():u}")
        );
        return new RunLock(opened, holder);
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose()
    {
        File.Delete(holderPath);
        file.Dispose();
    }

    private static string ReadHolder(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return "a process that has just begun";
        }
    }
}
