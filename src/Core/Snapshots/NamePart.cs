namespace Holdfast.Core.Snapshots;

/// <summary>What a part of a name template stands for.</summary>
internal enum NamePartKind
{
    /// <summary>The text itself.</summary>
    Literal,

    /// <summary>The database's name.</summary>
    Database,

    /// <summary>A time, UTC; the text is its format.</summary>
    Time,

    /// <summary>A time in the zone of the template; the text is its format.</summary>
    Local,

    /// <summary>Seconds since 1970.</summary>
    Unix,

    /// <summary>Why the copy was made.</summary>
    Reason,

    /// <summary>A random id.</summary>
    Id,

    /// <summary>Where the number of a second copy of the same name goes.</summary>
    Sequence,
}

/// <summary>A part of a name template.</summary>
internal sealed record NamePart(NamePartKind Kind, string Text)
{
    /// <summary>Whether it tells the time of the copy.</summary>
    public bool IsTime => Kind is NamePartKind.Time or NamePartKind.Local or NamePartKind.Unix;
}
