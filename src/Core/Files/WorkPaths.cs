namespace Holdfast.Core.Files;

/// <summary>Where one user's runs keep what is not a copy: it may be lost at any time.</summary>
/// <param name="Locks">The directory of the locks.</param>
/// <param name="Scratch">The directory in which runs stage their copies; needs room for two copies.</param>
public sealed record WorkPaths(string Locks, string Scratch);
