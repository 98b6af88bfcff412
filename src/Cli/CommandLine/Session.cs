using System.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Configuration.Units;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Time;

namespace Holdfast.Cli.CommandLine;

/// <summary>One invocation: what was asked, and what it is answered with.</summary>
internal sealed class Session : IDisposable
{
    private readonly Lazy<Workspace> workspace;
    private readonly Lazy<KeySource> keys;

    public Session(ParseResult parsed)
    {
        Parsed = parsed;
        Output = CommandOutput.For(parsed);
        workspace = new Lazy<Workspace>(() => Workspace.Load(this));
        keys = new Lazy<KeySource>(() => new KeySource(this));
    }

    public ParseResult Parsed { get; }

    public CommandOutput Output { get; }

    public TimeProvider Time { get; } = TimeProvider.System;

    public Workspace Workspace => workspace.Value;

    public WorkPaths Paths => Workspace.Paths;

    public KeySource Keys => keys.Value;

    public bool Yes => Parsed.GetValue(GlobalOptions.Yes);

    /// <summary>Reads WHEN; a time without an offset is in the zone of this machine.</summary>
    public DateTimeOffset? When(Option<string?> option) =>
        Parsed.GetValue(option) is { } text ? WhenExpression.Parse(text, Time, TimeZoneInfo.Local) : null;

    /// <summary>Reads a duration such as 10s; null when it was not given.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Usage"/>: it is none, or out of range.</exception>
    public TimeSpan? Duration(Option<string?> option, TimeSpan least, TimeSpan most)
    {
        if (Parsed.GetValue(option) is not { } text)
        {
            return null;
        }

        return DurationText.TryParse(text, out var duration) && duration >= least && duration <= most
            ? duration
            : throw new HoldfastException(
                ErrorCode.Usage,
                $"{option.Name} does not understand '{text}', or it is out of range",
                $"{option.Name} 10s"
            );
    }

    /// <summary>Runs each piece of work; one failure does not stop the others, and each is told at once.</summary>
    /// <exception cref="HoldfastException">The failure of the only piece, or what the failures come to.</exception>
    public async Task<int> ForEachAsync<T>(IReadOnlyCollection<T> items, string noun, Func<T, Task> work)
    {
        var failures = new List<HoldfastException>();
        foreach (var item in items)
        {
            try
            {
                await work(item);
            }
            catch (HoldfastException error) when (items.Count > 1)
            {
                _ = Output.Fail(error);
                failures.Add(error);
            }
        }

        ThrowIfAny(failures, items.Count, noun);
        return 0;
    }

    /// <summary>Ends with one failure for several that have been told.</summary>
    /// <param name="failures">Them.</param>
    /// <param name="count">The number of pieces in all.</param>
    /// <param name="noun">What a piece is, such as "target".</param>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.VerificationFailed"/> when one of them is damage: "partial" would hide it; their code when
    /// all failed alike; else <see cref="ErrorCode.Partial"/>.
    /// </exception>
    public static void ThrowIfAny(IReadOnlyCollection<HoldfastException> failures, int count, string noun)
    {
        if (failures.Count == 0)
        {
            return;
        }

        var codes = failures.Select(f => f.Code).Distinct().ToList();
        var code =
            codes.Contains(ErrorCode.VerificationFailed) ? ErrorCode.VerificationFailed
            : failures.Count == count && codes is [var only] ? only
            : ErrorCode.Partial;
        throw new HoldfastException(
            code,
            $"{failures.Count} of {Plural.Of(count, noun)} failed",
            "see the errors above",
            failures.First()
        );
    }

    public void Dispose()
    {
        if (keys.IsValueCreated)
        {
            keys.Value.Dispose();
        }

        if (workspace.IsValueCreated)
        {
            workspace.Value.Dispose();
        }
    }
}
