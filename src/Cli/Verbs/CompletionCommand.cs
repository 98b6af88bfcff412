using System.CommandLine;
using Holdfast.Cli.CommandLine;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast completion</c>: scripts that let a shell complete verbs and options.</summary>
internal static class CompletionCommand
{
    private static readonly Argument<string> Shell = new("shell") { Description = "bash, zsh or fish" };

    // The shells ask the command itself: [suggest:POSITION] is answered by the parser with one proposal a line.
    private const string Bash = """
        _holdfast() {
          local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} line point
          line="holdfast${COMP_LINE:${#program}}" point=$((COMP_POINT - ${#program} + 8))
          mapfile -t COMPREPLY < <(compgen -W "$("$program" "[suggest:${point}]" "$line" 2>/dev/null)" -- "$word")
        }
        complete -o default -F _holdfast holdfast ./holdfast

        """;

    private const string Zsh = """
        #compdef holdfast
        _holdfast() {
          local -a proposals
          proposals=(${(f)"$("${words[1]}" "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)"})
          (( ${#proposals} )) && compadd -a proposals || _files
        }
        compdef _holdfast holdfast

        """;

    private const string Fish = """
        function __holdfast_complete
          set -l line (commandline -cp)
          holdfast "[suggest:"(string length -- $line)"]" "$line" 2>/dev/null
        end
        complete -c holdfast -a '(__holdfast_complete)'

        """;

    public static Command Create()
    {
        Shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        return CommandExtensions
            .Describe("completion", "Print a completion script", "source <(holdfast completion bash)")
            .With(Shell)
            .Does(
                (session, _) =>
                {
                    session.Output.Raw(
                        session.Parsed.GetValue(Shell) switch
                        {
                            "zsh" => Zsh,
                            "fish" => Fish,
                            _ => Bash,
                        }
                    );
                    return Task.FromResult(0);
                }
            );
    }
}
