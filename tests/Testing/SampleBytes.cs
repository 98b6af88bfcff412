using Holdfast.Core.Stores;

namespace Holdfast.Testing;

/// <summary>Bytes that do not compress and are the same each time.</summary>
public static class SampleBytes
{
    public static byte[] Of(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public static ObjectContent Content(int length, int seed = 1) => ObjectContent.FromBytes(Of(length, seed));
}
