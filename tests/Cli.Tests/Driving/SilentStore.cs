using System.Net;
using System.Net.Sockets;

namespace Holdfast.Cli.Tests.Driving;

/// <summary>An S3 service that takes requests and never answers: whoever asks it stands still.</summary>
internal sealed class SilentStore : IDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);

    public SilentStore(Place place)
    {
        listener.Start();
        _ = place.DeadTarget();
    }

    public string Target => $"s3://bucket/prefix?endpoint=http://{listener.LocalEndpoint}&retries=0";

    /// <summary>Whether anybody has asked.</summary>
    public bool IsAsked => listener.Pending();

    /// <summary>Waits until somebody asks.</summary>
    public async Task IsAskedAsync()
    {
        while (!listener.Pending())
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    public void Dispose() => listener.Dispose();
}
