using Holdfast.Core.Codecs;

namespace Holdfast.Core.Tests.Codecs;

/// <summary>Codecs on bytes in memory.</summary>
internal static class Codec
{
    public static byte[] Encode(Compression compression, byte[] content, int? level = null)
    {
        using var stored = new MemoryStream();
        using (var encoder = compression.Encode(stored, level))
        {
            encoder.Write(content);
        }

        return stored.ToArray();
    }

    public static byte[] Decode(Compression compression, byte[] stored) =>
        Decode(compression, new MemoryStream(stored));

    public static byte[] Decode(Compression compression, Stream stored)
    {
        using var decoder = compression.Decode(stored);
        using var content = new MemoryStream();
        decoder.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>Half text, half noise: compresses, but not to nothing.</summary>
    public static byte[] Content(int length)
    {
        var random = new Random(length);
        var content = new byte[length];
        random.NextBytes(content);
        for (var i = 0; i < length; i++)
        {
            content[i] = i / 64 % 2 == 0 ? (byte)('a' + (i % 7)) : content[i];
        }

        return content;
    }
}
