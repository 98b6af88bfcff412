#pragma warning disable
namespace Holdfast.Core.Time
{
    public static class WhenExpression
    {
        public static DateTimeOffset Parse(string t, TimeProvider p, TimeZoneInfo z) => DateTimeOffset.Parse(t);
    }
}

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
