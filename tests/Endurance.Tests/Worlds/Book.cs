using System.Globalization;

namespace Holdfast.Endurance.Tests.Worlds;

/// <summary>A transaction as an application announced it.</summary>
/// <param name="Digest">The digest of all rows after it.</param>
/// <param name="Rows">The number of rows after it.</param>
/// <param name="Time">When it was about to be committed.</param>
internal readonly record struct Announced(ulong Digest, long Rows, DateTimeOffset Time);

/// <summary>
/// All ledgers of all applications: what may be in the database, and what must be. When the database is set back to an
/// older state, an era ends: numbers above that state's are drawn again, and mean other transactions.
/// </summary>
internal sealed class Book
{
    private readonly Dictionary<long, List<Announced>> announced = new() { [0] = [new(0, 0, default)] };

    private Book() { }

    /// <summary>The newest transaction that was acknowledged and must be there.</summary>
    public long Acknowledged { get; private set; }

    /// <summary>The newest that was announced in any era.</summary>
    public long Newest { get; private set; }

    public static string EraPath(string directory, int era, long number) =>
        Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{era:D4}-{number}"));

    /// <summary>Reads them as they are now, while applications append.</summary>
    public static Book Read(string directory)
    {
        var book = new Book();
        foreach (var era in Directory.EnumerateDirectories(directory).Order(StringComparer.Ordinal))
        {
            book.Acknowledged = long.Parse(Path.GetFileName(era).Split('-')[1], CultureInfo.InvariantCulture);
            foreach (var ledger in Directory.EnumerateFiles(era))
            {
                book.Add(ledger);
            }
        }

        return book;
    }

    /// <summary>What transactions of this number were; none when nobody announced one.</summary>
    public IReadOnlyList<Announced> Of(long number) => announced.GetValueOrDefault(number) ?? [];

    private void Add(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);

        // Behind the last end of a line is one that is being written.
        foreach (var line in reader.ReadToEnd().Split('\n')[..^1])
        {
            var words = line.Split(' ');
            var number = long.Parse(words[1], CultureInfo.InvariantCulture);
            if (words[0] == "A")
            {
                Acknowledged = Math.Max(Acknowledged, number);
                continue;
            }

            if (!announced.TryGetValue(number, out var same))
            {
                announced.Add(number, same = []);
            }

            Newest = Math.Max(Newest, number);
            same.Add(
                new Announced(
                    ulong.Parse(words[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    long.Parse(words[3], CultureInfo.InvariantCulture),
                    DateTimeOffset.UnixEpoch.AddTicks(10 * long.Parse(words[4], CultureInfo.InvariantCulture))
                )
            );
        }
    }
}
