using System.Globalization;
using System.Text;

namespace Holdfast.Workload;

/// <summary>
/// What one application says of its transactions, in a file outside of the database that only grows: a line before each
/// COMMIT with what the database will hold after it, and one when COMMIT has returned. Each line is one write, so that
/// being killed leaves whole ones. The numbers order the transactions of all applications, as they are drawn in the database.
/// </summary>
internal sealed class Ledger(string path) : IDisposable
{
    private readonly FileStream file = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <summary>A transaction is about to be committed.</summary>
    /// <param name="number">Its number, kept in the database: one more than that of the one before.</param>
    /// <param name="digest">The digest of all rows after it.</param>
    /// <param name="rows">How many rows there are then.</param>
    public void Intend(long number, ulong digest, long rows) =>
        Append($"I {number} {digest:x16} {rows} {(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks / 10}\n");

    /// <summary>COMMIT has returned: it must never be lost. This is on the disk when it returns.</summary>
    public void Acknowledge(long number)
    {
        Append($"A {number}\n");
        file.Flush(flushToDisk: true);
    }

    public void Dispose() => file.Dispose();

    private void Append(FormattableString line) =>
        file.Write(Encoding.ASCII.GetBytes(line.ToString(CultureInfo.InvariantCulture)));
}
