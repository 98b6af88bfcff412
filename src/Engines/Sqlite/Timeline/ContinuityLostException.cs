namespace Holdfast.Engines.Sqlite.Timeline;

/// <summary>
/// It cannot be proven that no commit was missed, so the whole database must be read. Never leaves the engine.
/// </summary>
internal sealed class ContinuityLostException(string message) : Exception(message);
