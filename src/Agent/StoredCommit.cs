namespace Holdfast.Agent;

/// <summary>A commit that every target of its timeline has.</summary>
/// <param name="Lineage">Its lineage.</param>
/// <param name="Commit">Its number.</param>
/// <param name="Time">When it was seen.</param>
public sealed record StoredCommit(string Lineage, long Commit, DateTimeOffset Time);
