namespace Holdfast.Engines.Sqlite.Tests;

/// <summary>It is always 3 February 2026, 04:05:06 UTC.</summary>
internal sealed class FixedClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => new(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);
}
