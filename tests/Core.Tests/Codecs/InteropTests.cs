using System.Diagnostics;
using System.IO.Compression;
using Holdfast.Core.Codecs;

namespace Holdfast.Core.Tests.Codecs;

public class InteropTests
{
    public static TheoryData<int> Sizes => new(0, 1, 1000, 1_000_000);

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Gzip_FromDotNet_IsRead(int size)
    {
        using var stored = new MemoryStream();
        using (var gzip = new GZipStream(stored, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Codec.Content(size));
        }

        // .NET writes nothing for nothing, and no bytes are no copy.
        if (size > 0)
        {
            Assert.Equal(Codec.Content(size), Codec.Decode(Compression.Gzip, stored.ToArray()));
        }
        else if (stored.Length == 0)
        {
            Assert.Throws<InvalidDataException>(() => Codec.Decode(Compression.Gzip, stored.ToArray()));
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Gzip_FromHere_IsReadByDotNet(int size)
    {
        var stored = Codec.Encode(Compression.Gzip, Codec.Content(size));
        using var gzip = new GZipStream(new MemoryStream(stored), CompressionMode.Decompress);
        using var content = new MemoryStream();
        gzip.CopyTo(content);
        Assert.Equal(Codec.Content(size), content.ToArray());
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Gzip_AndTheProgram_ReadEachOther(int size) => await ReadEachOtherAsync(Compression.Gzip, size);

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Zstd_AndTheProgram_ReadEachOther(int size) => await ReadEachOtherAsync(Compression.Zstd, size);

    private static async Task ReadEachOtherAsync(Compression compression, int size)
    {
        var program = compression.Name();
        Assert.SkipUnless(File.Exists($"/usr/bin/{program}"), $"the program {program} is not installed");
        var content = Codec.Content(size);
        Assert.Equal(content, Codec.Decode(compression, await PipeAsync(program, "-c", content)));
        Assert.Equal(content, await PipeAsync(program, "-dc", Codec.Encode(compression, content)));
    }

    private static async Task<byte[]> PipeAsync(string program, string option, byte[] input)
    {
        var start = new ProcessStartInfo(program, option)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        using var output = new MemoryStream();
        var reading = process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.StandardInput.BaseStream.WriteAsync(input);
        process.StandardInput.Close();
        await reading;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.ToArray();
    }
}
