using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Holdfast.Core.Retention;

namespace Holdfast.Core.Tests.Retention;

/// <summary>
/// Copies at irregular times around the edges of the calendar, with rules. <see cref="Waits"/> are the minutes between
/// a copy and the decision after it.
/// </summary>
internal sealed record Scenario(TimeZoneInfo Zone, RetentionRules Rules, RetentionCandidate[] Copies, int[] Waits)
{
    private static readonly DateTimeOffset[] Starts =
    [
        Retention.Copies.Utc("2026-10-24T20:00Z"),
        Retention.Copies.Utc("2026-03-28T20:00Z"),
        Retention.Copies.Utc("2026-04-04T20:00Z"),
        Retention.Copies.Utc("2020-12-20T00:00Z"),
        Retention.Copies.Utc("2024-01-28T12:00Z"),
        Retention.Copies.Utc("2026-12-27T22:00Z"),
    ];

    public DateTimeOffset Now => Copies.Length == 0 ? Starts[0] : Copies[^1].Time.AddMinutes(Waits[^1]);

    public static Gen<Scenario> All { get; } = Of(Gen.Elements(CopyState.Good, CopyState.Unverified, CopyState.Bad));

    public static Gen<Scenario> Of(Gen<CopyState> states) =>
        from zone in Gen.Elements(Zones.All)
        from rules in AnyRules
        from start in Gen.Elements(Starts)
        from gap in Gen.Elements(Gaps)
        from size in Gen.Choose(1, 40)
        from gaps in Gen.ArrayOf(gap, size)
        from waits in Gen.ArrayOf(Gen.OneOf(Gen.Constant(0), gap), size)
        from copyStates in Gen.ArrayOf(states, size)
        from pins in Gen.ArrayOf(Gen.Choose(0, 15), size)
        from needs in Gen.ArrayOf(Gen.Choose(0, 5), size)
        from reach in Gen.OneOf(Gen.Constant(RetentionRule.Yearly), Gen.Elements(Enum.GetValues<RetentionRule>()))
        from reaches in Gen.ArrayOf(Gen.Elements(reach, reach, RetentionRule.Monthly, RetentionRule.Yearly), size)
        from isLevelled in Gen.Elements(true, false)
        select new Scenario(
            zone,
            rules,
            [
                .. Make(start, gaps, copyStates, pins, needs)
                    .Zip(reaches, (copy, reach) => isLevelled ? copy with { Reach = reach, Needs = [] } : copy),
            ],
            waits
        );

    /// <summary>A smaller scenario for each copy and each rule that can be left out.</summary>
    public static IEnumerable<Scenario> Shrink(Scenario scenario)
    {
        for (var i = 0; i < scenario.Copies.Length && scenario.Copies.Length > 1; i++)
        {
            yield return scenario with
            {
                Copies = [.. scenario.Copies[..i], .. scenario.Copies[(i + 1)..]],
                Waits = [.. scenario.Waits[..i], .. scenario.Waits[(i + 1)..]],
            };
        }

        foreach (var rules in Without(scenario.Rules).Where(rules => rules != scenario.Rules && !rules.IsEmpty))
        {
            yield return scenario with
            {
                Rules = rules,
            };
        }
    }

    /// <summary>The same rules, each with one left out.</summary>
    public static IEnumerable<RetentionRules> Without(RetentionRules rules) =>
        [
            rules with
            {
                Last = null,
            },
            rules with
            {
                Within = null,
            },
            rules with
            {
                Hourly = null,
            },
            rules with
            {
                Daily = null,
            },
            rules with
            {
                Weekly = null,
            },
            rules with
            {
                Monthly = null,
            },
            rules with
            {
                Yearly = null,
            },
        ];

    /// <summary>Makes each copy in turn, decides after its wait (but before the next copy), and carries that out.</summary>
    public (List<RetentionCandidate> Left, RetentionPlan Last) Live()
    {
        List<RetentionCandidate> left = [];
        for (var i = 0; ; i++)
        {
            left.Add(Copies[i]);
            var now = Copies[i].Time.AddMinutes(Waits[i]);
            if (i == Copies.Length - 1)
            {
                return (left, RetentionPlan.Decide(left, Rules, Zone, now));
            }

            now = now < Copies[i + 1].Time ? now : Copies[i + 1].Time.AddTicks(-1);
            left = RetentionPlan.Decide(left, Rules, Zone, now).Apply(now);
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder($"\n{Zone.Id}: {Rules}\n");
        foreach (var (copy, wait) in Copies.Zip(Waits))
        {
            text.Append($"  {copy.Id} {copy.State}{(copy.Pinned ? " pinned" : "")} needs ");
            text.Append($"[{string.Join(',', copy.Needs ?? [])}], reach {copy.Reach}, wait {wait} min\n");
        }

        return text.ToString();
    }

    private static Gen<int>[] Gaps { get; } =
    [
        Gen.Choose(1, 90),
        Gen.Constant(30),
        Gen.Choose(1, 36 * 60),
        Gen.Constant(12 * 60),
        Gen.Constant(24 * 60),
        Gen.Choose(1, 20 * 24 * 60),
        Gen.Choose(1, 90 * 24 * 60),
        Gen.OneOf(Gen.Constant(24 * 60), Gen.Choose(1, 300), Gen.Choose(1, 400 * 24 * 60)),
    ];

    private static Gen<TierLimit?> AnyLimit { get; } =
        Gen.Frequency(
            (3, Gen.Constant<TierLimit?>(null)),
            (3, Gen.Choose(1, 5).Select(count => (TierLimit?)TierLimit.Newest(count))),
            (2, AnyDuration().Select(duration => (TierLimit?)TierLimit.For(duration)))
        );

    private static Gen<RetentionRules> AnyRules { get; } =
        from last in Gen.Frequency((3, Gen.Constant<int?>(null)), (1, Gen.Choose(1, 4).Select(n => (int?)n)))
        from within in Gen.Frequency(
            (3, Gen.Constant<KeepDuration?>(null)),
            (1, AnyDuration().Select(duration => (KeepDuration?)duration))
        )
        from hourly in AnyLimit
        from daily in AnyLimit
        from weekly in AnyLimit
        from monthly in AnyLimit
        from yearly in AnyLimit
        from min in Gen.Elements(1, 1, 3, 5)
        from grace in Gen.Elements("0h", "0h", "5h", "7d", "1m")
        select new RetentionRules
        {
            Last = last,
            Within = within,
            Hourly = hourly,
            Daily = daily,
            Weekly = weekly,
            Monthly = monthly,
            Yearly = yearly,
            Min = min,
            Grace = KeepDuration.TryParse(grace, out var duration) ? duration : null,
        };

    private static Gen<KeepDuration> AnyDuration() =>
        Gen.Choose(0, 4)
            .SelectMany(unit => Gen.Choose(1, 9).Select(amount => new KeepDuration(amount, (KeepUnit)unit)));

    private static RetentionCandidate[] Make(
        DateTimeOffset start,
        int[] gaps,
        CopyState[] states,
        int[] pins,
        int[] needs
    )
    {
        var copies = new RetentionCandidate[gaps.Length];
        var time = start;
        for (var i = 0; i < gaps.Length; i++)
        {
            time = time.AddMinutes(gaps[i]);
            string[] needed = needs[i] == 0 && i > 0 ? [copies[i - 1].Id] : [];
            copies[i] = new RetentionCandidate(Retention.Copies.Id(time), time, states[i], pins[i] == 0, Needs: needed);
        }

        return copies;
    }
}
