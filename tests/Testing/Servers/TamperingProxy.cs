using System.Net;

namespace Holdfast.Testing.Servers;

/// <summary>
/// Stands between a store and its service, and breaks what the test says. All it does not break goes through as it is,
/// including the host name that requests are signed for.
/// </summary>
public sealed class TamperingProxy : IAsyncDisposable
{
    private readonly HttpListener listener;
    private readonly HttpClient client;
    private readonly Uri service;
    private readonly CancellationTokenSource ending = new();
    private readonly Task serving;

    /// <summary>Starts a proxy for a service.</summary>
    public TamperingProxy(Uri service)
    {
        this.service = service;
        client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        (listener, Endpoint) = Listen();
        serving = ServeAsync();
    }

    /// <summary>The address to give to the store.</summary>
    public Uri Endpoint { get; }

    /// <summary>Decides for each request what to break; null for nothing. Called one request at a time.</summary>
    public Func<HttpListenerRequest, Task<Tampering?>> OnRequest { get; set; } = _ => Task.FromResult<Tampering?>(null);

    /// <summary>What was asked for, as "GET /bucket/key".</summary>
    public List<string> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await ending.CancelAsync();
        listener.Abort();
        await serving;
        client.Dispose();
        ending.Dispose();
    }

    private static (HttpListener Listener, Uri Endpoint) Listen()
    {
        while (true)
        {
            var endpoint = new Uri($"http://127.0.0.1:{Random.Shared.Next(12_000, 30_000)}/");
            var candidate = new HttpListener();
            candidate.Prefixes.Add(endpoint.ToString());
            try
            {
                candidate.Start();
                return (candidate, endpoint);
            }
            catch (HttpListenerException)
            {
                // The port is taken.
                candidate.Close();
            }
        }
    }

    private async Task ServeAsync()
    {
        var answering = new List<Task>();
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                Requests.Add($"{context.Request.HttpMethod} {context.Request.RawUrl}");
                var tampering = await OnRequest(context.Request) ?? new Tampering();
                answering.Add(Task.Run(() => AnswerAsync(context, tampering)));
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            await Task.WhenAll(answering);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context, Tampering tampering)
    {
        try
        {
            if (tampering.Status is { } status)
            {
                context.Response.StatusCode = status;
                context.Response.Close();
                return;
            }

            if (tampering.Hang)
            {
                await Task.Delay(Timeout.Infinite, ending.Token);
            }

            using var answer = await ForwardAsync(context.Request, tampering);
            if (tampering.DropAnswer)
            {
                context.Response.Abort();
                return;
            }

            await PassBackAsync(answer, context.Response, tampering);
        }
        catch (Exception error)
            when (error
                    is HttpListenerException
                        or IOException
                        or HttpRequestException
                        or OperationCanceledException
                        or ObjectDisposedException
            )
        {
            context.Response.Abort();
        }
    }

    private async Task<HttpResponseMessage> ForwardAsync(HttpListenerRequest asked, Tampering tampering)
    {
        var url = new Uri(
            service.GetLeftPart(UriPartial.Authority) + asked.RawUrl,
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }
        );
        using var request = new HttpRequestMessage(new HttpMethod(asked.HttpMethod), url);
        if (asked.HasEntityBody)
        {
            using var body = new MemoryStream();
            await asked.InputStream.CopyToAsync(body, ending.Token);
            request.Content = new ByteArrayContent(tampering.Body(body.ToArray()));
        }
        else if (asked.HttpMethod is "PUT" or "POST")
        {
            request.Content = new ByteArrayContent([]);
        }

        foreach (var name in asked.Headers.AllKeys.Where(name => !tampering.WithoutHeaders.Contains(name)))
        {
            if (
                name is not ("Connection" or "Expect" or "Content-Length")
                && !request.Headers.TryAddWithoutValidation(name!, asked.Headers[name])
            )
            {
                request.Content?.Headers.TryAddWithoutValidation(name!, asked.Headers[name]);
            }
        }

        return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ending.Token);
    }

    private async Task PassBackAsync(HttpResponseMessage answer, HttpListenerResponse response, Tampering tampering)
    {
        response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated))
        {
            if (
                name is not ("Content-Length" or "Transfer-Encoding" or "Connection" or "Keep-Alive")
                && !tampering.WithoutAnswerHeaders.Contains(name, StringComparer.OrdinalIgnoreCase)
            )
            {
                response.Headers[name] = values.ToString();
            }
        }

        if (tampering.Etag is { } etag)
        {
            response.Headers["ETag"] = etag;
        }

        if (response.StatusCode is 204 or 304)
        {
            response.Close();
            return;
        }

        var body = await answer.Content.ReadAsByteArrayAsync(ending.Token);
        // The answer to HEAD tells the length of a body that does not come.
        response.ContentLength64 = answer.Content.Headers.ContentLength ?? body.Length;
        if (tampering.CutAfter is { } length && body.Length > length)
        {
            await response.OutputStream.WriteAsync(body.AsMemory(0, length), ending.Token);
            await response.OutputStream.FlushAsync(ending.Token);
            response.Abort();
            return;
        }

        await response.OutputStream.WriteAsync(body, ending.Token);
        response.Close();
    }
}

/// <summary>What a <see cref="TamperingProxy"/> breaks in one request.</summary>
public sealed record Tampering
{
    /// <summary>Answers with this status, without asking the service.</summary>
    public int? Status { get; init; }

    /// <summary>Ends the body of the answer after so many bytes.</summary>
    public int? CutAfter { get; init; }

    /// <summary>Says that the object has this ETag.</summary>
    public string? Etag { get; init; }

    /// <summary>Lets the service do it, but does not tell.</summary>
    public bool DropAnswer { get; init; }

    /// <summary>Never answers.</summary>
    public bool Hang { get; init; }

    /// <summary>Headers of the request that the service does not get.</summary>
    public IReadOnlyList<string?> WithoutHeaders { get; init; } = [];

    /// <summary>Headers of the answer that the store does not get.</summary>
    public IReadOnlyList<string> WithoutAnswerHeaders { get; init; } = [];

    /// <summary>Changes the body of the request.</summary>
    public Func<byte[], byte[]> Body { get; init; } = body => body;
}
