using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Holdfast.Core.Errors;

namespace Holdfast.Core.Vault;

/// <summary>
/// The page that brings everything back: where the vault is, a private key, and what to type. Also read when a person typed
/// it again, or when a file holds only the key. Keep in sync with docs/vault.md.
/// </summary>
public static class RecoveryKit
{
    /// <summary>The largest file that is read as one.</summary>
    public const int MaxBytes = 64 * 1024;

    private const byte Version = 1;
    private const int ChecksumLength = 4;
    private const int SecretLength = 1 + PrivateKey.Length + ChecksumLength;
    private const int Digits = 60;
    private const int GroupDigits = 5;
    private const int LineDigits = 20;

    /// <summary>The text of the page.</summary>
    /// <param name="key">The key.</param>
    /// <param name="vault">The vault.</param>
    /// <param name="address">Where it is, as a command takes it.</param>
    /// <param name="name">The name of the key.</param>
    /// <param name="databases">The databases that are kept there, for the commands; may be empty.</param>
    /// <param name="created">When the page was made.</param>
    public static string Write(
        PrivateKey key,
        KeyId vault,
        string address,
        string name,
        IReadOnlyList<string> databases,
        DateTimeOffset created
    )
    {
        var text = new StringBuilder();
        _ = text.Append(
            CultureInfo.InvariantCulture,
            $"""
            HOLDFAST RECOVERY KIT

            Print this page and keep it away from the machine. Whoever has it can read the backups;
            without it (or another key of the vault) nobody can, and nobody can make a new one.

              target:   {address}
              vault:    {vault}
              name:     {name}
              made:     {created.UtcDateTime:yyyy-MM-dd HH:mm} UTC

            The key, 60 letters and digits. Capitals, spaces and hyphens do not matter; there is no I, L, O or U:


            """
        );
        foreach (var line in Lines(key))
        {
            _ = text.Append("    ").Append(line).Append('\n');
        }

        _ = text.Append(
            CultureInfo.InvariantCulture,
            $"""

              key id:   {key.PublicKey.Fingerprint}

            To get a database back on a new machine:

              1. Install holdfast. For a bucket set its credentials, as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
              2. Type the key into a file, kit.txt, or copy this page to it: chmod 600 kit.txt
              3. Type:


            """
        );
        foreach (var database in databases.DefaultIfEmpty("DATABASE"))
        {
            _ = text.Append(
                CultureInfo.InvariantCulture,
                $"       holdfast list    {Quoted(database)} --from {Quoted(address)} --key-file kit.txt\n"
            );
            _ = text.Append(
                CultureInfo.InvariantCulture,
                $"       holdfast restore {Quoted(database)} --from {Quoted(address)} --key-file kit.txt --output {Quoted(database)}.restored\n"
            );
        }

        _ = text.Append(
            """

              For a moment in the past: --at "2026-03-14 15:09:26". The file is checked before it is put into place.

            """
        );
        return text.ToString();
    }

    /// <summary>The key of a page, or of a file that holds nothing else.</summary>
    /// <param name="text">The text.</param>
    /// <param name="where">Where it is from, for the message.</param>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.WrongKey"/>: it holds no key, or a mistyped one.</exception>
    public static PrivateKey ReadKey(string text, string where)
    {
        var nearly = false;
        foreach (var candidate in Candidates(text))
        {
            if (TryDecode(candidate, out var key))
            {
                return key;
            }

            nearly = true;
        }

        throw new HoldfastException(
            ErrorCode.WrongKey,
            nearly ? $"the key in {where} was mistyped: its check does not fit" : $"{where} holds no key",
            nearly
                ? "compare it with the page, letter by letter"
                : $"a key is {Digits} letters and digits in lines of their own, as the recovery kit shows it"
        );
    }

    /// <summary>The vault that a page names; null when it names none.</summary>
    public static KeyId? ReadVault(string text) => KeyId.TryParse(ReadField(text, "vault:"), out var id) ? id : null;

    /// <summary>The target that a page names; null when it names none.</summary>
    public static string? ReadAddress(string text) => ReadField(text, "target:");

    private static string? ReadField(string text, string label) =>
        text.Split('\n')
            .Select(line => line.Trim())
            .Where(line => line.StartsWith(label, StringComparison.OrdinalIgnoreCase))
            .Select(line => line[label.Length..].Trim())
            .FirstOrDefault(value => value.Length > 0);

