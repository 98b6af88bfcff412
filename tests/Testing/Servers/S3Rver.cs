namespace Holdfast.Testing.Servers;

/// <summary>A small S3 service that ignores the condition of a conditional write.</summary>
public sealed class S3Rver() : S3TestServer("s3rver", "HOLDFAST_TEST_S3RVER");
