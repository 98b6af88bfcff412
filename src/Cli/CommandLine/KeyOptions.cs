using System.CommandLine;

namespace Holdfast.Cli.CommandLine;

/// <summary>The options that say where a private key is. The key itself is never an argument: others see those.</summary>
internal static class KeyOptions
{
    public static readonly Option<string?> KeyFile = new("--key-file")
    {
        Description =
            "The recovery kit, or a file with its key, of an encrypted vault (or HOLDFAST_KEY_FILE, HOLDFAST_KEY)",
        HelpName = "FILE",
    };

    public static readonly Option<string?> PassphraseFile = new("--passphrase-file")
    {
        Description = "A file with the passphrase of a key that the vault keeps (or HOLDFAST_PASSPHRASE_FILE)",
        HelpName = "FILE",
    };

    /// <summary>Those of a command that reads what is encrypted.</summary>
    public static IEnumerable<Option> All => [KeyFile, PassphraseFile];
}
