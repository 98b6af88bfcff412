using System.Globalization;
using System.Net.Sockets;
using Holdfast.Core.Errors;
using Holdfast.Core.Files;

namespace Holdfast.Agent.Control;

/// <summary>
/// Answers what an agent is asked at a Unix socket that only its user can reach: one request and one answer for each
/// connection. Whoever asks can neither stop the agent nor make it hold more than a few kilobytes.
/// </summary>
public sealed class ControlServer : IAsyncDisposable
{
    /// <summary>What the names of sockets end with.</summary>
    internal const string Suffix = ".sock";

    private const int MostRequestBytes = 64 * 1024;
    private const int MostConnections = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan SweepPatience = TimeSpan.FromSeconds(2);

    private readonly TimelineAgent agent;
    private readonly TimeProvider time;
    private readonly SocketPlace place;
    private readonly Socket socket;
    private readonly string name;
    private readonly SemaphoreSlim connections = new(MostConnections);
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;

    private ControlServer(TimelineAgent agent, SocketPlace place, Socket socket, string name, TimeProvider time)
    {
        this.agent = agent;
        this.place = place;
        this.socket = socket;
        this.name = name;
        this.time = time;
        serving = ServeAsync();
    }

    /// <summary>Begins to answer.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="directory">The directory of sockets; made, with mode 0700, when it is missing.</param>
    /// <param name="time">The clock that limits how long anybody may take.</param>
    /// <exception cref="HoldfastException">There can be no socket.</exception>
    public static async Task<ControlServer> StartAsync(TimelineAgent agent, string directory, TimeProvider time)
    {
        SocketPlace? place = null;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            DurableFiles.CreatePrivateDirectory(directory);
            place = new SocketPlace(directory);
            await SweepAsync(place, directory);
            return new ControlServer(agent, place, socket, Listen(place, socket), time);
        }
        catch (Exception error) when (error is IOException or SocketException or UnauthorizedAccessException)
        {
            socket.Dispose();
            place?.Dispose();
            throw new HoldfastException(
                ErrorCode.Failure,
                $"there can be no control socket in {directory}: {error.Message}",
                "look at its rights, or take another: HOLDFAST_STATE=DIR",
                error
            );
        }
    }

    /// <summary>Ends, with whatever is being answered.</summary>
    public async ValueTask DisposeAsync()
    {
        place.TryDelete(name);
        await stop.CancelAsync();
        socket.Dispose();
        await serving;
        for (var held = 0; held < MostConnections; held++)
        {
            await connections.WaitAsync();
        }

        place.Dispose();
        connections.Dispose();
        stop.Dispose();
    }

    private static async Task SweepAsync(SocketPlace place, string directory)
    {
        foreach (var path in Directory.EnumerateFiles(directory, $"*{Suffix}"))
        {
            using var limit = new CancellationTokenSource(SweepPatience);
            try
            {
                using var found = await place.ConnectAsync(Path.GetFileName(path), limit.Token);
            }
            catch (OperationCanceledException)
            {
                // It hangs, but it is there.
            }
        }
    }

    // It gets its name when it listens: nobody can take it for one that was left.
    private static string Listen(SocketPlace place, Socket socket)
    {
        var draft = $"{Guid.NewGuid():N}.new";
        socket.Bind(place.AddressOf(draft));
        File.SetUnixFileMode(place.PathOf(draft), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        socket.Listen(MostConnections);
        for (var number = 0; ; number++)
        {
            // Containers that share a state directory may all have the same number of process.
            var tail = number == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{number}");
            var name = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}{tail}{Suffix}");
            if (DurableFiles.TryRenameToNew(place.PathOf(draft), place.PathOf(name)))
            {
                return name;
            }
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                await connections.WaitAsync(stop.Token);
                try
                {
                    var connection = await socket.AcceptAsync(stop.Token);
                    _ = Task.Run(() => AttendAsync(connection));
                }
                catch (SocketException)
                {
                    // One that has gone again, or too many open files: it may pass.
                    _ = connections.Release();
                    await Task.Delay(TimeSpan.FromMilliseconds(100), time, stop.Token);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            _ = connections.Release();
        }
    }

    private async Task AttendAsync(Socket connection)
    {
        try
        {
            using var stream = new NetworkStream(connection, ownsSocket: true);
            using var gone = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
            var answer = await AnswerAsync(stream, gone);
            using var patience = new CancellationTokenSource(Patience, time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, patience.Token);
            await ControlLines.WriteAsync(stream, answer, ControlJson.Default.ControlAnswer, limit.Token);
        }
        catch (Exception error)
            when (error is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Whoever asked does not want to know any more.
        }
        finally
        {
            _ = connections.Release();
        }
    }

    private async Task<ControlAnswer> AnswerAsync(Stream stream, CancellationTokenSource gone)
    {
        try
        {
            using var patience = new CancellationTokenSource(Patience, time);
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(gone.Token, patience.Token);
            var request = await ControlLines.ReadAsync(
                stream,
                ControlJson.Default.ControlRequest,
                MostRequestBytes,
                limit.Token
            );
            _ = CancelWhenGoneAsync(stream, gone);
            return await AnswerAsync(request, gone.Token);
        }
        catch (HoldfastException error)
        {
            return Failed(error.Code, error.Message, error.Hint);
        }
        catch (InvalidDataException error)
        {
            return Failed(ErrorCode.Usage, $"this is no request: {error.Message}", hint: null);
        }
    }

    private async Task<ControlAnswer> AnswerAsync(ControlRequest request, CancellationToken cancellationToken)
    {
        if (request.Holdfast != ControlRequest.Version)
        {
            return Failed(
                ErrorCode.Usage,
                $"the agent speaks version {ControlRequest.Version}, not {request.Holdfast}",
                "start the agent again, with the same version of holdfast"
            );
        }

        switch (request.Request)
        {
            case "status":
                return new ControlAnswer { Holdfast = ControlRequest.Version, Status = agent.Status };
            case "sync" when request.Timeline is { } key:
                return Stored(await agent.Find(key).SyncAsync(cancellationToken));
            case "base" when request.Timeline is { } key:
                return Stored(await agent.Find(key).MakeBaseAsync(cancellationToken));
            case "point" when request is { Timeline: { } key, Reason: { } reason }:
                return Stored(await agent.Find(key).PutPointAsync(reason, cancellationToken));
            default:
                return Failed(ErrorCode.Usage, $"the agent knows no such request: '{request.Request}'", hint: null);
        }
    }

    // Whoever has asked says nothing more: what can be read is the end of the connection.
    private static async Task CancelWhenGoneAsync(Stream stream, CancellationTokenSource gone)
    {
        try
        {
            var nothing = new byte[1];
            _ = await stream.ReadAsync(nothing, gone.Token);
            await gone.CancelAsync();
        }
        catch (Exception error)
            when (error is IOException or OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The answer was given before.
        }
    }

    private static ControlAnswer Stored(StoredCommit commit) =>
        new() { Holdfast = ControlRequest.Version, Commit = commit };

    private static ControlAnswer Failed(ErrorCode code, string message, string? hint) =>
        new()
        {
            Holdfast = ControlRequest.Version,
            Error = new ControlError
            {
                Code = (int)code,
                Message = message,
                Hint = hint,
            },
        };
}
