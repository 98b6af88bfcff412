namespace Holdfast.Core.Restoring;

/// <summary>How far up the ladder a verification goes; each level includes those below.</summary>
public enum VerifyLevel
{
    /// <summary>Present at the target with the right size, and the right checksum where the store keeps one.</summary>
    Stored,

    /// <summary>Fetched, decompressed, and compared with the recorded digests.</summary>
    Content,

    /// <summary>Restored to scratch and fully checked by the engine; rows compared with those counted at the backup.</summary>
    Restore,
}
