using System.Runtime.InteropServices;
using Holdfast.Core.Errors;

namespace Holdfast.Core.Codecs;

/// <summary>The inflating half of zlib (zlib.h), for gzip data.</summary>
internal static unsafe partial class NativeZlib
{
    public const int Ok = 0;
    public const int StreamEnd = 1;
    public const int NeedsInput = -5;

    private const string Library = "libz.so.1";
    private const int GzipWindow = 16 + 15;

    public static void Begin(ref State state)
    {
        if (!NativeLibrary.TryLoad(Library, out _))
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                "reading gzip needs the library libz.so.1, which is not on this machine",
                "apt-get install zlib1g"
            );
        }

        if (Initialise(ref state, GzipWindow, "1.2.0", sizeof(State)) != Ok)
        {
            throw new InvalidOperationException("zlib could not be initialised");
        }
    }

    [LibraryImport(Library, EntryPoint = "inflateInit2_", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Initialise(ref State state, int window, string version, int size);

    [LibraryImport(Library, EntryPoint = "inflate")]
    public static partial int Inflate(ref State state, int flush);

    [LibraryImport(Library, EntryPoint = "inflateReset")]
    public static partial int Reset(ref State state);

    [LibraryImport(Library, EntryPoint = "inflateEnd")]
    public static partial int Free(ref State state);

    /// <summary>z_stream; zlib keeps a pointer back to it and refuses one that has moved.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct State
    {
        public byte* NextIn;
        public uint AvailableIn;
        public nuint TotalIn;
        public byte* NextOut;
        public uint AvailableOut;
        public nuint TotalOut;
        public nint Message;
        public nint Internal;
        public nint Allocate;
        public nint Release;
        public nint Opaque;
        public int DataType;
        public nuint Checksum;
        public nuint Reserved;
    }
}
