using Holdfast.Core.Errors;

namespace Holdfast.Core.Stores;

/// <summary>What kind of failure a store met. The store decides it, so that no caller has to read messages.</summary>
public enum StoreFault
{
    /// <summary>The object does not exist.</summary>
    NotFound,

    /// <summary>An object of that name exists already, and the write was conditional on its absence.</summary>
    AlreadyExists,

    /// <summary>The bucket or directory itself does not exist.</summary>
    TargetNotFound,

    /// <summary>The store refused the credentials or the operation.</summary>
    Denied,

    /// <summary>The store holds the object fast until a moment that is still to come: it cannot be removed yet.</summary>
    Locked,

    /// <summary>The store could not be reached, or did not answer in time, after the store's own retries.</summary>
    Unreachable,

    /// <summary>The store has no space or quota left.</summary>
    NoSpace,

    /// <summary>The store holds or returned other bytes than those that were written.</summary>
    Damaged,

    /// <summary>The store answered something that it should not.</summary>
    Unexpected,
}

/// <summary>A failure of an object store.</summary>
public sealed class StoreException : HoldfastException
{
    /// <summary>Creates a store failure.</summary>
    /// <param name="fault">The kind of the failure.</param>
    /// <param name="message">What happened, to which object, at which address; without secrets.</param>
    /// <param name="hint">What to do now.</param>
    /// <param name="innerException">The cause.</param>
    public StoreException(StoreFault fault, string message, string? hint = null, Exception? innerException = null)
        : base(CodeOf(fault), message, hint, innerException) => Fault = fault;

    /// <summary>The kind of the failure.</summary>
    public StoreFault Fault { get; }

    /// <summary>Whether the same operation, with the same bytes, may succeed later.</summary>
    public bool IsTransient => Fault is StoreFault.Unreachable;

    private static ErrorCode CodeOf(StoreFault fault) =>
        fault switch
        {
            StoreFault.TargetNotFound => ErrorCode.TargetNotFound,
            StoreFault.Denied or StoreFault.Unreachable => ErrorCode.TargetUnreachable,
            StoreFault.NotFound => ErrorCode.NothingSatisfies,
            StoreFault.Locked => ErrorCode.Refused,
            StoreFault.Damaged => ErrorCode.VerificationFailed,
            _ => ErrorCode.Failure,
        };
}
