using Holdfast.Testing.Servers;

[assembly: AssemblyFixture(typeof(CephGateway))]
