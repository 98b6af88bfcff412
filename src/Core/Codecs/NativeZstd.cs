using System.Runtime.InteropServices;
using Holdfast.Core.Errors;

namespace Holdfast.Core.Codecs;

/// <summary>The streaming interface of libzstd 1.4 and later (zstd.h).</summary>
internal static unsafe partial class NativeZstd
{
    public const int CompressionLevel = 100;
    public const int WindowLog = 101;
    public const int LongDistanceMatching = 160;
    public const int ContentChecksum = 201;
    public const int Continue = 0;
    public const int End = 2;

    private const string Library = "libzstd.so.1";

    /// <summary>Whether the library is there.</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, out _);

    public static void Require()
    {
        if (!IsAvailable)
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                "zstd needs the library libzstd.so.1, which is not on this machine",
                "apt-get install libzstd1, or choose gzip"
            );
        }
    }

    /// <summary>Throws when the library could not allocate what it was asked for.</summary>
    public static nint RequireMemory(nint created) =>
        created != 0 ? created : throw new HoldfastException(ErrorCode.Failure, "libzstd could not allocate memory");

    /// <summary>Throws when a result is an error of the library.</summary>
    public static nuint Check(nuint result) =>
        IsError(result) == 0
            ? result
            : throw new InvalidDataException(
                $"zstd: {Marshal.PtrToStringUTF8(GetErrorName(result)) ?? "unknown error"}"
            );

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    private static partial uint IsError(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
    private static partial nint GetErrorName(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    public static partial nint CreateEncoder();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    public static partial nuint FreeEncoder(nint encoder);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setParameter")]
    public static partial nuint SetParameter(nint encoder, int parameter, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressStream2")]
    public static partial nuint Compress(nint encoder, ref OutBuffer output, ref InBuffer input, int directive);

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    public static partial nint CreateDecoder();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    public static partial nuint FreeDecoder(nint decoder);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    public static partial nuint Decompress(nint decoder, ref OutBuffer output, ref InBuffer input);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressBound")]
    public static partial nuint CompressBound(nuint size);

    [LibraryImport(Library, EntryPoint = "ZSTD_compress2")]
    public static partial nuint CompressBlock(
        nint encoder,
        byte* destination,
        nuint capacity,
        byte* source,
        nuint size
    );

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressDCtx")]
    public static partial nuint DecompressBlock(
        nint decoder,
        byte* destination,
        nuint capacity,
        byte* source,
        nuint size
    );

    [StructLayout(LayoutKind.Sequential)]
    public struct InBuffer
    {
        public byte* Source;
        public nuint Size;
        public nuint Position;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct OutBuffer
    {
        public byte* Destination;
        public nuint Size;
        public nuint Position;
    }
}
