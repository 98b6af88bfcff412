using Holdfast.Core.Errors;

namespace Holdfast.Core.Timeline.Spool;

/// <summary>A spool does not hold what was written to it: its lineage cannot be stored any further.</summary>
public sealed class SpoolDamagedException(string message)
    : HoldfastException(
        ErrorCode.VerificationFailed,
        message,
        "look at the disk; a new lineage begins when the capture is started again"
    );
