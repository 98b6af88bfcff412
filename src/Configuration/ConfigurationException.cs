using Holdfast.Core.Errors;

namespace Holdfast.Configuration;

/// <summary>The configuration cannot be used. The message holds one line for each problem.</summary>
public sealed class ConfigurationException(IReadOnlyList<ConfigurationProblem> problems, string? hint = null)
    : HoldfastException(
        ErrorCode.Usage,
        string.Join('\n', problems),
        hint ?? "correct the configuration, then check it with: holdfast config validate"
    )
{
    /// <summary>Everything that is wrong, in the order of the file, then of the environment variables.</summary>
    public IReadOnlyList<ConfigurationProblem> Problems { get; } = problems;
}
