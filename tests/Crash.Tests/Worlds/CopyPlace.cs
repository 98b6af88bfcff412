using Holdfast.Core.Stores;
using Holdfast.Stores.Directories;
using Holdfast.Stores.S3;
using Holdfast.Testing.Servers;

namespace Holdfast.Crash.Tests.Worlds;

/// <summary>Where the copies of a world are.</summary>
/// <param name="Address">As a person would give it to the command.</param>
/// <param name="Open">Opens it in this process.</param>
/// <param name="Variables">What the command finds in its environment.</param>
internal sealed record CopyPlace(string Address, Func<IObjectStore> Open, IReadOnlyDictionary<string, string> Variables)
{
    public static CopyPlace In(string directory) =>
        new(
            directory,
            () => new DirectoryStore(directory, createRoot: true),
            new Dictionary<string, string>(StringComparer.Ordinal)
        );

    public static CopyPlace In(S3Options bucket)
    {
        var own = bucket with { Prefix = Guid.NewGuid().ToString("N") };

        // Answers are read on a thread that waits for another one.
        var variables = S3TestServer
            .VariablesFor(own)
            .Append(new("DOTNET_ThreadPool_ForceMaxWorkerThreads", "2"))
            .ToDictionary(StringComparer.Ordinal);
        return new(S3TestServer.AddressOf(own), () => S3Store.Create(own), variables);
    }

    /// <summary>Puts everything that another place holds into this one.</summary>
    public async Task TakeAllAsync(CopyPlace other)
    {
        using var from = other.Open();
        using var to = Open();
        await foreach (var found in from.ListAsync("", startAfter: null, CancellationToken.None))
        {
            var bytes = await from.ReadAllAsync(found.Key, 1 << 24, CancellationToken.None);
            await to.PutAsync(found.Key, ObjectContent.FromBytes(bytes), PutCondition.Always, CancellationToken.None);
        }
    }

    /// <summary>The names of all objects.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync()
    {
        using var store = Open();
        var names = new List<string>();
        await foreach (var found in store.ListAsync("", startAfter: null, CancellationToken.None))
        {
            names.Add(found.Key.Value);
        }

        return names;
    }
}
