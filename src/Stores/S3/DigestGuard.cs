namespace Holdfast.Stores.S3;

/// <summary>
/// The SDK hashes content for the signature; this compares that with the digest that is to be kept with the object,
/// before the first byte is sent. So content that changed on disk is noticed without reading it once more.
/// </summary>
internal sealed class DigestGuard(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        if (request.Method == HttpMethod.Put && Header(request, $"x-amz-meta-{Upload.DigestName}") is { } promised)
        {
            var hashed = Header(request, "x-amz-content-sha256");
            if (!string.Equals(promised, hashed, StringComparison.Ordinal))
            {
                throw new ContentChangedException($"the content hashes to {hashed}, not to {promised}");
            }
        }

        return base.SendAsync(request, cancellationToken);
    }

    private static string? Header(HttpRequestMessage request, string name) =>
        request.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
}

/// <summary>Content is not what its digest says; never leaves this library.</summary>
internal sealed class ContentChangedException(string message) : Exception(message);
