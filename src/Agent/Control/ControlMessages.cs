using System.Text.Json.Serialization;

namespace Holdfast.Agent.Control;

/// <summary>What an agent is asked, as one line of JSON.</summary>
internal sealed record ControlRequest
{
    /// <summary>The version of the protocol that is spoken.</summary>
    public const int Version = 1;

    /// <summary>The version that is spoken.</summary>
    public required int Holdfast { get; init; }

    /// <summary>status, sync, base or point.</summary>
    public required string Request { get; init; }

    /// <summary>The key of the timeline; null for all, which only status takes.</summary>
    public string? Timeline { get; init; }

    /// <summary>Why a restore point is named.</summary>
    public string? Reason { get; init; }
}

/// <summary>What an agent answers, as one line of JSON: one of the fields has a value.</summary>
internal sealed record ControlAnswer
{
    /// <summary>The version that is spoken.</summary>
    public required int Holdfast { get; init; }

    /// <summary>The timelines.</summary>
    public IReadOnlyList<TimelineStatus>? Status { get; init; }

    /// <summary>The commit that is stored everywhere.</summary>
    public StoredCommit? Commit { get; init; }

    /// <summary>What went wrong.</summary>
    public ControlError? Error { get; init; }
}

/// <summary>A failure on its way to whoever asked.</summary>
internal sealed record ControlError
{
    /// <summary>Its documented class, an exit code.</summary>
    public required int Code { get; init; }

    /// <summary>What happened.</summary>
    public required string Message { get; init; }

    /// <summary>What to do now; null when there is nothing to say.</summary>
    public string? Hint { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 16,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlAnswer))]
internal sealed partial class ControlJson : JsonSerializerContext;
