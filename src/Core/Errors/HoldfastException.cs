namespace Holdfast.Core.Errors;

/// <summary>
/// A failure a person can act on: what happened, to which object, and what to do now. Everything that is not one of
/// these (and not a cancellation) is a defect of Holdfast.
/// </summary>
public class HoldfastException : Exception
{
    /// <summary>Creates a failure.</summary>
    /// <param name="code">The documented class of the failure.</param>
    /// <param name="message">What happened and to which object, one sentence without secrets.</param>
    /// <param name="hint">What to do now, often a command; null when there is nothing to say.</param>
    /// <param name="innerException">The cause, for <c>-v</c>.</param>
    public HoldfastException(ErrorCode code, string message, string? hint = null, Exception? innerException = null)
        : base(message, innerException)
    {
        Code = code;
        Hint = hint;
    }

    /// <summary>The documented class of the failure.</summary>
    public ErrorCode Code { get; }

    /// <summary>What to do now; null when there is nothing to say.</summary>
    public string? Hint { get; }
}
