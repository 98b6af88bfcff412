using Holdfast.Testing.Servers;

[assembly: AssemblyFixture(typeof(CephGateway))]
[assembly: AssemblyFixture(typeof(S3Rver))]
