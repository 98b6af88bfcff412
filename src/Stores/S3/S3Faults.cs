using System.Net.Sockets;
using System.Security.Authentication;
using Amazon.Runtime;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;

namespace Holdfast.Stores.S3;

/// <summary>Says which fault of a store an answer of the service, or its absence, is.</summary>
internal sealed class S3Faults(S3Options options)
{
    private static readonly string[] DeniedCodes =
    [
        "AccessDenied",
        "AllAccessDisabled",
        "AccountProblem",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidToken",
        "SignatureDoesNotMatch",
    ];

    private static readonly string[] DamagedCodes = ["BadDigest", "InvalidDigest", "XAmzContentSHA256Mismatch"];

    private static readonly string[] FullCodes =
    [
        "QuotaExceeded",
        "XMinioStorageFull",
        "XMinioAdminBucketQuotaExceeded",
    ];

    private readonly string where = S3Address.Format(options);

    public StoreException NoBucket(Exception error) =>
        new(
            StoreFault.TargetNotFound,
            $"the bucket {options.Bucket} does not exist at {Service}",
            $"check its name and {options.EndpointFrom}, or create it: Holdfast never creates buckets",
            error
        );

    private string Service =>
        options.Endpoint is { } endpoint ? S3Address.Display(endpoint) : $"Amazon S3 ({options.Region})";

    public Exception Translate(Exception error, string doing) =>
        error switch
        {
            HoldfastException => error,
            AmazonServiceException { StatusCode: not default(System.Net.HttpStatusCode) } answer => OfAnswer(
                answer,
                doing
            ),
            AmazonClientException { InnerException: null } => NoCredentials(error, doing),
            AmazonServiceException
            or AmazonClientException
            or HttpRequestException
            or IOException
            or SocketException
            or TimeoutException
            or OperationCanceledException => OfSilence(error, doing),
            _ => new StoreException(
                StoreFault.Unexpected,
                $"{doing} at {where} failed: {error.Message}",
                hint: null,
                error
            ),
        };

    private StoreException OfAnswer(AmazonServiceException answer, string doing)
    {
        var code = answer.ErrorCode ?? "";
        var status = (int)answer.StatusCode;
        if (code == "NoSuchBucket")
        {
            return NoBucket(answer);
        }

        var (fault, hint) = status switch
        {
            _ when FullCodes.Contains(code, StringComparer.Ordinal) || status == 507 => (
                StoreFault.NoSpace,
                "free space in the store, or raise its quota"
            ),
            _ when DamagedCodes.Contains(code, StringComparer.Ordinal) => (
                StoreFault.Damaged,
                "the bytes changed on their way; try again"
            ),
            _ when DeniedCodes.Contains(code, StringComparer.Ordinal) || status is 401 or 403 => (
                StoreFault.Denied,
                DeniedHint
            ),
            404 => (StoreFault.NotFound, null),
            412 => (StoreFault.AlreadyExists, null),
            429 or >= 500 and not 501 => (
                StoreFault.Unreachable,
                "try again later; the service is there, but not well"
            ),
            301 or 307 => (
                StoreFault.Unexpected,
                $"the bucket is in another region: check AWS_REGION or ?region= (now {options.Region})"
            ),
            400 when options.Lock != null => (
                StoreFault.Unexpected,
                "lock is configured: only a bucket that was made with object lock takes that; run: holdfast doctor"
            ),
            501 => (StoreFault.Unexpected, "the service does not offer what is needed; run: holdfast doctor"),
            _ => (StoreFault.Unexpected, null),
        };
        return new StoreException(fault, $"{doing} at {where} failed: {Describe(answer)}", hint, answer);
    }

    private string DeniedHint =>
        $"verify {options.CredentialsFrom}, and that they may s3:PutObject, s3:GetObject, s3:DeleteObject and s3:ListBucket "
        + $"on {options.Bucket} (without s3:ListBucket also a missing object is forbidden)";

    private StoreException OfSilence(Exception error, string doing)
    {
        var cause =
            Causes(error).LastOrDefault(e => e is SocketException or AuthenticationException or IOException) ?? error;
        var hint = Causes(error).Any(e => e is AuthenticationException)
            ? $"check the certificate; name the authority with ?caFile=FILE, or use http:// ({options.EndpointFrom})"
            : $"check the network and {options.EndpointFrom}";
        return new StoreException(
            StoreFault.Unreachable,
            $"{Service} cannot be reached ({doing} at {where}): {cause.Message}",
            hint,
            error
        );
    }

    private StoreException NoCredentials(Exception error, string doing) =>
        new(
            StoreFault.Denied,
            $"{doing} at {where} failed: there are no usable credentials"
                + (options.Profile is { } profile ? $" in the profile {profile}" : ""),
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
            error
        );

    /// <summary>An answer to HEAD has no body, and the SDK then makes up a text from the status.</summary>
    private static string Describe(AmazonServiceException answer)
    {
        var status = $"HTTP {(int)answer.StatusCode}";
        return string.IsNullOrEmpty(answer.ErrorCode) ? status
            : answer.Message == answer.ErrorCode || string.IsNullOrEmpty(answer.Message)
                ? $"{answer.ErrorCode} ({status})"
            : $"{answer.ErrorCode} ({status}): {answer.Message}";
    }

    private static IEnumerable<Exception> Causes(Exception error)
    {
        for (Exception? cause = error; cause != null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
