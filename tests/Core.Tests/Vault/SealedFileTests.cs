using FsCheck.Fluent;
using Holdfast.Core.Errors;
using Holdfast.Core.Vault;
using Holdfast.Testing;

namespace Holdfast.Core.Tests.Vault;

public sealed class SealedFileTests : IDisposable
{
    private const int Chunk = 64 * 1024;
    private readonly PrivateKey key = PrivateKey.New();

    public void Dispose() => key.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(Chunk - 1)]
    [InlineData(Chunk)]
    [InlineData(Chunk + 1)]
    [InlineData(3 * Chunk)]
    [InlineData(1_000_003)]
    public void Open_OfWhatWasSealed_GivesIt(int length)
    {
        var content = SampleBytes.Of(length, seed: length);
        var stored = Seal(content);
        Assert.Equal(32 + 129 + length + 16 * Math.Max(1, (length + Chunk - 1) / Chunk), stored.Length);
        Assert.Equal(content, Open(stored));
    }

    [Fact]
    public void Open_OfWhatWasWrittenInPieces_GivesIt() =>
        Properties.Hold(
            Gen.Choose(1, 90_000).ListOf(4),
            _ => [],
            pieces =>
            {
                var content = SampleBytes.Of(pieces.Sum(), seed: pieces[0]);
                using var stored = new MemoryStream();
                using (var sealing = SealedFile.Seal(stored, [key.PublicKey]))
                {
                    var at = 0;
                    foreach (var piece in pieces)
                    {
                        sealing.Write(content, at, piece);
                        at += piece;
                    }
                }

                Assert.Equal(content, Open(stored.ToArray()));
            },
            tests: 30
        );

    [Fact]
    public void Open_WithAnyOfTheKeys_GivesIt()
    {
        using var second = PrivateKey.New();
        using var other = PrivateKey.New();
        using var stored = new MemoryStream();
        using (var sealing = SealedFile.Seal(stored, [key.PublicKey, second.PublicKey]))
        {
            sealing.Write("both"u8);
        }

        Assert.Equal("both"u8.ToArray(), Open(stored.ToArray()));
        Assert.Equal("both"u8.ToArray(), Open(stored.ToArray(), second));
        var error = Assert.Throws<HoldfastException>(() => Open(stored.ToArray(), other));
        Assert.Equal(ErrorCode.WrongKey, error.Code);
    }

    [Fact]
    public void Open_OfAFileCutAnywhere_IsATypedError()
    {
        var stored = Seal(SampleBytes.Of(2 * Chunk + 100, seed: 1));
        var header = 32 + 129;
        int[] interesting =
        [
            .. Enumerable.Range(0, header + 20),
            header + Chunk,
            header + Chunk + 16,
            header + Chunk + 17,
            header + 2 * (Chunk + 16) - 1,
            header + 2 * (Chunk + 16),
            header + 2 * (Chunk + 16) + 1,
            header + 2 * (Chunk + 16) + 16,
            stored.Length - 1,
        ];
        Assert.All(interesting, length => Assert.ThrowsAny<InvalidDataException>(() => Open(stored[..length])));
        Assert.ThrowsAny<InvalidDataException>(() => Open([.. stored, 0]));
    }

    [Fact]
    public void Open_OfAnyFlippedBit_IsATypedError()
    {
        var stored = Seal(SampleBytes.Of(200, seed: 1));
        for (var bit = 0; bit < stored.Length * 8; bit++)
        {
            var changed = stored.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            var error = Assert.ThrowsAny<Exception>(() => Open(changed));
            Assert.True(error is InvalidDataException or HoldfastException, error.ToString());
        }
    }

    [Fact]
    public void Open_OfChunksThatChangedPlaces_IsATypedError()
    {
        var stored = Seal(SampleBytes.Of(3 * Chunk, seed: 1));
        const int Header = 32 + 129;
        var swapped = stored.ToArray();
        stored.AsSpan(Header, Chunk + 16).CopyTo(swapped.AsSpan(Header + Chunk + 16));
        stored.AsSpan(Header + Chunk + 16, Chunk + 16).CopyTo(swapped.AsSpan(Header));
        Assert.Throws<InvalidDataException>(() => Open(swapped));

        // The last one taken away, and a whole chunk left at the end.
        Assert.Throws<InvalidDataException>(() => Open(stored[..(Header + 2 * (Chunk + 16))]));

        // A chunk of another file.
        var other = Seal(SampleBytes.Of(3 * Chunk, seed: 1));
        other.AsSpan(Header, Chunk + 16).CopyTo(stored.AsSpan(Header));
        Assert.Throws<InvalidDataException>(() => Open(stored));
    }

    [Fact]
    public void Open_OfAGoldenFile_GivesWhatWasSealed()
    {
        using var golden = PrivateKey.Parse(
            Convert.FromHexString("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2")
        );
        var path = Path.Combine(Repository.Root, "tests/Core.Tests/golden/vault/file-1.hfe");
        Assert.Equal(
            [.. Enumerable.Range(0, Chunk + 1000).Select(i => (byte)(i * 7))],
            Open(File.ReadAllBytes(path), golden)
        );
    }

    private byte[] Seal(byte[] content)
    {
        using var stored = new MemoryStream();
        using (var sealing = SealedFile.Seal(stored, [key.PublicKey]))
        {
            sealing.Write(content);
        }

        return stored.ToArray();
    }

    private byte[] Open(byte[] stored, PrivateKey? with = null)
    {
        using var source = new MemoryStream(stored);
        using var opening = SealedFile.Open(source, with ?? key);
        using var content = new MemoryStream();
        opening.CopyTo(content);
        return content.ToArray();
    }
}
