using System.Text;

namespace Holdfast.Core.Stores;

/// <summary>
/// The name of an object within a store, relative to the store's address: segments joined by '/'. A key cannot leave
/// its store: empty segments, "." and "..", a leading '/', a backslash and control characters are refused.
/// </summary>
public readonly record struct ObjectKey : IComparable<ObjectKey>
{
    /// <summary>The longest key in UTF-8 bytes; leaves room for a prefix under S3's limit of 1,024.</summary>
    public const int MaxBytes = 900;

    private readonly string? value;

    /// <summary>Creates a key.</summary>
    /// <exception cref="ArgumentException">The text is not a valid key.</exception>
    public ObjectKey(string value)
    {
        if (!IsValid(value))
        {
            throw new ArgumentException($"'{value}' is not a valid object name", nameof(value));
        }

        this.value = value;
    }

    /// <summary>The key as text.</summary>
    public string Value => value ?? throw new InvalidOperationException("an object key was never set");

    /// <summary>Whether a text is a valid key.</summary>
    public static bool IsValid(string? value) =>
        !string.IsNullOrEmpty(value)
        && Encoding.UTF8.GetByteCount(value) <= MaxBytes
        && !value.Any(c => char.IsControl(c) || c == '\\')
        && value.Split('/').All(segment => segment is not ("" or "." or ".."));

    /// <summary>Orders keys by their UTF-8 bytes, as S3 lists them.</summary>
    public int CompareTo(ObjectKey other)
    {
        var mine = Encoding.UTF8.GetBytes(Value);
        return mine.AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other.Value));
    }

    /// <inheritdoc/>
    public override string ToString() => value ?? "";

    /// <summary>Orders keys by their UTF-8 bytes.</summary>
    public static bool operator <(ObjectKey left, ObjectKey right) => left.CompareTo(right) < 0;

    /// <summary>Orders keys by their UTF-8 bytes.</summary>
    public static bool operator <=(ObjectKey left, ObjectKey right) => left.CompareTo(right) <= 0;

    /// <summary>Orders keys by their UTF-8 bytes.</summary>
    public static bool operator >(ObjectKey left, ObjectKey right) => left.CompareTo(right) > 0;

    /// <summary>Orders keys by their UTF-8 bytes.</summary>
    public static bool operator >=(ObjectKey left, ObjectKey right) => left.CompareTo(right) >= 0;
}
