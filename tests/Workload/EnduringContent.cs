using System.Numerics;
using System.Runtime.InteropServices;

namespace Holdfast.Workload;

/// <summary>
/// What an enduring application writes: rows whose content follows from a seed, and a digest of them all that changes in
/// the time of the rows that change. So the content of a whole database can be told in sixteen characters.
/// </summary>
internal static class EnduringContent
{
    /// <summary>Fills a row's content.</summary>
    public static void Fill(long seed, Span<byte> content)
    {
        var state = Mix((ulong)seed);
        var words = MemoryMarshal.Cast<byte, ulong>(content);
        for (var at = 0; at < words.Length; at++)
        {
            words[at] = Mix(state + (ulong)at);
        }

        content[(words.Length * sizeof(ulong))..].Fill((byte)state);
    }

    /// <summary>What a row adds to the digest of all rows, which is the exclusive or of these.</summary>
    public static ulong Mark(int table, long id, long seed, long length) =>
        Mix(Mix(Mix((ulong)table + 1) ^ (ulong)id) ^ BitOperations.RotateLeft(Mix((ulong)seed), 17) ^ (ulong)length);

    /// <summary>The number of a table: t is 0, d1 to d9 are those that are dropped.</summary>
    public static int NumberOf(string table) => table == "t" ? 0 : table[1] - '0';

    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
