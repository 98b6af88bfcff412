using System.Runtime.InteropServices;

namespace Holdfast.Agent;

/// <summary>
/// Gives memory back once it is quiet: bases and roll-ups leave much behind, and without work nothing collects it. Not thread-safe.
/// </summary>
internal sealed partial class QuietMemory
{
    private const long Much = 16 << 20;
    private const long Little = 1 << 20;
    private long given;
    private long before;

    /// <summary>To be called every few seconds.</summary>
    public void Look()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var isQuiet = allocated - before < Little;
        before = allocated;
        if (isQuiet && allocated - given >= Much)
        {
            given = allocated;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            try
            {
                _ = Trim(0);
            }
            catch (EntryPointNotFoundException)
            {
                // Only the library of GNU keeps so much that it is worth it.
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint keep);
}
