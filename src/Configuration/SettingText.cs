namespace Holdfast.Configuration;

/// <summary>
/// A text of the configuration with its references resolved. It may hold a secret, whatever the setting; therefore it
/// prints as it was written (<c>${env:NAME}</c>) or redacted (<c>***</c>), and the text itself is only had by asking.
/// </summary>
public sealed class SettingText : IEquatable<SettingText>
{
    private readonly string _value;
    private readonly string _display;

    internal SettingText(string value, string display, bool hasReference, SettingLocation location)
    {
        _value = value;
        _display = display;
        HasReference = hasReference;
        Location = location;
    }

    /// <summary>Where it was written; for messages about it.</summary>
    public SettingLocation Location { get; }

    /// <summary>Whether a part of it came from an environment variable or a file by reference.</summary>
    internal bool HasReference { get; }

    /// <summary>The text, which may be a secret: not for output, messages or arguments of processes.</summary>
    public string Reveal() => _value;

    /// <summary>The form for people: references as written, secrets as ***.</summary>
    public override string ToString() => _display;

    /// <summary>Whether both hold the same text, wherever it was written.</summary>
    public bool Equals(SettingText? other) =>
        other is not null && string.Equals(_value, other._value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SettingText);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(_value);
}
