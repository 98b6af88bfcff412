using Holdfast.Core.Errors;

namespace Holdfast.Core.Codecs;

/// <summary>How a stored copy is compressed.</summary>
public enum Compression
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>gzip (RFC 1952): levels 0 to 9, 6 by default.</summary>
    Gzip,

    /// <summary>Zstandard (RFC 8878): levels 1 to 19, 3 by default. Needs the system's libzstd.</summary>
    Zstd,
}

/// <summary>The codecs: their names, extensions, levels and streams.</summary>
public static class CompressionCodec
{
    /// <summary>The extension of compressed files with its dot; empty for none.</summary>
    public static string Extension(this Compression compression) =>
        compression switch
        {
            Compression.Gzip => ".gz",
            Compression.Zstd => ".zst",
            _ => "",
        };

    /// <summary>The name in configuration and manifests.</summary>
    public static string Name(this Compression compression) =>
        compression switch
        {
            Compression.Gzip => "gzip",
            Compression.Zstd => "zstd",
            _ => "none",
        };

    /// <summary>Reads a name; false when it is none of the codecs.</summary>
    public static bool TryParse(string name, out Compression compression)
    {
        foreach (var candidate in Enum.GetValues<Compression>())
        {
            if (string.Equals(candidate.Name(), name, StringComparison.Ordinal))
            {
                compression = candidate;
                return true;
            }
        }

        compression = default;
        return false;
    }

    /// <summary>The codec that an object's name tells by its extension.</summary>
    public static Compression FromName(string objectName) =>
        objectName.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? Compression.Gzip
        : objectName.EndsWith(".zst", StringComparison.OrdinalIgnoreCase) ? Compression.Zstd
        : Compression.None;

    /// <summary>The levels that a codec knows, ends included.</summary>
    public static (int Lowest, int Highest, int Default) Levels(this Compression compression) =>
        compression switch
        {
            Compression.Gzip => (0, 9, 6),
            Compression.Zstd => (1, 19, 3),
            _ => (0, 0, 0),
        };

    /// <summary>A stream that compresses what is written to it; disposing ends the format, and leaves the destination open.</summary>
    /// <exception cref="HoldfastException">The level is out of range, or libzstd is missing.</exception>
    public static Stream Encode(this Compression compression, Stream destination, int? level)
    {
        var (lowest, highest, standard) = compression.Levels();
        var chosen = level ?? standard;
        if (chosen < lowest || chosen > highest)
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                $"{compression.Name()} has no level {chosen}",
                $"choose a level from {lowest} to {highest}"
            );
        }

        return compression switch
        {
            Compression.Gzip => new GZipEncoder(destination, chosen),
            Compression.Zstd => new ZstdEncoder(destination, chosen),
            _ => new UnclosedStream(destination),
        };
    }

    /// <summary>A stream that decompresses a source; the source stays open.</summary>
    /// <remarks>Reading throws <see cref="InvalidDataException"/> for damaged or truncated data.</remarks>
    public static Stream Decode(this Compression compression, Stream source) =>
        compression switch
        {
            Compression.Gzip => new GZipDecoder(source),
            Compression.Zstd => new ZstdDecoder(source),
            _ => new UnclosedStream(source),
        };
}
