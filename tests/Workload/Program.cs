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
    ["write-hostile", var path, var writer, var seed, var seconds] => Hostile.Run(
        path,
        int.Parse(writer, CultureInfo.InvariantCulture),
        int.Parse(seed, CultureInfo.InvariantCulture),
        double.Parse(seconds, CultureInfo.InvariantCulture)
    ),
    ["endure", var path, var ledger, var seed, var most, var traits] => Enduring.Run(
        path,
        ledger,
        int.Parse(seed, CultureInfo.InvariantCulture),
        long.Parse(most, CultureInfo.InvariantCulture),
        traits
    ),
    ["capture", var path, var log] => await Capturing.RunAsync(path, log),
    ["overwrite", var path, var offset, var count] => Overwriting.Run(
        path,
        int.Parse(offset, CultureInfo.InvariantCulture),
        int.Parse(count, CultureInfo.InvariantCulture)
    ),
    ["burst", var path, var seconds, var pause] => Bursting.Run(
        path,
        double.Parse(seconds, CultureInfo.InvariantCulture),
        int.Parse(pause, CultureInfo.InvariantCulture)
    ),
    ["measure", .. var paths] => await Capturing.MeasureAsync(paths),
    ["embed", var path, var copy] => await Embedding.CopyAsync(path, copy, first: false),
    ["embed-first", var path, var copy] => await Embedding.CopyAsync(path, copy, first: true),
    ["append-log", var directory] => LogAppender.Run(directory),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        "write-transfers PATH [PAUSE_MS] | hold-open PATH | hold-read PATH | hold-write PATH"
            + " | die-in-transaction PATH | die-with-wal PATH ROWS | write-hostile PATH WRITER SEED SECONDS"
            + " | endure PATH LEDGER SEED MOST TRAITS | capture PATH LOG | measure PATH... | overwrite PATH OFFSET COUNT | burst PATH SECONDS PAUSE_MS"
            + " | embed PATH COPY | embed-first PATH COPY | append-log DIRECTORY"
    );
    return 2;
}
