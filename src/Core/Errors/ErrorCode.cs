namespace Holdfast.Core.Errors;

/// <summary>Why an operation ended; the values are the exit codes of the command and are a promise.</summary>
public enum ErrorCode
{
    /// <summary>Everything asked for was done.</summary>
    Ok = 0,

    /// <summary>A failure that has no code of its own.</summary>
    Failure = 1,

    /// <summary>The command line or the configuration is wrong.</summary>
    Usage = 2,

    /// <summary>Some targets or databases failed, others succeeded.</summary>
    Partial = 3,

    /// <summary>A verification found damage, or a drill failed.</summary>
    VerificationFailed = 4,

    /// <summary>The target (directory, bucket, vault) does not exist.</summary>
    TargetNotFound = 10,

    /// <summary>Another process does the same to the same database now.</summary>
    Busy = 11,

    /// <summary>A key is missing or does not fit.</summary>
    WrongKey = 12,

    /// <summary>The source does not exist or is not a database.</summary>
    SourceMissing = 13,

    /// <summary>The target cannot be reached or refuses access.</summary>
    TargetUnreachable = 14,

    /// <summary>No backup satisfies the request.</summary>
    NothingSatisfies = 15,

    /// <summary>Refused, because going on could lose data.</summary>
    Refused = 16,

    /// <summary>A recovery objective is not met.</summary>
    ObjectiveBroken = 17,
}
