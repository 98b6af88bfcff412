using System.Globalization;
using System.Text;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Files;

/// <summary>
/// Lets one process at a time do a thing to a database. The lock is the operating system's lock on an open file: it ends
/// with its process, however that ends, so there is never one to remove by hand. The file's content says who has it.
/// </summary>
public sealed class RunLock : IDisposable
{
    private const int WouldBlock = 11;
    private readonly FileStream file;

    private RunLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock, or says who holds it.</summary>
    /// <param name="directory">Where the locks of this user are kept; created when missing.</param>
    /// <param name="what">What is locked: an activity and the identity of the database.</param>
    /// <param name="activity">What the holder does, for the message, such as "a backup of app.db".</param>
    /// <param name="time">The clock for the message.</param>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.Busy"/>: another process holds it. <see cref="ErrorCode.Failure"/>: the directory cannot be
    /// written.
    /// </exception>
    public static RunLock Acquire(string directory, string what, string activity, TimeProvider time)
    {
        var path = Path.Combine(directory, $"{Sha256Digest.Of(Encoding.UTF8.GetBytes(what)).ToString()[..32]}.lock");
        try
        {
            DurableFiles.CreatePrivateDirectory(directory);

            // The file stays for ever: were it removed, one process could lock a new one while another waits on the old.
            return new RunLock(
                Open(
                    path,
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"process {Environment.ProcessId} since {time.GetUtcNow():u}"
                    )
                )
            );
        }
        catch (IOException error) when (error.HResult == WouldBlock)
        {
            throw new HoldfastException(
                ErrorCode.Busy,
                $"{activity} is running already: {ReadHolder(path)}",
                "wait until it has ended; the lock ends with its process",
                error
            );
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            throw LocalFailure.Of($"taking a lock in {directory}", error, "take another: HOLDFAST_STATE=DIR");
        }
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => file.Dispose();

    private static FileStream Open(string path, string holder)
    {
        var opened = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );
        try
        {
            opened.SetLength(0);
            opened.Write(Encoding.UTF8.GetBytes(holder));
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private static string ReadHolder(string path)
    {
        try
        {
            Span<byte> holder = stackalloc byte[200];
            using var opened = DurableFiles.OpenForReading(path);
            var length = RandomAccess.Read(opened, holder, fileOffset: 0);
            return length > 0 ? Encoding.UTF8.GetString(holder[..length]) : "a process that has just begun";
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            return "a process that is not known";
        }
    }
}
