namespace Holdfast.Stores.Directories;

/// <summary>Orders texts by their UTF-8 bytes without encoding them.</summary>
internal static class Utf8Order
{
    public static int Compare(string left, string right)
    {
        var shared = left.AsSpan().CommonPrefixLength(right);
        return shared == left.Length || shared == right.Length
            ? left.Length - right.Length
            : Weight(left[shared]) - Weight(right[shared]);
    }

    /// <summary>UTF-8 orders by code point; the surrogates of UTF-16 stand for those beyond all other characters.</summary>
    private static int Weight(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
