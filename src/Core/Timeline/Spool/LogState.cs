using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Core.Files;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Timeline.Spool;

/// <summary>What a log keeps beside its spool and its table: a small file, replaced as a whole.</summary>
internal sealed record LogState
{
    private const string FileName = "state";
    private const int MaxBytes = 1024 * 1024;

    /// <summary>The version that is written.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The newest lineage; null before the first.</summary>
    public string? Lineage { get; init; }

    /// <summary>Why it began.</summary>
    public string? Why { get; init; }

    /// <summary>Why it must not go on.</summary>
    public string? Abandoned { get; init; }

    /// <summary>The size of a page in bytes.</summary>
    public int PageSize { get; init; }

    /// <summary>The commit that the table on disk knows of, at least; null before the lineage's first.</summary>
    public FlushedCommit? Flushed { get; init; }

    /// <summary>The commit after which the table of changes knows which commit changed a page.</summary>
    public long ChangesSince { get; init; }

    /// <summary>The pages that the table of changes had room for when it was last flushed; null when it is not known.</summary>
    public long? ChangesPages { get; init; }

    /// <summary>What was given up, oldest first.</summary>
    public IReadOnlyList<GivenUpRecord> GivenUp { get; init; } = [];

    /// <summary>Reads it; a new one when there is none.</summary>
    /// <exception cref="InvalidDataException">It is not what was written.</exception>
    public static LogState Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            return new LogState();
        }

        var bytes = File.ReadAllBytes(path);
        var line = Array.LastIndexOf(bytes, (byte)'\n');
        if (
            line < 0
            || bytes.Length > MaxBytes
            || !Sha256Digest.TryParse(Encoding.ASCII.GetString(bytes.AsSpan(line + 1)), out var digest)
            || digest != Sha256Digest.Of(bytes.AsSpan(0, line))
        )
        {
            throw new InvalidDataException("the state file is damaged");
        }

        return JsonSerializer.Deserialize(bytes.AsSpan(0, line), LogStateJson.Default.LogState) is { Version: 1 } state
            ? state
            : throw new InvalidDataException("the state file is of another version");
    }

    /// <summary>Writes it; durable when this returns.</summary>
    public void Write(string directory)
    {
        using var file = PendingFile.Create(Path.Combine(directory, FileName));
        var bytes = JsonSerializer.SerializeToUtf8Bytes(this, LogStateJson.Default.LogState);
        file.Stream.Write([.. bytes, (byte)'\n', .. Encoding.ASCII.GetBytes(Sha256Digest.Of(bytes).ToString())]);
        _ = file.Commit(replace: true);
    }
}

/// <summary>A commit and where the source stood after it.</summary>
internal sealed record FlushedCommit(
    long Number,
    DateTimeOffset Time,
    uint DatabasePages,
    ulong Hash,
    int PageCount,
    CommitFlags Flags,
    byte[] Position
)
{
    public CommitInfo Commit => new(Number, Time, DatabasePages, Hash, PageCount, Flags);

    public static FlushedCommit Of(in CommitInfo commit, SourcePosition position)
    {
        var bytes = new byte[SourcePosition.Length];
        position.CopyTo(bytes);
        return new FlushedCommit(
            commit.Number,
            commit.Time,
            commit.DatabasePages,
            commit.Hash,
            commit.PageCount,
            commit.Flags,
            bytes
        );
    }
}

/// <summary>Commits whose detail was given up.</summary>
internal sealed record GivenUpRecord(string Lineage, long First, long Last, DateTimeOffset At, bool NetChangeKept);

[JsonSourceGenerationOptions(WriteIndented = false)]
[JsonSerializable(typeof(LogState))]
internal sealed partial class LogStateJson : JsonSerializerContext;
