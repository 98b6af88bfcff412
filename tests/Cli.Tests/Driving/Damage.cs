namespace Holdfast.Cli.Tests.Driving;

/// <summary>What happens to files that nobody looks at.</summary>
internal static class Damage
{
    /// <summary>Writes other bytes over a part of a file.</summary>
    public static void Overwrite(string path, long at, int count)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var bytes = new byte[count];
        _ = RandomAccess.Read(file, bytes, at);
        RandomAccess.Write(file, Array.ConvertAll(bytes, b => (byte)~b), at);
    }

    /// <summary>Changes one bit in the middle of a file.</summary>
    public static void FlipBit(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite);
        var middle = RandomAccess.GetLength(file) / 2;
        var bytes = new byte[1];
        _ = RandomAccess.Read(file, bytes, middle);
        RandomAccess.Write(file, [(byte)(bytes[0] ^ 0x10)], middle);
    }

    /// <summary>Cuts the end off.</summary>
    public static void Truncate(string path)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.SetLength(file.Length * 2 / 3);
    }

    /// <summary>Leaves nothing but the name.</summary>
    public static void Empty(string path) => File.WriteAllBytes(path, []);

    /// <summary>Changes a value in the manifest of a copy.</summary>
    public static void Forge(string copy, string name, System.Text.Json.Nodes.JsonNode value)
    {
        var path = copy + ".json";
        var manifest = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
        manifest[name] = value;
        File.WriteAllText(path, manifest.ToJsonString());
    }
}
