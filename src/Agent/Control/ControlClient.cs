using System.Net.Sockets;
using Holdfast.Core.Errors;

namespace Holdfast.Agent.Control;

/// <summary>Asks the agents of this user. Thread-safe.</summary>
/// <param name="directory">The directory of their sockets.</param>
public sealed class ControlClient(string directory)
{
    private const int MostAnswerBytes = 64 << 20;
    private static readonly TimeSpan StatusPatience = TimeSpan.FromSeconds(5);

    /// <summary>The timelines that agents keep now. An agent that does not answer within some seconds is passed over.</summary>
    public async Task<IReadOnlyList<KeptTimeline>> ListAsync(CancellationToken cancellationToken)
    {
        var kept = new List<KeptTimeline>();
        foreach (var name in Names())
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(StatusPatience);
            try
            {
                var request = new ControlRequest { Holdfast = ControlRequest.Version, Request = "status" };
                var answer = await AskAsync(name, request, limit.Token);
                kept.AddRange((answer?.Status ?? []).Select(status => new KeptTimeline(name, status)));
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It hangs, or was stopped: it cannot help now.
            }
        }

        return kept;
    }

    /// <summary>Lets an agent capture and store everything committed before the call.</summary>
    /// <returns>The newest commit; every target has it.</returns>
    /// <exception cref="HoldfastException">It could not, and why.</exception>
    public Task<StoredCommit> SyncAsync(KeptTimeline timeline, CancellationToken cancellationToken) =>
        StoreAsync(timeline, "sync", reason: null, cancellationToken);

    /// <summary>Lets an agent name what is committed now as a restore point.</summary>
    /// <returns>The commit; every target has it, and the point.</returns>
    /// <exception cref="HoldfastException">It could not, and why.</exception>
    public Task<StoredCommit> PutPointAsync(
        KeptTimeline timeline,
        string reason,
        CancellationToken cancellationToken
    ) => StoreAsync(timeline, "point", reason, cancellationToken);

    /// <summary>Lets an agent make a base of the live database, whatever is stored already.</summary>
    /// <returns>The newest commit; every target has it, and needs nothing from before the base for it.</returns>
    /// <exception cref="HoldfastException">It could not, and why.</exception>
    public Task<StoredCommit> MakeBaseAsync(KeptTimeline timeline, CancellationToken cancellationToken) =>
        StoreAsync(timeline, "base", reason: null, cancellationToken);

    private async Task<StoredCommit> StoreAsync(
        KeptTimeline timeline,
        string request,
        string? reason,
        CancellationToken cancellationToken
    )
    {
        var asked = new ControlRequest
        {
            Holdfast = ControlRequest.Version,
            Request = request,
            Timeline = timeline.Status.Key,
            Reason = reason,
        };
        var answer = await AskAsync(timeline.Socket, asked, cancellationToken);
        return answer?.Commit ?? throw Ended(timeline.Status.Database, cause: null);
    }

    private IReadOnlyList<string> Names() =>
        Directory.Exists(directory)
            ?
            [
                .. Directory
                    .EnumerateFiles(directory, $"*{ControlServer.Suffix}")
                    .Select(path => Path.GetFileName(path))
                    .Order(StringComparer.Ordinal),
            ]
            : [];

    // Null when nobody answers.
    private async Task<ControlAnswer?> AskAsync(
        string name,
        ControlRequest request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            using var place = new SocketPlace(directory);
            if (await place.ConnectAsync(name, cancellationToken) is not { } socket)
            {
                return null;
            }

            using var stream = new NetworkStream(socket, ownsSocket: true);
            await ControlLines.WriteAsync(stream, request, ControlJson.Default.ControlRequest, cancellationToken);
            var answer = await ControlLines.ReadAsync(
                stream,
                ControlJson.Default.ControlAnswer,
                MostAnswerBytes,
                cancellationToken
            );
            return answer.Error is { } error
                ? throw new HoldfastException((ErrorCode)error.Code, error.Message, error.Hint)
                : answer;
        }
        catch (Exception error)
            when (error is IOException or SocketException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Ended($"the agent at {Path.Combine(directory, name)}", error);
        }
    }

    private static HoldfastException Ended(string what, Exception? cause) =>
        new(
            ErrorCode.Failure,
            $"the agent of {what} has ended, or answers something else",
            "ask again: without an agent the command does it by itself",
            cause
        );
}

/// <summary>A timeline that an agent keeps.</summary>
/// <param name="Socket">The name of the agent's socket.</param>
/// <param name="Status">How it is.</param>
public sealed record KeptTimeline(string Socket, TimelineStatus Status);
