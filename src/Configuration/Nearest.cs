namespace Holdfast.Configuration;

/// <summary>Finds what somebody meant who mistyped it.</summary>
public static class Nearest
{
    private const int LongestWord = 64;

    /// <summary>The candidate that is nearest to a word; null when none is near enough to be meant.</summary>
    public static string? Of(string word, IEnumerable<string> candidates)
    {
        if (word.Length > LongestWord)
        {
            return null;
        }

        var limit = Math.Min(2, word.Length / 3);
        return candidates
            .Select(candidate => (Candidate: candidate, Distance: Distance(word, candidate)))
            .Where(near => near.Distance <= limit || IsBeginning(word, near.Candidate))
            .OrderBy(near => near.Distance)
            .ThenBy(near => near.Candidate, StringComparer.Ordinal)
            .Select(near => near.Candidate)
            .FirstOrDefault();
    }

    private static bool IsBeginning(string word, string candidate) =>
        word.Length >= 3
        && (
            candidate.StartsWith(word, StringComparison.OrdinalIgnoreCase)
            || (candidate.Length >= 3 && word.StartsWith(candidate, StringComparison.OrdinalIgnoreCase))
        );

    /// <summary>
    /// The number of characters to insert, remove, change or swap with their neighbour (optimal string alignment),
    /// upper and lower case, "-" and "_" not counting.
    /// </summary>
    internal static int Distance(string left, string right)
    {
        var (a, b) = (Simplified(left), Simplified(right));
        var rows = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            rows[i, 0] = i;
        }

        for (var j = 0; j <= b.Length; j++)
        {
            rows[0, j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = rows[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(change, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[a.Length, b.Length];
    }

    private static string Simplified(string word) =>
        word.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
