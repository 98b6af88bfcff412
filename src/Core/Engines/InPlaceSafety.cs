namespace Holdfast.Core.Engines;

/// <summary>How what is in a database is kept before another state is written into it.</summary>
/// <param name="CopyPath">The path of a file that does not exist, for a copy of what is there.</param>
public sealed record InPlaceSafety(string CopyPath)
{
    /// <summary>
    /// Asked while nothing can be committed: whether everything that was committed is kept elsewhere now, so that no copy is
    /// needed. Null when there is nobody to ask. It must not take long, as writers wait.
    /// </summary>
    public Func<CancellationToken, Task<bool>>? KeptElsewhere { get; init; }
}
