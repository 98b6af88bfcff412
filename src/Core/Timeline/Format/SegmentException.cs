using Holdfast.Core.Errors;

namespace Holdfast.Core.Timeline.Format;

/// <summary>Why stored bytes are no segment that can be used.</summary>
public enum SegmentFault
{
    /// <summary>The object is shorter than it says, or than any segment.</summary>
    Truncated,

    /// <summary>Its bytes are not those that were written.</summary>
    Damaged,

    /// <summary>It needs a newer reader: its version, codec or cipher is not known.</summary>
    Unsupported,
}

/// <summary>Stored bytes that are no segment that can be used.</summary>
public sealed class SegmentException(SegmentFault fault, string message, Exception? innerException = null)
    : HoldfastException(
        fault == SegmentFault.Unsupported ? ErrorCode.Failure : ErrorCode.VerificationFailed,
        message,
        fault == SegmentFault.Unsupported
            ? "use a newer holdfast"
            : "the restore points that need it are lost here; try another target",
        innerException
    )
{
    /// <summary>Why.</summary>
    public SegmentFault Fault => fault;

    /// <summary>The same failure, saying which object it is.</summary>
    internal SegmentException Of(string what) => new(fault, $"{what}: {Message}", this);
}
