using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Vault;

/// <summary>What every object of a vault has. Keep in sync with docs/vault.md.</summary>
internal abstract record VaultRecord
{
    [JsonRequired]
    [JsonPropertyOrder(-3)]
    public int Holdfast { get; init; } = 1;

    [JsonPropertyOrder(-2)]
    public required KeyId Vault { get; init; }
}

/// <summary>The description of a vault.</summary>
internal sealed record VaultDescription : VaultRecord
{
    public required string Encryption { get; init; }

    public required DateTimeOffset Created { get; init; }
}

/// <summary>A recipient.</summary>
internal sealed record RecipientRecord : VaultRecord
{
    public required KeyId Recipient { get; init; }

    public required string Name { get; init; }

    public required byte[] PublicKey { get; init; }

    public required DateTimeOffset Created { get; init; }

    public SealedPrivateKey? PrivateKey { get; init; }
}

/// <summary>A private key under a passphrase.</summary>
internal sealed record SealedPrivateKey
{
    public required string Kdf { get; init; }

    public required int Iterations { get; init; }

    public required byte[] Salt { get; init; }

    public required byte[] Nonce { get; init; }

    public required byte[] Sealed { get; init; }
}

/// <summary>That a recipient was removed.</summary>
internal sealed record RemovalRecord : VaultRecord
{
    public required KeyId Recipient { get; init; }

    public required DateTimeOffset Removed { get; init; }
}

/// <summary>A session, wrapped for the recipients that there were when it began.</summary>
internal sealed record SessionRecord : VaultRecord
{
    public required string Database { get; init; }

    public required KeyId Session { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required IReadOnlyList<RecipientWrap> Wraps { get; init; }
}

/// <summary>A session key for one recipient.</summary>
internal sealed record RecipientWrap(KeyId Recipient, byte[] Key, byte[] Sealed);

/// <summary>Sessions, wrapped for a recipient that was added later.</summary>
internal sealed record LaterWrapsRecord : VaultRecord
{
    public required string Database { get; init; }

    public required KeyId Recipient { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required IReadOnlyList<SessionWrap> Wraps { get; init; }
}

/// <summary>One session key for the recipient.</summary>
internal sealed record SessionWrap(KeyId Session, byte[] Key, byte[] Sealed);

/// <summary>The one field that every version has.</summary>
internal sealed record VaultRecordVersion
{
    [JsonRequired]
    public int Holdfast { get; init; }
}

/// <summary>Reads and writes the objects of a vault; what is read may be hostile.</summary>
internal static class VaultRecords
{
    public const int MaxBytes = 64 * 1024;
    public const int MaxSessionBytes = 1024 * 1024;
    public const int MaxLaterBytes = 16 * 1024 * 1024;

    public static ObjectContent ToContent<T>(T record, JsonTypeInfo<T> type)
        where T : VaultRecord => ObjectContent.FromBytes(JsonSerializer.SerializeToUtf8Bytes(record, type));

    /// <summary>Reads an object.</summary>
    /// <exception cref="StoreException">It does not exist, cannot be read, or is no such object.</exception>
    /// <exception cref="HoldfastException">It is of a later version.</exception>
    public static async Task<T> ReadAsync<T>(
        IObjectStore store,
        ObjectKey key,
        int maxBytes,
        JsonTypeInfo<T> type,
        CancellationToken cancellationToken
    )
        where T : VaultRecord =>
        Parse(await store.ReadAllAsync(key, maxBytes, cancellationToken), type, $"{key} at {store.Address}");

    public static T Parse<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type, string where)
        where T : VaultRecord
    {
        var version = Deserialize(bytes, VaultJson.Default.VaultRecordVersion, where).Holdfast;
        return version == 1 ? Deserialize(bytes, type, where)
            : version > 1
                ? throw new HoldfastException(
                    ErrorCode.Failure,
                    $"{where} is of version {version}, which this holdfast does not know",
                    "use a newer holdfast"
                )
            : throw Damaged(where, $"there is no version {version}");
    }

    public static StoreException Damaged(string where, string why, Exception? cause = null) =>
        new(StoreFault.Damaged, $"{where} cannot be used: {why}", innerException: cause);

    private static T Deserialize<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type, string where)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException("it is empty");
        }
        catch (Exception error) when (error is JsonException or ArgumentException or FormatException)
        {
            throw Damaged(where, error.Message, error);
        }
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    NewLine = "\n",
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = 16,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    Converters = [typeof(KeyIdConverter)]
)]
[JsonSerializable(typeof(VaultRecordVersion))]
[JsonSerializable(typeof(VaultDescription))]
[JsonSerializable(typeof(RecipientRecord))]
[JsonSerializable(typeof(RemovalRecord))]
[JsonSerializable(typeof(SessionRecord))]
[JsonSerializable(typeof(LaterWrapsRecord))]
[JsonSerializable(typeof(PinRecord))]
internal sealed partial class VaultJson : JsonSerializerContext;

internal sealed class KeyIdConverter : JsonConverter<KeyId>
{
    public override KeyId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        KeyId.TryParse(reader.GetString(), out var id)
            ? id
            : throw new JsonException("an id of 32 hexadecimal digits is expected");

    public override void Write(Utf8JsonWriter writer, KeyId value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
