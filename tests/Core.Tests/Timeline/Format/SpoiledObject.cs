using Holdfast.Core.Stores;
using Holdfast.Stores.Directories;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Timeline.Format;

/// <summary>One object of a real store, which a test spoils again and again.</summary>
internal sealed class SpoiledObject : IDisposable
{
    private readonly ScratchDirectory directory = new();

    public SpoiledObject() => Store = new DirectoryStore(directory["store"], createRoot: true);

    public DirectoryStore Store { get; }

    /// <summary>Replaces an object.</summary>
    public void Replace(ObjectKey key, byte[] bytes) =>
        File.WriteAllBytes(Path.Combine(directory["store"], key.Value), bytes);

    public void Dispose()
    {
        Store.Dispose();
        directory.Dispose();
    }
}
