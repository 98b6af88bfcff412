using System.Text;
using Holdfast.Core.Codecs;
using Holdfast.Core.Stores;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Snapshots;

/// <summary>What the name of a snapshot tells.</summary>
/// <param name="Key">The object.</param>
/// <param name="Database">The database; null when the name does not tell.</param>
/// <param name="Time">When the copy was begun, as exactly as the name says.</param>
/// <param name="Sequence">1, or the number among copies whose name would be the same.</param>
/// <param name="Reason">Why the copy was made; null when the name does not tell.</param>
/// <param name="Id">The id in the name, or one made of the name.</param>
/// <param name="IsTimeAmbiguous">Clocks showed this time twice, or its zone is a guess: the name does not tell which time is meant.</param>
public sealed record SnapshotName(
    ObjectKey Key,
    string? Database,
    DateTimeOffset Time,
    int Sequence,
    string? Reason,
    string Id,
    bool IsTimeAmbiguous = false
)
{
    /// <summary>The compression that the name tells.</summary>
    public Compression Compression =>
        CompressionCodec.FromName(IsEncrypted ? Key.Value[..^SealedFile.Extension.Length] : Key.Value);

    /// <summary>Whether the copy is encrypted; its name tells that.</summary>
    public bool IsEncrypted => Key.Value.EndsWith(SealedFile.Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>The id of a copy whose name holds none: the first eight digits of the SHA-256 of its name.</summary>
    public static string IdOf(ObjectKey key) => Sha256Digest.Of(Encoding.UTF8.GetBytes(key.Value)).ToString()[..8];
}

/// <summary>Questions about names.</summary>
internal static class ObjectKeyNames
{
    /// <summary>The name without its directory.</summary>
    public static string FileName(this ObjectKey key) => key.Value[(key.Value.LastIndexOf('/') + 1)..];
}
