namespace Holdfast.Crash.Tests.Killing;

/// <summary>A moment to die: before the n-th call of a kind is carried out.</summary>
/// <param name="Call">The system call.</param>
/// <param name="Ordinal">Which one of its kind, from 1.</param>
/// <param name="Line">The call as strace showed it, for the message.</param>
internal sealed record KillPoint(string Call, int Ordinal, string Line)
{
    public override string ToString() => $"{Call} #{Ordinal}: {Line}";
}
