using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Agent.Control;

/// <summary>
/// A directory of Unix sockets, whose path may be longer than the 107 bytes that an address holds: sockets are reached
/// through the open directory.
/// </summary>
internal sealed partial class SocketPlace : IDisposable
{
    private const int PathOnly = 0x200000;
    private const int CloseOnExec = 0x80000;

    private readonly string directory;
    private readonly SafeFileHandle handle;

    /// <summary>Opens a directory.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public SocketPlace(string directory)
    {
        this.directory = directory;
        var descriptor = Open(directory, PathOnly | CloseOnExec);
        handle =
            descriptor >= 0
                ? new SafeFileHandle(descriptor, ownsHandle: true)
                : throw new IOException(
                    $"cannot open the directory {directory}: {Marshal.GetLastPInvokeErrorMessage()}"
                );
    }

    /// <summary>The path of a socket, for people and for the file system.</summary>
    public string PathOf(string name) => Path.Combine(directory, name);

    /// <summary>The address of a socket; valid until the directory is closed.</summary>
    public UnixDomainSocketEndPoint AddressOf(string name) =>
        new(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}/{name}"));

    /// <summary>Connects to a socket; null when nobody answers there, and then it is removed.</summary>
    public async Task<Socket?> ConnectAsync(string name, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(AddressOf(name), cancellationToken);
            return socket;
        }
        catch (SocketException error)
        {
            socket.Dispose();
            if (error.SocketErrorCode == SocketError.ConnectionRefused)
            {
                // Its agent was killed: an agent renames its socket to this name when it listens already.
                TryDelete(name);
            }

            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Removes a socket, if it is there and may be removed.</summary>
    public void TryDelete(string name)
    {
        try
        {
            File.Delete(PathOf(name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Somebody else's, or gone already.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags);
}
