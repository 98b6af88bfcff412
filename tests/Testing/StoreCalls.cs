using Holdfast.Core.Stores;

namespace Holdfast.Testing;

/// <summary>Shorter calls of a store, for tests.</summary>
public static class StoreCalls
{
    public static Task<ObjectInfo> PutAsync(
        this IObjectStore store,
        string key,
        ObjectContent content,
        PutCondition condition = PutCondition.IfAbsent
    ) => store.PutAsync(new ObjectKey(key), content, condition, CancellationToken.None);

    public static Task<ObjectInfo> PutAsync(
        this IObjectStore store,
        string key,
        byte[] bytes,
        PutCondition condition = PutCondition.IfAbsent
    ) => store.PutAsync(key, ObjectContent.FromBytes(bytes), condition);

    public static async Task<byte[]> GetAsync(this IObjectStore store, string key, ByteRange? range = null)
    {
        await using var stream = await store.OpenReadAsync(new ObjectKey(key), range, CancellationToken.None);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes);
        return bytes.ToArray();
    }

    public static async Task<List<string>> ListAsync(
        this IObjectStore store,
        string prefix = "",
        string? startAfter = null
    )
    {
        var keys = new List<string>();
        ObjectKey? after = startAfter == null ? null : new ObjectKey(startAfter);
        await foreach (var found in store.ListAsync(prefix, after, CancellationToken.None))
        {
            keys.Add(found.Key.Value);
        }

        return keys;
    }

    public static async Task<List<ObjectInfo>> ListAllAsync(this IObjectStore store, string prefix = "")
    {
        var found = new List<ObjectInfo>();
        await foreach (var info in store.ListAsync(prefix, startAfter: null, CancellationToken.None))
        {
            found.Add(info);
        }

        return found;
    }

    public static Task<ObjectInfo?> HeadAsync(this IObjectStore store, string key) =>
        store.HeadAsync(new ObjectKey(key), CancellationToken.None);

    public static Task DeleteAsync(this IObjectStore store, string key) =>
        store.DeleteAsync(new ObjectKey(key), CancellationToken.None);
}
