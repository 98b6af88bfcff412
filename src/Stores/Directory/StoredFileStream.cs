using Holdfast.Core.Files;
using Holdfast.Core.Stores;
using Microsoft.Win32.SafeHandles;

namespace Holdfast.Stores.Directories;

/// <summary>Reads a range of an object's file.</summary>
internal sealed class StoredFileStream : ReadingStream
{
    private readonly SafeFileHandle handle;
    private readonly string path;
    private readonly long end;
    private long position;

    public StoredFileStream(string path, ByteRange? range)
    {
        this.path = path;
        // Takes no lock: a copy may be replaced or removed while it is read, its bytes stay.
        handle = DurableFiles.OpenForReading(path);
        var length = RandomAccess.GetLength(handle);
        position = Math.Min(range?.Offset ?? 0, length);
        end = position + Math.Min(range?.Length ?? length, length - position);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Read(buffer.Span));
    }

    public override int Read(Span<byte> buffer)
    {
        var wanted = buffer[..(int)Math.Min(buffer.Length, end - position)];
        if (wanted.IsEmpty)
        {
            return 0;
        }

        try
        {
            var read = RandomAccess.Read(handle, wanted, position);
            position += read;
            return read > 0
                ? read
                : throw new StoreException(StoreFault.Damaged, $"{path} became shorter while it was read");
        }
        catch (Exception error) when (DirectoryFaults.IsOfFileSystem(error))
        {
            throw DirectoryFaults.Translate(error, $"reading {path}");
        }
    }

    protected override void Dispose(bool disposing)
    {
        handle.Dispose();
        base.Dispose(disposing);
    }
}
