using System.Globalization;

namespace Holdfast.Core.Retention;

/// <summary>
/// How far a tier (hourly … yearly) reaches: over a number of periods that have copies, or over a duration.
/// </summary>
public readonly record struct TierLimit
{
    private TierLimit(int? periods, KeepDuration? duration)
    {
        Periods = periods;
        Duration = duration;
    }

    /// <summary>The number of periods, at least 1; null when a duration limits the tier.</summary>
    public int? Periods { get; }

    /// <summary>The age from which a copy is let go; null when a number limits the tier.</summary>
    public KeepDuration? Duration { get; }

    /// <summary>The newest copy of each of the newest periods that have copies.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public static TierLimit Newest(int periods)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(periods, 1);
        return new TierLimit(periods, null);
    }

    /// <summary>The newest copy of each period, as long as it is not older than the duration.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The duration is zero.</exception>
    public static TierLimit For(KeepDuration duration)
    {
        ArgumentOutOfRangeException.ThrowIfZero(duration.Amount, nameof(duration));
        return new TierLimit(null, duration);
    }

    /// <summary>Reads a count (<c>7</c>) or a duration (<c>7d</c>), both above zero.</summary>
    public static bool TryParse(string? text, out TierLimit limit)
    {
        limit = default;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var periods) && periods > 0)
        {
            limit = Newest(periods);
            return true;
        }

        if (KeepDuration.TryParse(text, out var duration) && duration.Amount > 0)
        {
            limit = For(duration);
            return true;
        }

        return false;
    }

    /// <inheritdoc/>
    public override string ToString() => Duration?.ToString() ?? Periods?.ToString(CultureInfo.InvariantCulture) ?? "";
}
