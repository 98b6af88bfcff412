using System.Text;

namespace Holdfast.Engines.Sqlite.Interop;

/// <summary>A prepared statement. Not thread-safe; disposed before its connection.</summary>
internal sealed unsafe class Statement : IDisposable
{
    private static readonly IntPtr CopyText = -1;
    private readonly Connection connection;
    private readonly StatementHandle handle;

    private Statement(Connection connection, StatementHandle handle)
    {
        this.connection = connection;
        this.handle = handle;
    }

    /// <summary>Prepares the first statement of a text.</summary>
    /// <param name="connection">Where it will run.</param>
    /// <param name="sql">One or more statements, UTF-8.</param>
    /// <param name="used">How many bytes the first one took.</param>
    /// <returns>Null when there was nothing but space and comments.</returns>
    public static Statement? Prepare(Connection connection, ReadOnlySpan<byte> sql, out int used)
    {
        fixed (byte* start = sql)
        {
            var code = Native.Prepare(connection.Handle, start, sql.Length, out var handle, out var tail);
            used = (int)(tail - start);
            if (code != ResultCode.Ok)
            {
                handle.Dispose();
                throw connection.Failure();
            }

            return handle.IsInvalid ? null : new Statement(connection, handle);
        }
    }

    /// <summary>Sets the parameter with this number, from 1.</summary>
    public void Bind(int index, string text) =>
        connection.Require(Native.BindText(handle, index, text, bytes: -1, CopyText));

    /// <summary>Goes to the next row; false after the last.</summary>
    public bool Step() =>
        Native.Step(handle) switch
        {
            ResultCode.Row => true,
            ResultCode.Done => false,
            _ => throw connection.Failure(),
        };

    /// <summary>
    /// Goes back to before the first row, which ends the transaction that the statement opened by itself. An error of
    /// the last step, which was reported then, is not reported again.
    /// </summary>
    public void Reset() => _ = Native.Reset(handle);

    /// <summary>A column of the row as a number.</summary>
    public long Integer(int column) => Native.ColumnInteger(handle, column);

    /// <summary>A column of the row as text; empty for NULL.</summary>
    public string Text(int column)
    {
        var text = Native.ColumnText(handle, column);
        return text is null ? "" : Encoding.UTF8.GetString(text, Native.ColumnBytes(handle, column));
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();
}
