using Holdfast.Configuration.Settings;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Stores.Directories;
using Holdfast.Stores.S3;

namespace Holdfast.Cli.Setup;

/// <summary>The one place where addresses become stores: a new kind of store is added here.</summary>
internal static class TargetStores
{
    /// <summary>Opens a target by its address alone; the environment completes it.</summary>
    /// <param name="address">A directory, or the URL of a store.</param>
    /// <param name="create">Whether a directory that does not exist is made when something is written.</param>
    public static IObjectStore Open(string address, bool create) =>
        address.StartsWith(S3Address.Scheme, StringComparison.OrdinalIgnoreCase)
            ? S3Store.Create(S3Address.Parse(address, Environment.GetEnvironmentVariable))
            : new DirectoryStore(DirectoryPath(address), create);

    /// <summary>Opens a configured target.</summary>
    public static IObjectStore Open(TargetSettings settings, bool create) =>
        settings.IsS3 ? S3Store.Create(Complete(settings)) : Open(settings.Url.Reveal(), create);

    private static S3Options Complete(TargetSettings settings)
    {
        var options = S3Address.Parse(settings.Url.Reveal(), name => Lookup(settings, name));
        return options with
        {
            PathStyle = settings.PathStyle ?? options.PathStyle,
            CaFile = settings.CaFile?.Reveal() ?? options.CaFile,
            Lock = settings.Lock is { } held ? new S3Lock(ModeOf(held.Mode), held.For) : null,
            Expire = settings.Expire is { } keys
                ? new S3Credentials(keys.AccessKey.Reveal(), keys.SecretKey.Reveal())
                : null,
        };
    }

    private static S3LockMode ModeOf(LockMode mode) =>
        mode == LockMode.Compliance ? S3LockMode.Compliance : S3LockMode.Governance;

    // What the configuration says stands before the environment, under the names that the address is completed by.
    private static string? Lookup(TargetSettings settings, string name) =>
        name switch
        {
            "AWS_ACCESS_KEY_ID" when settings.AccessKey is not null => settings.AccessKey.Reveal(),
            "AWS_SECRET_ACCESS_KEY" when settings.AccessKey is not null => settings.SecretKey?.Reveal(),
            "AWS_SESSION_TOKEN" when settings.AccessKey is not null => settings.SessionToken?.Reveal(),
            "AWS_REGION" when settings.Region is not null => settings.Region.Reveal(),
            "AWS_ENDPOINT_URL_S3" when settings.Endpoint is not null => settings.Endpoint.Reveal(),
            _ when settings.AccessKey is not null && name.StartsWith("MINIO_", StringComparison.Ordinal) => null,
            _ => Environment.GetEnvironmentVariable(name),
        };

    private static string DirectoryPath(string address)
    {
        if (address.Length == 0)
        {
            throw new HoldfastException(
                ErrorCode.Usage,
                "the address of the target is empty",
                "a directory, or s3://bucket/prefix"
            );
        }

        if (address.StartsWith("file:///", StringComparison.OrdinalIgnoreCase))
        {
            return new Uri(address).LocalPath;
        }

        var scheme = address.IndexOf(':', StringComparison.Ordinal);
        return scheme > 1 && address[..scheme].All(char.IsAsciiLetterOrDigit)
            ? throw new HoldfastException(
                ErrorCode.Usage,
                $"'{address[..scheme]}:' is no kind of target that this version knows",
                "a directory, or s3://bucket/prefix"
            )
            : address;
    }
}
