#pragma warning disable
namespace Holdfast.Core.Stores
{
    public static class StoreProbe
    {
        public static Task<IReadOnlyList<Holdfast.Core.Engines.Finding>> RunAsync(
            IObjectStore s,
            TimeProvider t,
            CancellationToken c
        ) => Task.FromResult<IReadOnlyList<Holdfast.Core.Engines.Finding>>([]);
    }
}
