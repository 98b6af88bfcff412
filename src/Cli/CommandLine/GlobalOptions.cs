using System.CommandLine;

namespace Holdfast.Cli.CommandLine;

/// <summary>The options of every command.</summary>
internal static class GlobalOptions
{
    public static readonly Option<string?> Config = new("--config")
    {
        Description =
            "The configuration file (default: $HOLDFAST_CONFIG, ./holdfast.yaml, /etc/holdfast/holdfast.yaml)",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print JSON, one object a line; the form is a promise",
        Recursive = true,
    };

    public static readonly Option<bool> Quiet = new("--quiet", "-q")
    {
        Description = "Print errors and results only",
        Recursive = true,
    };

    public static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "Print details, and the causes of errors",
        Recursive = true,
    };

    public static readonly Option<bool> NoColor = new("--no-color")
    {
        Description = "Print no colours",
        Recursive = true,
    };

    public static readonly Option<bool> Yes = new("--yes", "-y")
    {
        Description = "Confirm what is refused without confirmation",
        Recursive = true,
    };

    public static readonly Option<string?> Scratch = new("--scratch")
    {
        Description = "Where copies are staged (default: /var/tmp)",
        HelpName = "DIR",
        Recursive = true,
    };

    public static IEnumerable<Option> All => [Config, Json, Quiet, Verbose, NoColor, Yes, Scratch];
}
