using System.Globalization;
using System.Runtime.CompilerServices;

namespace Holdfast.Core.Retention;

/// <summary>
/// What to keep of one database at one target. The rules are united: a copy is kept when any of them keeps it. Without
/// any rule everything is kept.
/// </summary>
public sealed partial record RetentionRules
{
    /// <summary>The default of <see cref="Min"/>.</summary>
    public const int DefaultMin = 3;

    private static readonly KeepDuration DefaultTierGrace = new(7, KeepUnit.Days);

    /// <summary>Keep everything.</summary>
    public static RetentionRules None { get; } = new();

    /// <summary>The newest copies by number, at least 1.</summary>
    public int? Last
    {
        get;
        init => field = value is null ? null : AtLeastOne(value.Value);
    }

    /// <summary>All copies up to this age, above zero.</summary>
    public KeepDuration? Within
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfZero(value?.Amount ?? 1, nameof(Within));
            field = value;
        }
    }

    /// <summary>The newest copy of each hour.</summary>
    public TierLimit? Hourly { get; init; }

    /// <summary>The newest copy of each day.</summary>
    public TierLimit? Daily { get; init; }

    /// <summary>The newest copy of each ISO 8601 week.</summary>
    public TierLimit? Weekly { get; init; }

    /// <summary>The newest copy of each month.</summary>
    public TierLimit? Monthly { get; init; }

    /// <summary>The newest copy of each year.</summary>
    public TierLimit? Yearly { get; init; }

    /// <summary>Whether every copy is kept.</summary>
    public bool Forever { get; init; }

    /// <summary>
    /// How many of the best copies no rule can delete, at least 1.
    /// </summary>
    /// <value>The default value is 3.</value>
    public int Min
    {
        get;
        init => field = AtLeastOne(value);
    } = DefaultMin;

    /// <summary>
    /// How long a copy that no rule keeps stays marked before it is deleted; zero deletes it at once, null means the
    /// default.
    /// </summary>
    /// <value>The default value is 7 days when a tier (hourly … yearly) is used, and zero otherwise.</value>
    public KeepDuration? Grace { get; init; }

    /// <summary><see cref="Grace"/>, or its default.</summary>
    public KeepDuration EffectiveGrace => Grace ?? (Tiers.Any() ? DefaultTierGrace : KeepDuration.Zero);

    /// <summary>Whether no rule is set, so that everything is kept.</summary>
    public bool IsEmpty => !Forever && Last is null && Within is null && !Tiers.Any();

    /// <summary>The tiers that are used, from fine to coarse.</summary>
    internal IEnumerable<(RetentionRule Rule, TierLimit Limit)> Tiers
    {
        get
        {
            (RetentionRule, TierLimit?)[] tiers =
            [
                (RetentionRule.Hourly, Hourly),
                (RetentionRule.Daily, Daily),
                (RetentionRule.Weekly, Weekly),
                (RetentionRule.Monthly, Monthly),
                (RetentionRule.Yearly, Yearly),
            ];
            foreach (var (rule, limit) in tiers)
            {
                if (limit is { } used)
                {
                    yield return (rule, used);
                }
            }
        }
    }

    /// <summary>The rules as <see cref="TryParse(string?, out RetentionRules, out IReadOnlyList{string})"/> reads them.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        Add("last", Last);
        Add("within", Within);
        foreach (var (rule, limit) in Tiers)
        {
            Add(rule.ToString().ToLowerInvariant(), limit);
        }

        Add("forever", Forever ? "true" : null);
        Add("min", Min == DefaultMin ? null : Min);
        Add("grace", Grace is { Amount: 0 } ? "none" : Grace);
        return string.Join(' ', parts);

        void Add(string key, object? value)
        {
            if (value is not null)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{key}={value}"));
            }
        }
    }

    private static int AtLeastOne(int value, [CallerMemberName] string name = "")
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        return value;
    }
}
