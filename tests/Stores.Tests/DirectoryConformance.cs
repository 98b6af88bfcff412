using Holdfast.Core.Stores;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Stores.Tests;

public sealed class DirectoryConformance : StoreConformance
{
    private readonly ScratchDirectory scratch = new();

    // A directory has no pages, and each object is flushed to disk.
    protected override int ManyObjects => 150;

    protected override Task<IObjectStore> CreateStoreAsync() =>
        Task.FromResult<IObjectStore>(new DirectoryStore(scratch["backups"], createRoot: true));

    protected override Task RemovePlaceAsync()
    {
        scratch.Dispose();
        return Task.CompletedTask;
    }
}
