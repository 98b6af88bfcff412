using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Holdfast.Architecture.Tests;

/// <summary>What the metadata of a built assembly tells, without loading it.</summary>
internal sealed record AssemblyFacts(string Name, IReadOnlySet<string> References, IReadOnlySet<string> Members)
{
    /// <summary>The assemblies of the house, as they lie beside the tests.</summary>
    public static IReadOnlyList<AssemblyFacts> OfTheHouse { get; } =
    [
        .. Directory
            .EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Where(path => IsOfTheHouse(Path.GetFileNameWithoutExtension(path)))
            .Where(path => !path.EndsWith(".Tests.dll", StringComparison.Ordinal))
            .Select(Read)
            .OrderBy(facts => facts.Name, StringComparer.Ordinal),
    ];

    public static bool IsOfTheHouse(string name) =>
        name == "holdfast" || name.StartsWith("Holdfast.", StringComparison.Ordinal);

    private static AssemblyFacts Read(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return new AssemblyFacts(
            metadata.GetString(metadata.GetAssemblyDefinition().Name),
            metadata
                .AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
                .ToHashSet(StringComparer.Ordinal),
            metadata
                .MemberReferences.Select(handle => NameOf(metadata, metadata.GetMemberReference(handle)))
                .ToHashSet(StringComparer.Ordinal)
        );
    }

    private static string NameOf(MetadataReader metadata, MemberReference member)
    {
        if (member.Parent.Kind != HandleKind.TypeReference)
        {
            return metadata.GetString(member.Name);
        }

        var type = metadata.GetTypeReference((TypeReferenceHandle)member.Parent);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}.{metadata.GetString(member.Name)}";
    }
}
