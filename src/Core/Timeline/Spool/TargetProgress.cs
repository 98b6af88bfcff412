using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Timeline.Spool;

/// <summary>How far a target is with a lineage.</summary>
public sealed record TargetProgress
{
    private const int MaxBytes = 4096;

    /// <summary>The newest commit that it has; those up to it leave the disk when there is no room.</summary>
    public long Stored { get; init; }

    /// <summary>The newest commit that it has let go; those up to it leave the disk.</summary>
    public long Released { get; init; }

    /// <summary>What else those who ship noted, as they wrote it; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>Reads it; as of a target that has nothing when there is none, or it is not what was written.</summary>
    internal static TargetProgress Read(string directory, string target)
    {
        var path = PathOf(directory, target);
        if (!File.Exists(path))
        {
            return new TargetProgress();
        }

        using var file = File.OpenHandle(path);
        var buffer = new byte[MaxBytes];
        var bytes = buffer.AsSpan(0, RandomAccess.Read(file, buffer, 0));
        var line = bytes.IndexOf((byte)'\n');
        return
            line >= 0
            && bytes.Length >= line + 1 + (2 * Sha256Digest.Length)
            && Sha256Digest.TryParse(
                Encoding.ASCII.GetString(bytes.Slice(line + 1, 2 * Sha256Digest.Length)),
                out var digest
            )
            && digest == Sha256Digest.Of(bytes[..line])
            ? JsonSerializer.Deserialize(bytes[..line], TargetProgressJson.Default.TargetProgress)!
            : new TargetProgress();
    }

    /// <summary>Makes its file, if there is none.</summary>
    internal static void Prepare(string directory, string target)
    {
        if (!File.Exists(PathOf(directory, target)))
        {
            new TargetProgress().Write(directory, target);
        }
    }

    /// <summary>
    /// Writes it in place: small enough that a killed process leaves the old one or the new one, and that it has its room
    /// on a disk that is full since. It is not flushed, as what is shipped is not either: a loss of power that took
    /// either is found by comparing with the target.
    /// </summary>
    internal void Write(string directory, string target)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(this, TargetProgressJson.Default.TargetProgress);
        byte[] bytes = [.. json, (byte)'\n', .. Encoding.ASCII.GetBytes(Sha256Digest.Of(json).ToString())];
        if (bytes.Length > MaxBytes)
        {
            throw new InvalidOperationException("the note on a target is too long");
        }

        var block = new byte[MaxBytes];
        bytes.CopyTo(block, 0);
        using var file = SpoolFile.OpenPrivate(PathOf(directory, target), FileMode.OpenOrCreate);
        RandomAccess.Write(file.SafeFileHandle, block, 0);
    }

    private static string PathOf(string directory, string target) =>
        Path.Combine(
            directory,
            "target-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(target)).AsSpan(0, 8))
        );
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TargetProgress))]
internal sealed partial class TargetProgressJson : JsonSerializerContext;
