using System.Globalization;
using Holdfast.Workload;

// Standard input is the leash: when the test lets go of it, or dies, the application ends.
return args switch
{
    ["write-transfers", var path] => Transfers.Run(path, pause: TimeSpan.Zero),
    ["write-transfers", var path, var milliseconds] => Transfers.Run(
        path,
        TimeSpan.FromMilliseconds(int.Parse(milliseconds, CultureInfo.InvariantCulture))
    ),
    ["hold-open", var path] => Holding.Open(path),
    ["hold-read", var path] => Holding.Transaction(path, "BEGIN; SELECT count(*) FROM sqlite_master"),
    ["hold-write", var path] => Holding.Transaction(path, "BEGIN EXCLUSIVE"),
    ["die-in-transaction", var path] => Dying.InTransaction(path),
    ["die-with-wal", var path, var rows] => Dying.WithWal(path, int.Parse(rows, CultureInfo.InvariantCulture)),
    ["embed", var path, var copy] => await Embedding.CopyAsync(path, copy, first: false),
    ["embed-first", var path, var copy] => await Embedding.CopyAsync(path, copy, first: true),
    ["append-log", var directory] => LogAppender.Run(directory),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        "write-transfers PATH [PAUSE_MS] | hold-open PATH | hold-read PATH | hold-write PATH"
            + " | die-in-transaction PATH | die-with-wal PATH ROWS | embed PATH COPY | embed-first PATH COPY | append-log DIRECTORY"
    );
    return 2;
}
