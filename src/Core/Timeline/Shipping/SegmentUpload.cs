using System.Globalization;
using System.Security.Cryptography;
using Holdfast.Core.Files;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>Writes segments and stores their objects: parts as they become full, the one with the index last.</summary>
internal sealed class SegmentUpload(StoreCalls calls, TimelineShipperOptions shipping, SessionKey? session)
{
    private int files;

    /// <summary>A writer of a new segment, whose large objects lie in temporary files until they are stored.</summary>
    public SegmentWriter NewWriter(
        SegmentHeader header,
        CommitPoint from,
        SegmentOptions options,
        CommitPoint? settled = null
    ) => new(header, from, options with { PartBytes = shipping.PartBytes }, NewPath, settled, session);

    public SegmentHeader NewHeader(SegmentKind kind, LineageId lineage, int pageSize) =>
        new()
        {
            Kind = kind,
            Codec = SegmentCodec.Zstd,
            Cipher = session == null ? SegmentCipher.None : SegmentCipher.Aes256Gcm,
            PageSize = pageSize,
            Lineage = lineage,
            Key = session?.Id.Value ?? 0,
            Salt = session?.NextSalt() ?? BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))),
        };

    /// <summary>Makes the directory of temporary files, and removes what a killed run left there.</summary>
    public void Prepare()
    {
        DurableFiles.CreatePrivateDirectory(shipping.Scratch);
        foreach (var path in Directory.EnumerateFiles(shipping.Scratch, "part-*"))
        {
            File.Delete(path);
        }
    }

    /// <summary>Stores objects of a segment, in order.</summary>
    /// <returns>Their bytes.</returns>
    public async Task<long> StoreAsync(
        IReadOnlyList<SegmentObject> objects,
        ObjectKey segment,
        ulong salt,
        CancellationToken cancellationToken
    )
    {
        try
        {
            long bytes = 0;
            foreach (var item in objects)
            {
                await calls.PutAsync(TimelineNames.Part(segment, salt, item.Part), item.Content, cancellationToken);
                bytes += item.Content.Length;
                Remove(item);
            }

            return bytes;
        }
        finally
        {
            foreach (var item in objects)
            {
                Remove(item);
            }
        }
    }

    private static void Remove(SegmentObject item)
    {
        if (item.Content.Path is { } path)
        {
            File.Delete(path);
        }
    }

    private string NewPath() =>
        Path.Combine(
            shipping.Scratch,
            string.Create(CultureInfo.InvariantCulture, $"part-{Interlocked.Increment(ref files):D8}")
        );
}
