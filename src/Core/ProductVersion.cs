namespace Holdfast.Core;

/// <summary>The version of Holdfast.</summary>
public static class ProductVersion
{
    /// <summary>The version, such as "0.1.0".</summary>
    public static string Text { get; } = typeof(ProductVersion).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
