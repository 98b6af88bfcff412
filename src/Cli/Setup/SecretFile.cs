using System.Text;
using Holdfast.Core.Errors;
using Holdfast.Core.Vault;

namespace Holdfast.Cli.Setup;

/// <summary>Small files with a secret in them; what they hold is in no message.</summary>
internal static class SecretFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.WrongKey"/>: it cannot be read.</exception>
    public static string Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var bytes = new byte[RecoveryKit.MaxBytes + 1];
            var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return length <= RecoveryKit.MaxBytes
                ? Encoding.UTF8.GetString(bytes, 0, length)
                : throw new IOException("it is larger than any key");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new HoldfastException(
                ErrorCode.WrongKey,
                $"the file {path} cannot be read: {error.Message}",
                "give the recovery kit, or a file with its key",
                error
            );
        }
    }

    /// <summary>Reads a passphrase: the first line.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.WrongKey"/>: there is none.</exception>
    public static string ReadPassphrase(string path) =>
        Read(path).Split('\n')[0].TrimEnd('\r') is { Length: > 0 } passphrase
            ? passphrase
            : throw new HoldfastException(
                ErrorCode.WrongKey,
                $"the first line of {path} is empty, and should be the passphrase",
                "write the passphrase into it"
            );
}
