using System.Globalization;
using Holdfast.Core.Errors;
using Holdfast.Engines.Sqlite.Files;

namespace Holdfast.Engines.Sqlite.Restoring;

/// <summary>The reasons not to restore to a path.</summary>
internal static class RestoreRefusal
{
    private const int MostNamed = 3;

    /// <summary>Refuses what would lose data, unless forced, and what cannot be done at all.</summary>
    /// <exception cref="HoldfastException"><see cref="ErrorCode.Refused"/>.</exception>
    public static void ThrowIfUnsafe(string path, bool force)
    {
        var status = InterruptedRestore.PreviousOf(path) is null ? FileStatus.OfLink(path) : null;
        if (status is { Kind: not FileKind.Regular })
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                $"{path} is {(status.Value.Kind == FileKind.Directory ? "a directory" : "not a regular file")}",
                "name the file to restore to"
            );
        }

        if (!force)
        {
            ThrowIfInUse(path);
            ThrowIfExists(path, status);
        }
        else
        {
            ThrowIfForeign(path, status);
        }
    }

    public static HoldfastException Exists(string path) =>
        new(
            ErrorCode.Refused,
            $"{path} exists; it was not touched",
            $"with --force it is replaced, and kept as {Path.GetFileName(path)}{KeptName.Infix}<time>; "
                + "or restore to another file with --output"
        );

    private static void ThrowIfExists(string path, FileStatus? status)
    {
        if (status is not null)
        {
            throw Exists(path);
        }
    }

    private static void ThrowIfInUse(string path)
    {
        var users = DatabaseUsers.Of(path);
        if (users.Count > 0)
        {
            var named = string.Join(", ", users.Take(MostNamed));
            var more = users.Count > MostNamed ? Invariant($" and {users.Count - MostNamed} more") : "";
            throw new HoldfastException(
                ErrorCode.Refused,
                $"{path} is in use by {named}{more}; it was not touched",
                "stop the program first; with --force it is replaced under the program, which then loses what it writes"
            );
        }
    }

    private static void ThrowIfForeign(string path, FileStatus? status)
    {
        if (status is { } file && Posix.EffectiveUser() is var me and not 0 && me != file.User)
        {
            throw new HoldfastException(
                ErrorCode.Refused,
                Invariant($"{path} belongs to user {file.User}, and only root can give the restored file to that user"),
                "run as that user or as root, or restore to another file with --output"
            );
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
