namespace Holdfast.Configuration;

/// <summary>Where a setting was written.</summary>
/// <param name="Source">The path of the file as it was given, or the name of the environment variable.</param>
/// <param name="Line">The line, from 1; 0 when the source has no lines.</param>
/// <param name="Column">The column in characters, from 1; 0 when the source has no lines.</param>
public sealed record SettingLocation(string Source, int Line = 0, int Column = 0)
{
    /// <summary>The form that editors and terminals turn into a link, such as "holdfast.yaml:12:5".</summary>
    public override string ToString() => Line == 0 ? Source : $"{Source}:{Line}:{Column}";
}
