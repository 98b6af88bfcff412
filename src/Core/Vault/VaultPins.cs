using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;

namespace Holdfast.Core.Vault;

/// <summary>The pins of a machine, a small file for each target. Thread-safe.</summary>
/// <param name="directory">Where they are; created when missing.</param>
public sealed class VaultPins(string directory)
{
    /// <summary>The pin of a target; null when it was never used here.</summary>
    /// <exception cref="HoldfastException">It cannot be read: nothing is believed instead.</exception>
    public VaultPin? Find(string address)
    {
        var path = PathOf(address);
        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllBytes(path), VaultJson.Default.PinRecord);
            return record is { Holdfast: 1 } && (record.Vault == null) == (record.Recipients.Count == 0)
                ? VaultPin.Of(record.Vault, record.Recipients)
                : throw new JsonException("it is no pin");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is JsonException or ArgumentException or FormatException)
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"what this machine remembers of {address} cannot be read: {path}: {error.Message}",
                "look at holdfast key list, and if the keys are yours: holdfast key trust",
                error
            );
        }
        catch (Exception error) when (LocalFailure.Is(error))
        {
            throw LocalFailure.Of($"reading {path}", error, "make it readable");
        }
    }

    /// <summary>Remembers what a target is.</summary>
    /// <exception cref="HoldfastException">It cannot be written.</exception>
    public void Save(string address, VaultPin pin)
    {
        var path = PathOf(address);
        var record = new PinRecord
        {
            Address = address,
            Vault = pin.Vault,
            Recipients = [.. pin.Recipients.Select(key => key.Bytes.ToArray())],
        };
        DurableFiles.CreatePrivateDirectory(directory);
        using var pending = PendingFile.Create(path);
        pending.Stream.Write(JsonSerializer.SerializeToUtf8Bytes(record, VaultJson.Default.PinRecord));
        _ = pending.Commit(replace: true);
    }

    private string PathOf(string address) =>
        Path.Combine(
            directory,
            $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address)).AsSpan(..16))}.json"
        );
}

/// <summary>What is remembered of a target.</summary>
internal sealed record PinRecord
{
    [JsonRequired]
    public int Holdfast { get; init; } = 1;

    public required string Address { get; init; }

    public KeyId? Vault { get; init; }

    public required IReadOnlyList<byte[]> Recipients { get; init; }
}
