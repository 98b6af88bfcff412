using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Core.Engines;
using Holdfast.Core.Restoring;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Timeline.Verification;

/// <summary>
/// What verifications of a database's timelines at a target came to, stored beside them as <c>timeline/DATABASE/verified.json</c>.
/// It is plain in an encrypted vault as well and not authenticated: it orders reading and informs people, nothing is believed
/// because of it.
/// </summary>
public sealed record TimelineRecord
{
    private const int MaxBytes = 16 * 1024 * 1024;
    private const int MostProblems = 20;

    /// <summary>The version of the format; a record of another one counts as none. This is version 1.</summary>
    [JsonRequired]
    public int Holdfast { get; init; } = 1;

    /// <summary>When the newest verification ended, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>stored, content or restore.</summary>
    public required string Level { get; init; }

    /// <summary>good or bad.</summary>
    public required string Outcome { get; init; }

    /// <summary>What was found; at most twenty of it.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>The segments that the budget left for another time.</summary>
    public required int Left { get; init; }

    /// <summary>How long it took, in seconds.</summary>
    public required double DurationSeconds { get; init; }

    /// <summary>When the newest good verification of level restore ended, UTC; null when there was none.</summary>
    public DateTimeOffset? Proven { get; init; }

    /// <summary>When the content of each segment was proven, by its name behind <c>timeline/DATABASE/</c>.</summary>
    public required IReadOnlyDictionary<string, DateTimeOffset> Read { get; init; }

    /// <summary>The name of the record.</summary>
    public static ObjectKey KeyOf(string database) => new($"{TimelineNames.Prefix(database)}verified.json");

    /// <summary>Reads the record of a database; null when there is none that can be used.</summary>
    /// <exception cref="StoreException">The target cannot be asked.</exception>
    public static async Task<TimelineRecord?> ReadAsync(
        IObjectStore store,
        string database,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var bytes = await store.ReadAllAsync(KeyOf(database), MaxBytes, cancellationToken);
            return JsonSerializer.Deserialize(bytes, TimelineRecordJson.Default.TimelineRecord) is { Holdfast: 1 } found
                ? found
                : null;
        }
        catch (Exception error)
            when (error
                    is JsonException
                        or ArgumentException
                        or StoreException { Fault: StoreFault.NotFound or StoreFault.Damaged }
            )
        {
            return null;
        }
    }

    /// <summary>When the segments of a database were read by earlier verifications.</summary>
    public static IReadOnlyDictionary<ObjectKey, DateTimeOffset> ReadTimes(TimelineRecord? record, string database) =>
        (record?.Read ?? new Dictionary<string, DateTimeOffset>())
            .Where(one => ObjectKey.IsValid(TimelineNames.Prefix(database) + one.Key))
            .ToDictionary(one => new ObjectKey(TimelineNames.Prefix(database) + one.Key), one => one.Value);

    /// <summary>
    /// Records verifications, replacing the record before. What is inconclusive says nothing of what is stored, and is not recorded.
    /// </summary>
    /// <param name="store">The target.</param>
    /// <param name="database">The database.</param>
    /// <param name="earlier">The record before; null when there is none.</param>
    /// <param name="results">Of each lineage; at least one.</param>
    /// <param name="now">When they ended.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether it is recorded; false as well when the target does not allow it.</returns>
    public static async Task<bool> WriteAsync(
        IObjectStore store,
        string database,
        TimelineRecord? earlier,
        IReadOnlyList<TimelineVerificationResult> results,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        var isBad = results.Any(r => r.Outcome == CheckOutcome.Bad);
        if (!isBad && results.Any(r => r.Outcome == CheckOutcome.Inconclusive))
        {
            return false;
        }

        var level = results[0].Level;
        var prefix = TimelineNames.Prefix(database);
        var record = new TimelineRecord
        {
            Time = now,
            Level = level.ToString().ToLower(CultureInfo.InvariantCulture),
            Outcome = isBad ? "bad" : "good",
            Problems = [.. results.SelectMany(r => r.Problems).Take(MostProblems)],
            Left = results.Sum(r => r.Left),
            DurationSeconds = Math.Round(results.Sum(r => r.Duration.TotalSeconds), 3),
            Proven = !isBad && level == VerifyLevel.Restore ? now : earlier?.Proven,
            Read = new SortedDictionary<string, DateTimeOffset>(
                results.SelectMany(r => r.Read).ToDictionary(r => r.Key.Value[prefix.Length..], r => r.Value),
                StringComparer.Ordinal
            ),
        };
        try
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(record, TimelineRecordJson.Default.TimelineRecord);
            _ = await store.PutAsync(
                KeyOf(database),
                ObjectContent.FromBytes(bytes),
                PutCondition.Always,
                cancellationToken
            );
            return true;
        }
        catch (StoreException)
        {
            return false;
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
    AllowDuplicateProperties = false
)]
[JsonSerializable(typeof(TimelineRecord))]
internal sealed partial class TimelineRecordJson : JsonSerializerContext;