    private static IEnumerable<string> Lines(PrivateKey key)
    {
        Span<byte> secret = stackalloc byte[SecretLength];
        secret[0] = Version;
        key.Bytes.CopyTo(secret[1..]);
        Checksum(secret[..^ChecksumLength], secret[^ChecksumLength..]);
        var digits = Base32.Encode(secret);
        CryptographicOperations.ZeroMemory(secret);
        return digits
            .Chunk(LineDigits)
            .Select(line => string.Join("  ", line.Chunk(GroupDigits).Select(group => new string(group))));
    }

    /// <summary>The digits of lines that follow each other and together are as many as a key has.</summary>
    private static IEnumerable<string> Candidates(string text)
    {
        string?[] lines = [.. text.Split('\n').Select(DigitsOf).Where(line => line != "")];
        for (var first = 0; first < lines.Length; first++)
        {
            var digits = "";
            for (var last = first; last < lines.Length && lines[last] is { } more && digits.Length < Digits; last++)
            {
                digits += more;
            }

            if (digits.Length == Digits)
            {
                yield return digits;
            }
        }
    }

    /// <summary>The digits of a line; null when there is something else in it.</summary>
    private static string? DigitsOf(string line)
    {
        var digits = line.Trim();
        const string Label = "key:";
        if (digits.StartsWith(Label, StringComparison.OrdinalIgnoreCase))
        {
            digits = digits[Label.Length..];
        }

        digits = string.Concat(
            digits.Where(c => !char.IsWhiteSpace(c) && c is not ('-' or '\u00AD' or '\u2010' or '\u2013'))
        );
        return digits.All(c => Base32.ValueOf(c) >= 0) ? digits : null;
    }

    private static bool TryDecode(
        string digits,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PrivateKey? key
    )
    {
        Span<byte> secret = stackalloc byte[SecretLength];
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        key = null;
        try
        {
            if (!Base32.TryDecode(digits, secret))
            {
                return false;
            }

            Checksum(secret[..^ChecksumLength], checksum);
            if (secret[0] != Version || !checksum.SequenceEqual(secret[^ChecksumLength..]))
            {
                return false;
            }

            key = PrivateKey.Parse(secret[1..^ChecksumLength]);
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(secret);
        }
    }

    private static void Checksum(ReadOnlySpan<byte> content, Span<byte> checksum)
    {
        ReadOnlySpan<byte> label = "holdfast/1 kit"u8;
        SHA256.HashData([.. label, .. content]).AsSpan(..ChecksumLength).CopyTo(checksum);
    }

    private static string Quoted(string text) =>
        text.All(c => char.IsAsciiLetterOrDigit(c) || "-_./:@%+=,".Contains(c, StringComparison.Ordinal))
        && text.Length > 0
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

/// <summary>Crockford's base 32: five bits a digit, the first bits first; what looks alike is read alike.</summary>
internal static class Base32
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        var (bits, count) = (0, 0);
        foreach (var value in bytes)
        {
            (bits, count) = ((bits << 8) | value, count + 8);
            for (; count >= 5; count -= 5)
            {
                _ = text.Append(Alphabet[(bits >> (count - 5)) & 31]);
            }

            bits &= (1 << count) - 1;
        }

        if (count > 0)
        {
            _ = text.Append(Alphabet[(bits << (5 - count)) & 31]);
        }

        return text.ToString();
    }

    /// <summary>The value of a digit; −1 for what is none.</summary>
    public static int ValueOf(char digit) =>
        char.ToUpperInvariant(digit) switch
        {
            'I' or 'L' => 1,
            'O' => 0,
            var other => Alphabet.IndexOf(other, StringComparison.Ordinal),
        };

    /// <summary>Reads as many bytes as there is room for; false when the digits are too few, too many or none.</summary>
    public static bool TryDecode(string digits, Span<byte> bytes)
    {
        if (digits.Length != (bytes.Length * 8 + 4) / 5)
        {
            return false;
        }

        var (bits, count, at) = (0, 0, 0);
        foreach (var digit in digits)
        {
            var value = ValueOf(digit);
            if (value < 0)
            {
                return false;
            }

            (bits, count) = ((bits << 5) | value, count + 5);
            if (count >= 8)
            {
                count -= 8;
                bytes[at++] = (byte)(bits >> count);
                bits &= (1 << count) - 1;
            }
        }

        return bits == 0;
    }
}
