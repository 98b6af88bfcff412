namespace Holdfast.Core.Retention;

/// <summary>x</summary>
public enum CopyState
{
    /// <summary>x</summary>
    Good,

    /// <summary>x</summary>
    Unverified,

    /// <summary>x</summary>
    Bad,
}
