using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Core.Errors;

namespace Holdfast.Cli.Output;

/// <summary>
/// What a command tells: results on standard output, as text or as JSON lines; everything else on standard error.
/// Thread-safe.
/// </summary>
internal sealed class CommandOutput
{
    private const int WidthElsewhere = 120;
    private readonly Lock gate = new();
    private readonly bool quiet;
    private readonly bool verbose;
    private bool resultsAreNotes;

    private CommandOutput(bool json, bool quiet, bool verbose, bool colour)
    {
        IsJson = json;
        this.quiet = quiet;
        this.verbose = verbose;
        Colour = colour;
    }

    /// <summary>Whether results are JSON lines.</summary>
    public bool IsJson { get; }

    /// <summary>Whether details were asked for.</summary>
    public bool IsVerbose => verbose;

    /// <summary>Whether colours may be used on standard error.</summary>
    public bool Colour { get; }

    /// <summary>Whether a progress bar makes sense.</summary>
    public bool ShowsProgressBar => !IsJson && !quiet && !Console.IsErrorRedirected && Colour;

    /// <summary>Whether plain progress lines are wanted.</summary>
    public bool ShowsSteps => !IsJson && !quiet && !ShowsProgressBar;

    public static CommandOutput For(ParseResult parsed) =>
        new(
            Has(parsed, GlobalOptions.Json),
            Has(parsed, GlobalOptions.Quiet),
            Has(parsed, GlobalOptions.Verbose),
            !Has(parsed, GlobalOptions.NoColor)
                && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
                && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb")
        );

    /// <summary>Prints the help of a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isAnswer">Whether it was asked for: then it is the result.</param>
    public static void Help(Command command, bool isAnswer)
    {
        var redirected = isAnswer ? Console.IsOutputRedirected : Console.IsErrorRedirected;
        var width = redirected ? WidthElsewhere : Math.Clamp(Console.WindowWidth, 60, WidthElsewhere);
        foreach (var line in HelpText.Lines(command, width))
        {
            (isAnswer ? Console.Out : Console.Error).WriteLine(line);
        }
    }

    /// <summary>Leaves standard output to another program: what is told as text goes to standard error.</summary>
    public void LeaveStandardOutput() => resultsAreNotes = true;

    /// <summary>A result: the object in JSON, the lines in text.</summary>
    public void Result(JsonObject json, params IEnumerable<string> text)
    {
        lock (gate)
        {
            if (resultsAreNotes && quiet && !IsJson)
            {
                return;
            }

            if (IsJson)
            {
                Console.Out.WriteLine(json.ToJsonString(JsonText.Options));
                return;
            }

            foreach (var line in text)
            {
                (resultsAreNotes ? Console.Error : Console.Out).WriteLine(Printable(line, newLines: false));
            }
        }
    }

    /// <summary>A result that is text in either form, such as a script.</summary>
    public void Raw(string text)
    {
        lock (gate)
        {
            Console.Out.Write(text);
        }
    }

    /// <summary>A remark for people; not in JSON, not when quiet.</summary>
    public void Note(string text)
    {
        if (!quiet && !IsJson)
        {
            WriteError(text);
        }
    }

    /// <summary>A detail for people who asked for them.</summary>
    public void Detail(string text)
    {
        if (verbose && !IsJson)
        {
            WriteError(text);
        }
    }

    /// <summary>Something that works and should be looked at.</summary>
    public void Warn(string text)
    {
        if (IsJson)
        {
            Result(new JsonObject { ["type"] = "warning", ["message"] = text });
        }
        else
        {
            WriteError(text, Coloured("33", "warning: "));
        }
    }

    /// <summary>A failure: what happened, and what to do; as the last line in JSON.</summary>
    /// <returns>The exit code.</returns>
    public int Fail(HoldfastException error)
    {
        if (IsJson)
        {
            Result(ErrorJson((int)error.Code, error.Message, error.Hint));
        }
        else
        {
            WriteError(error.Message, Coloured("31", "error: "));
            if (error.Hint is not null)
            {
                WriteError(error.Hint, Coloured("36", "  try: "));
            }

            for (var cause = error.InnerException; verbose && cause is not null; cause = cause.InnerException)
            {
                WriteError($"  cause: {cause.GetType().Name}: {cause.Message}");
            }
        }

        return (int)error.Code;
    }

    /// <summary>Tells that a signal ended the command.</summary>
    /// <returns>The exit code.</returns>
    public int Interrupted(int code)
    {
        const string Text = "interrupted; nothing half-made is left";
        if (IsJson)
        {
            Result(ErrorJson(code, Text, hint: null));
        }
        else
        {
            Note(Text);
        }

        return code;
    }

    private static JsonObject ErrorJson(int code, string message, string? hint) =>
        new()
        {
            ["type"] = "error",
            ["code"] = code,
            ["message"] = message,
            ["hint"] = hint,
        };

    // Not GetValue: it throws when the option itself is what is wrong with the command line.
    private static bool Has(ParseResult parsed, Option<bool> option) =>
        parsed.GetResult(option) is { Implicit: false } result
        && !result.Errors.Any()
        && result.GetValueOrDefault<bool>();

    private string Coloured(string code, string text) =>
        Colour && !Console.IsErrorRedirected ? $"\u001b[{code}m{text}\u001b[0m" : text;

    private void WriteError(string text, string prefix = "")
    {
        lock (gate)
        {
            Console.Error.WriteLine(prefix + Printable(text, newLines: true));
        }
    }

    // Names and reasons come from stores, too, and must not steer the terminal.
    private static string Printable(string text, bool newLines)
    {
        return text.Any(IsUnwanted) ? new string([.. text.Select(c => IsUnwanted(c) ? '\uFFFD' : c)]) : text;

        bool IsUnwanted(char c) => char.IsControl(c) && !(newLines && c == '\n');
    }
}
