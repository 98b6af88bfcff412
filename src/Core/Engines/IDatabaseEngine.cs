using System.Text.Json.Nodes;

namespace Holdfast.Core.Engines;

/// <summary>
/// What Holdfast needs of a kind of database: to check a copy and to put one into place. Thread-safe.
/// </summary>
public interface IDatabaseEngine
{
    /// <summary>The name in configuration and manifests, such as "sqlite".</summary>
    string Name { get; }

    /// <summary>The extension of an uncompressed copy, with its dot, such as ".db".</summary>
    string FileExtension { get; }

    /// <summary>Checks a copy on local disk without changing it, and counts its rows.</summary>
    /// <returns>What was checked; damage is an outcome, not an exception.</returns>
    Task<CheckReport> CheckAsync(string copyPath, CheckLevel level, CancellationToken cancellationToken);

    /// <summary>
    /// Whether there is a database at a place that a copy could be restored to. What a restore left that was killed in
    /// its last moment is none, so that <c>--if-missing</c> restores again.
    /// </summary>
    bool Exists(string destination);

    /// <summary>
    /// Prepares to put a copy at <paramref name="destination"/>: refuses what would lose data, and gives a staging file
    /// from which the copy can be put into place in one step.
    /// </summary>
    /// <exception cref="Errors.HoldfastException">
    /// <see cref="Errors.ErrorCode.Refused"/>: something is there or in use and <paramref name="force"/> is false.
    /// </exception>
    Task<IRestoreDestination> PrepareRestoreAsync(string destination, bool force, CancellationToken cancellationToken);

    /// <summary>
    /// Prepares to write a copy into a database that programs are using, in one transaction of its own, so that they go on with
    /// it. What is there is kept as it is at the moment before, with no commit between.
    /// </summary>
    /// <param name="destination">The database.</param>
    /// <param name="safety">How what is there is kept.</param>
    /// <param name="cancellationToken">Ends the preparation.</param>
    /// <exception cref="Errors.HoldfastException">
    /// <see cref="Errors.ErrorCode.SourceMissing"/>: there is no database. <see cref="Errors.ErrorCode.Refused"/>: it cannot
    /// be done to this one; the commit can find this out, too.
    /// </exception>
    Task<IRestoreDestination> PrepareInPlaceAsync(
        string destination,
        InPlaceSafety safety,
        CancellationToken cancellationToken
    );
}

/// <summary>One database that can be copied. Thread-safe.</summary>
public interface IDatabase
{
    /// <summary>The kind of database.</summary>
    IDatabaseEngine Engine { get; }

    /// <summary>The address for people, without secrets.</summary>
    string Address { get; }

    /// <summary>The same text for the same database, however it was addressed; names its lock.</summary>
    string Identity { get; }

    /// <summary>An estimate of the size of a copy in bytes, to see beforehand whether there is room.</summary>
    /// <exception cref="Errors.HoldfastException">
    /// <see cref="Errors.ErrorCode.SourceMissing"/>: not there or not such a database; nothing was created.
    /// </exception>
    Task<long> EstimateSizeAsync(CancellationToken cancellationToken);

    /// <summary>Writes a consistent copy of one moment to a new file, beside running writers.</summary>
    /// <param name="copyPath">A path where nothing exists; the caller removes the file on failure.</param>
    /// <param name="progress">Told the bytes copied so far; null for none.</param>
    /// <param name="cancellationToken">Ends the copying soon.</param>
    /// <exception cref="Errors.HoldfastException">The source is missing, foreign, or stayed busy.</exception>
    Task<CaptureReport> CaptureAsync(
        string copyPath,
        IProgress<ByteProgress>? progress,
        CancellationToken cancellationToken
    );

    /// <summary>Looks at the database for what would hinder backups; for <c>doctor</c>.</summary>
    Task<IReadOnlyList<Finding>> DiagnoseAsync(CancellationToken cancellationToken);
}

/// <summary>A place a copy is about to be put. Disposal without commit removes the staging file.</summary>
public interface IRestoreDestination : IAsyncDisposable
{
    /// <summary>Where the copy is to be written, on the same file system as its final place; exists, empty, mode 0600.</summary>
    string StagingPath { get; }

    /// <summary>The open staging file, at its beginning; owned by this object.</summary>
    FileStream Staging { get; }

    /// <summary>Makes the staged copy durable and swaps it in, in one step; what was there is kept.</summary>
    Task<Placement> CommitAsync(CancellationToken cancellationToken);
}

/// <summary>Where a copy was put.</summary>
/// <param name="Address">The place.</param>
/// <param name="KeptPrevious">Where what it replaced was kept; null when nothing was there.</param>
/// <param name="Warnings">What a person must know now, such as a program that still has the old one open.</param>
public sealed record Placement(string Address, string? KeptPrevious, IReadOnlyList<string> Warnings);

/// <summary>How far a long operation has come.</summary>
/// <param name="Done">Bytes done.</param>
/// <param name="Total">Bytes in all; 0 when not known.</param>
public readonly record struct ByteProgress(long Done, long Total);

/// <summary>What a copy was taken of.</summary>
/// <param name="EngineVersion">The version of the engine, such as "3.40.1".</param>
/// <param name="Details">Facts of the engine that go into the manifest: method, page size, checkpoint result.</param>
/// <param name="Warnings">What a person should know; empty when all was well.</param>
public sealed record CaptureReport(string EngineVersion, JsonObject Details, IReadOnlyList<string> Warnings);

/// <summary>How thoroughly a copy is checked.</summary>
public enum CheckLevel
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>The engine's quick check.</summary>
    Quick,

    /// <summary>The engine's full check.</summary>
    Integrity,
}

/// <summary>What a check came to.</summary>
public enum CheckOutcome
{
    /// <summary>All that was checked is as it should be.</summary>
    Good,

    /// <summary>Damage was found.</summary>
    Bad,

    /// <summary>The check could not be carried out; says nothing about the copy.</summary>
    Inconclusive,
}

/// <summary>What the check of a copy found.</summary>
/// <param name="Outcome">The result.</param>
/// <param name="Checks">The names of the checks that were made, such as "integrity_check".</param>
/// <param name="Problems">What was found, at most a hundred lines.</param>
/// <param name="Notes">What is worth knowing but no damage, such as broken foreign keys that the application allows.</param>
/// <param name="Rows">The number of rows of each table.</param>
public sealed record CheckReport(
    CheckOutcome Outcome,
    IReadOnlyList<string> Checks,
    IReadOnlyList<string> Problems,
    IReadOnlyList<string> Notes,
    IReadOnlyDictionary<string, long> Rows
);

/// <summary>One result of an examination.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Subject">What was looked at.</param>
/// <param name="Message">What was found.</param>
/// <param name="Fix">What to do about it; null when nothing is to be done.</param>
public sealed record Finding(FindingSeverity Severity, string Subject, string Message, string? Fix = null);

/// <summary>How bad a finding is.</summary>
public enum FindingSeverity
{
    /// <summary>As it should be.</summary>
    Pass,

    /// <summary>Works, with a risk.</summary>
    Warn,

    /// <summary>Does not work.</summary>
    Fail,
}
