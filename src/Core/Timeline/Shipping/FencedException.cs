using Holdfast.Core.Errors;

namespace Holdfast.Core.Timeline.Shipping;

/// <summary>A target holds another history of a lineage than the log: nothing more may be written to it.</summary>
public sealed class FencedException(LineageId lineage, string message)
    : HoldfastException(
        ErrorCode.Refused,
        message,
        "end other agents of this database; a new lineage begins when this one is started again"
    )
{
    /// <summary>The lineage.</summary>
    public LineageId Lineage => lineage;

    internal static FencedException Of(TimelineShipperOptions options, LineageId lineage, string why) =>
        new(lineage, $"{options.Target} holds another history of lineage {lineage} of {options.Database}: {why}");
}
