using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Snapshots;

/// <summary>What is stored as JSON beside copies.</summary>
public interface IStoredRecord
{
    /// <summary>The version of the format; readers refuse those they do not know. This is version 1.</summary>
    int Holdfast { get; }
}

/// <summary>Reads what is stored as JSON beside copies; takes it as hostile.</summary>
internal static class StoredRecords
{
    /// <summary>Reads a record.</summary>
    /// <param name="bytes">What was stored.</param>
    /// <param name="type">What it should be.</param>
    /// <param name="where">The object, for the message.</param>
    /// <exception cref="StoreException"><see cref="StoreFault.Damaged"/>: it is no such record.</exception>
    /// <exception cref="HoldfastException">It is of a later version.</exception>
    public static T Parse<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type, string where)
        where T : class, IStoredRecord
    {
        // The version comes first: a later one may lack what this one requires.
        var version = Deserialize(bytes, SnapshotJson.Default.RecordVersion, where).Holdfast;
        return version == 1 ? Deserialize(bytes, type, where)
            : version > 1
                ? throw new HoldfastException(
                    ErrorCode.Failure,
                    $"{where} is of version {version}, which this holdfast does not know",
                    "use a newer holdfast"
                )
            : throw Damaged(where, $"there is no version {version}");
    }

    /// <summary>A record that cannot be used.</summary>
    public static StoreException Damaged(string where, string why, Exception? cause = null) =>
        new(
            StoreFault.Damaged,
            $"{where} cannot be used: {why}",
            "the copy itself may be good: without its manifest it is restored on the engine's check alone, --check integrity",
            cause
        );

    private static T Deserialize<T>(ReadOnlySpan<byte> bytes, JsonTypeInfo<T> type, string where)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(bytes, type) ?? throw new JsonException("it is empty");
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            // The second one is what a field given twice within a free object makes it throw.
            throw Damaged(where, error.Message, error);
        }
    }
}

/// <summary>The one field that every version has.</summary>
internal sealed record RecordVersion
{
    /// <summary>The version of the format.</summary>
    [JsonRequired]
    public int Holdfast { get; init; }
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
    Converters = [typeof(Sha256DigestConverter)]
)]
[JsonSerializable(typeof(RecordVersion))]
[JsonSerializable(typeof(SnapshotManifest))]
[JsonSerializable(typeof(VerificationRecord))]
[JsonSerializable(typeof(SnapshotMark))]
internal sealed partial class SnapshotJson : JsonSerializerContext;

internal sealed class Sha256DigestConverter : JsonConverter<Sha256Digest>
{
    public override Sha256Digest Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Sha256Digest.TryParse(reader.GetString(), out var digest)
            ? digest
            : throw new JsonException("a SHA-256 of 64 hexadecimal digits is expected");

    public override void Write(Utf8JsonWriter writer, Sha256Digest value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
