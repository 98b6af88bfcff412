using System.Text.Encodings.Web;
using System.Text.Json;

namespace Holdfast.Cli.Output;

/// <summary>How JSON lines are written.</summary>
internal static class JsonText
{
    // Not for HTML: arrows and umlauts in paths stay readable.
    public static readonly JsonSerializerOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = System.Text.Json.Serialization.Metadata.JsonTypeInfoResolver.Combine(),
    };
}
