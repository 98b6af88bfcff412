using System.Security.Cryptography;
using Holdfast.Core.Files;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Timeline.Format;

/// <summary>Takes the bytes of one object: in memory while it is small, then in a file. Not thread-safe.</summary>
internal sealed class ObjectBuffer(Func<string>? newPath) : IDisposable
{
    private const int MostInMemory = 4 * 1024 * 1024;
    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MemoryStream memory = new();
    private FileStream? file;

    public long Length { get; private set; }

    /// <summary>Takes bytes.</summary>
    /// <exception cref="Errors.HoldfastException">The temporary file cannot be written.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (file == null && (newPath == null || Length + bytes.Length <= MostInMemory))
        {
            memory.Write(bytes);
        }
        else
        {
            WriteToFile(bytes);
        }

        hash.AppendData(bytes);
        Length += bytes.Length;
    }

    public ObjectContent ToContent()
    {
        if (file == null)
        {
            return ObjectContent.FromBytes(memory.GetBuffer().AsMemory(0, (int)Length));
        }

        file.Dispose();
        return ObjectContent.FromFile(file.Name, Length, Sha256Digest.Of(hash));
    }

    /// <summary>Closes the file; it stays until its directory goes.</summary>
    public void Dispose()
    {
        hash.Dispose();
        file?.Dispose();
    }

    private void WriteToFile(ReadOnlySpan<byte> bytes)
    {
        var path = file?.Name ?? newPath!();
        try
        {
            file ??= Spill(path);
            file.Write(bytes);
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            throw LocalFailure.Of($"writing the temporary file {path}", error, "take another: --scratch DIR");
        }
    }

    private FileStream Spill(string path)
    {
        var created = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }
        );
        try
        {
            created.Write(memory.GetBuffer(), 0, (int)memory.Length);
            memory.SetLength(0);
            memory.Capacity = 0;
            return created;
        }
        catch
        {
            created.Dispose();
            throw;
        }
    }
}
