using System.Text;
using Holdfast.Cli.CommandLine;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;
using Holdfast.Core.Vault;

namespace Holdfast.Cli.Verbs;

/// <summary>Gives a recovery kit to a person: on paper by way of standard output, or in a file that only he can read.</summary>
internal static class KitPage
{
    /// <summary>
    /// Refuses what would give the key to others: a kit is never in JSON.
    /// </summary>
    public static void Require(Session session, string? file)
    {
        if (file == null && session.Output.IsJson)
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                "a key is never shown in JSON",
                "say where the recovery kit is to be written: --kit FILE"
            );
        }

        if (file != null && File.Exists(file))
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"{file} exists and was left as it is",
                "take another name: --kit FILE; it may be the only key of a vault"
            );
        }
    }

    /// <summary>Gives it, before anything is sealed for its key.</summary>
    public static void Give(
        Session session,
        string? file,
        PrivateKey key,
        KeyId vault,
        string address,
        string name,
        IReadOnlyList<string> databases
    )
    {
        var page = RecoveryKit.Write(key, vault, address, name, databases, session.Time.GetUtcNow());
        if (file == null)
        {
            session.Output.Raw(page);
            return;
        }

        using var pending = PendingFile.Create(file);
        pending.Stream.Write(Encoding.UTF8.GetBytes(page));
        if (!pending.Commit(replace: false))
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"{file} exists and was left as it is",
                "take another name: --kit FILE"
            );
        }
    }
}
