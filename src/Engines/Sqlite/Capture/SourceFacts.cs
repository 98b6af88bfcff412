using Holdfast.Engines.Sqlite.Interop;

namespace Holdfast.Engines.Sqlite.Capture;

/// <summary>What the header of a database says.</summary>
internal sealed record SourceFacts(
    long PageSize,
    long PageCount,
    string Encoding,
    string AutoVacuum,
    long UserVersion,
    long ApplicationId
)
{
    /// <summary>The size of the database in bytes.</summary>
    public long Bytes => PageSize * PageCount;

    public static SourceFacts Of(Connection connection) =>
        new(
            connection.QueryInteger("PRAGMA page_size"),
            connection.QueryInteger("PRAGMA page_count"),
            connection.QueryText("PRAGMA encoding"),
            connection.QueryInteger("PRAGMA auto_vacuum") switch
            {
                0 => "none",
                1 => "full",
                _ => "incremental",
            },
            connection.QueryInteger("PRAGMA user_version"),
            connection.QueryInteger("PRAGMA application_id")
        );
}
