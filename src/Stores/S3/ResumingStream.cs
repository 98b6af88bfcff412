using Amazon.S3.Model;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>
/// Reads an object; a connection that is cut is replaced by one that goes on where it ended. The number of such
/// replacements is limited between two bytes, not for the whole object.
/// </summary>
internal sealed class ResumingStream(
    S3Connection s3,
    ObjectKey key,
    string? version,
    GetObjectResponse response,
    long offset
) : ReadingStream
{
    private readonly string etag = response.ETag ?? "";

    // A length of 0 may also be one that the service did not tell.
    private readonly long? end = response.ContentLength > 0 ? offset + response.ContentLength : null;
    private GetObjectResponse? current = response;
    private long position = offset;
    private int failures;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || position == end)
        {
            return 0;
        }

        while (true)
        {
            var (read, failure) = await TryReadAsync(buffer, cancellationToken);
            if (read > 0)
            {
                position += read;
                failures = 0;
                return read;
            }

            if (failure == null && end == null)
            {
                return 0;
            }

            await PauseAsync(failure, cancellationToken);
        }
    }

    protected override void Dispose(bool disposing)
    {
        current?.Dispose();
        current = null;
        base.Dispose(disposing);
    }

    private async Task<(int Read, Exception? Failure)> TryReadAsync(
        Memory<byte> buffer,
        CancellationToken cancellationToken
    )
    {
        try
        {
            current ??= await ReopenAsync(cancellationToken);
            var most = (int)Math.Min(buffer.Length, (end ?? long.MaxValue) - position);
            return (await current.ResponseStream.ReadAsync(buffer[..most], cancellationToken), null);
        }
        catch (Exception error)
            when (error is IOException or HttpRequestException or StoreException { IsTransient: true })
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (0, error);
        }
    }

    private async Task<GetObjectResponse> ReopenAsync(CancellationToken cancellationToken)
    {
        var length = end is { } known ? known - position : long.MaxValue;
        var reopened = await S3Objects.GetAsync(s3, key, version, position, length, cancellationToken);
        // Compared here and not by If-Match: services disagree on how to write the condition.
        if ((reopened.ETag ?? "") == etag)
        {
            return reopened;
        }

        reopened.Dispose();
        throw new StoreException(
            StoreFault.Damaged,
            $"{key} at {s3.Address} was replaced while it was read",
            "read it again from the beginning"
        );
    }

    /// <summary>Gives up, or waits a little longer each time.</summary>
    private async Task PauseAsync(Exception? failure, CancellationToken cancellationToken)
    {
        current?.Dispose();
        current = null;
        if (failures++ >= s3.Options.Retries)
        {
            throw new StoreException(
                StoreFault.Unreachable,
                $"reading {key} from {s3.Address} ended at byte {position} of {end}: {failure?.Message ?? "the body is too short"}",
                $"check the network and {s3.Options.EndpointFrom}",
                failure
            );
        }

        await Task.Delay(
            TimeSpan.FromMilliseconds(Random.Shared.Next(50, 200 << failures)),
            s3.Time,
            cancellationToken
        );
    }
}
