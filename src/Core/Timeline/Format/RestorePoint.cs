using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Timeline.Format;

/// <summary>The content of a named restore point: a small JSON object. Its name tells commit and time as well.</summary>
public sealed record RestorePoint
{
    /// <summary>The largest object that is believed to be one.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int MaxReason = 4096;

    /// <summary>The version of the format; readers refuse those they do not know. This is version 1.</summary>
    [JsonRequired]
    public int Holdfast { get; init; } = 1;

    /// <summary>The commit.</summary>
    public required long Commit { get; init; }

    /// <summary>When the commit was seen, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Why somebody named it; at most 4,096 characters are kept.</summary>
    public required string Reason
    {
        get;
        init => field = value.Length > MaxReason ? value[..MaxReason] : value;
    }

    /// <summary>The bytes to be stored.</summary>
    public ObjectContent ToContent() => ObjectContent.FromBytes(ToBytes());

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, RestorePointJson.Default.RestorePoint);

    /// <summary>Reads a restore point of a target.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="key">Its name.</param>
    /// <param name="keys">Opens what is sealed; with it nothing plain is believed. Null for a target without encryption.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="StoreException">It cannot be read, or is no restore point.</exception>
    /// <exception cref="HoldfastException">It is of a later version, or sealed for others.</exception>
    public static async Task<RestorePoint> ReadAsync(
        IObjectStore store,
        ObjectKey key,
        ISessionKeys? keys,
        CancellationToken cancellationToken
    )
    {
        var bytes = await store.ReadAllAsync(key, MaxBytes, cancellationToken);
        var where = $"{key} at {store.Address}";
        return Parse(
            keys == null ? bytes : await SealedObject.OpenAsync(keys, key, bytes, where, cancellationToken),
            where
        );
    }

    /// <summary>Reads what was stored.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="where">The object, for the message.</param>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: it is no restore point.</exception>
    /// <exception cref="HoldfastException">It is of a later version.</exception>
    public static RestorePoint Parse(ReadOnlySpan<byte> bytes, string where)
    {
        try
        {
            var version = JsonSerializer.Deserialize(bytes, RestorePointJson.Default.PointVersion)?.Holdfast;
            if (version > 1)
            {
                throw new HoldfastException(
                    ErrorCode.Failure,
                    $"{where} is of version {version}, which this holdfast does not know",
                    "use a newer holdfast"
                );
            }

            return
                JsonSerializer.Deserialize(bytes, RestorePointJson.Default.RestorePoint)
                    is { Holdfast: 1, Commit: > 0 } point
                ? point
                : throw new JsonException("there is no such version or commit");
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new StoreException(
                StoreFault.Damaged,
                $"{where} cannot be used: {error.Message}",
                "the commit that its name tells can be restored by its number: --commit N",
                error
            );
        }
    }
}

/// <summary>The one field that every version has.</summary>
internal sealed record PointVersion
{
    [JsonRequired]
    public int Holdfast { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n",
    MaxDepth = 16,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false
)]
[JsonSerializable(typeof(PointVersion))]
[JsonSerializable(typeof(RestorePoint))]
internal sealed partial class RestorePointJson : JsonSerializerContext;
