using System.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Time;

namespace Holdfast.Cli.CommandLine;

/// <summary>One invocation: what was asked, and what it is answered with.</summary>
internal sealed class Session : IDisposable
{
    private readonly Lazy<Workspace> workspace;

    public Session(ParseResult parsed)
    {
        Parsed = parsed;
        Output = CommandOutput.For(parsed);
        workspace = new Lazy<Workspace>(() => Workspace.Load(this));
    }

    public ParseResult Parsed { get; }

    public CommandOutput Output { get; }

    public TimeProvider Time { get; } = TimeProvider.System;

    public Workspace Workspace => workspace.Value;

    public WorkPaths Paths => Workspace.Paths;

    public bool Yes => Parsed.GetValue(GlobalOptions.Yes);

    /// <summary>Reads WHEN; a time without an offset is in the zone of this machine.</summary>
    public DateTimeOffset? When(Option<string?> option) =>
        Parsed.GetValue(option) is { } text ? WhenExpression.Parse(text, Time, TimeZoneInfo.Local) : null;

    /// <summary>Runs each piece of work; one failure does not stop the others, and each is told at once.</summary>
    /// <returns>0, the code of the only failure, or 3 when some failed and others did not.</returns>
    public async Task<int> ForEachAsync<T>(IReadOnlyCollection<T> items, Func<T, Task<int>> work)
    {
        var codes = new List<int>();
        foreach (var item in items)
        {
            try
            {
                codes.Add(await work(item));
            }
            catch (HoldfastException error) when (items.Count > 1)
            {
                codes.Add(Output.Fail(error));
            }
        }

        return Combine(codes);
    }

    /// <summary>The exit code of several results.</summary>
    public static int Combine(IReadOnlyCollection<int> codes) =>
        codes.Distinct().ToList() switch
        {
            [] => 0,
            [var only] => only,
            _ => (int)ErrorCode.Partial,
        };

    public void Dispose()
    {
        if (workspace.IsValueCreated)
        {
            workspace.Value.Dispose();
        }
    }
}
