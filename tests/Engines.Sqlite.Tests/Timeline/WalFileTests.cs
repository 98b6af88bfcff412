using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Holdfast.Engines.Sqlite.Timeline;
using Holdfast.Testing;

namespace Holdfast.Engines.Sqlite.Tests.Timeline;

/// <summary>The reader of the WAL against bytes made here, by the description of the format.</summary>
public sealed class WalFileTests : IDisposable
{
    private const ulong Salts = 0x1122334455667788;
    private readonly ScratchDirectory scratch = new();

    [Theory]
    [InlineData(512, false)]
    [InlineData(4096, true)]
    [InlineData(65536, false)]
    [InlineData(65536, true)]
    public void Read_WhateverThePageSizeAndByteOrder_GivesEachFrame(int pageSize, bool bigEndian)
    {
        var wal = new FakeWal(pageSize, bigEndian);
        wal.Add(page: 3, databasePages: 0);
        wal.Add(page: 7, databasePages: 9);
        wal.Add(page: 2, databasePages: 5);
        wal.Write(Path);

        Assert.Equal([(1u, 3u, 0u), (2u, 7u, 9u), (3u, 2u, 5u)], Read(wal.Index(3)));
        Assert.Equal([(1u, 3u, 0u), (2u, 7u, 9u)], Read(wal.Index(2)));
        Assert.Equal([(3u, 2u, 5u)], Read(wal.Index(3), wal.PositionOf(2)));
    }

    [Fact]
    public void Read_WithAnyByteFlipped_RefusesIt()
    {
        var wal = new FakeWal(pageSize: 512, bigEndian: false);
        wal.Add(page: 3, databasePages: 0);
        wal.Add(page: 7, databasePages: 9);
        var good = wal.Bytes;
        for (var at = 0; at < good.Length; at++)
        {
            var bad = good.ToArray();
            bad[at] ^= 0x10;
            File.WriteAllBytes(Path + "-wal", bad);

            // The checkpoint number is for people, but it is under the checksum, too.
            _ = Assert.Throws<ContinuityLostException>(() => Read(wal.Index(2)));
        }
    }

    [Fact]
    public void Read_OfAShorterFile_RefusesIt()
    {
        var wal = new FakeWal(pageSize: 512, bigEndian: false);
        wal.Add(page: 3, databasePages: 0);
        wal.Add(page: 7, databasePages: 9);
        for (var length = 0; length < wal.Bytes.Length; length += 7)
        {
            File.WriteAllBytes(Path + "-wal", wal.Bytes[..length]);
            _ = Assert.Throws<ContinuityLostException>(() => Read(wal.Index(2)));
        }
    }

    [Fact]
    public void Read_BeyondFourGigabytes_GivesTheFrame()
    {
        const uint Frame = 1_200_000;
        var wal = new FakeWal(pageSize: 4096, bigEndian: false);
        wal.Add(page: 3, databasePages: 9);
        using (var file = File.Create(Path + "-wal"))
        {
            file.Position = 32 + ((Frame - 1L) * (24 + 4096));
            file.Write(wal.Bytes.AsSpan(32));
        }

        var before = new WalPosition(Salts, Frame - 1, wal.Start, Inode: 0);
        Assert.Equal([(Frame, 3u, 9u)], Read(wal.Index(1, Frame), before));
        using var walFile = WalFile.Open(Path);
        Assert.True(walFile.Holds(new WalPosition(Salts, Frame, wal.PositionOf(1).Checksum, 0), 4096));
        Assert.False(walFile.Holds(new WalPosition(Salts, Frame - 1, wal.PositionOf(1).Checksum, 0), 4096));
    }

    [Fact]
    public void Pack_AndUnpack_GiveThePosition()
    {
        var position = new WalPosition(Salts, 77, new WalChecksum(5, uint.MaxValue), ulong.MaxValue);
        Assert.Equal(position, WalPosition.Unpack(position.Pack()));
        Assert.Null(WalPosition.Unpack(default));
    }

    public void Dispose() => scratch.Dispose();

    private string Path => scratch["x.db"];

    private List<(uint Frame, uint Page, uint DatabasePages)> Read(WalIndexHeader index, WalPosition? after = null)
    {
        var frames = new Frames();
        using var file = WalFile.Open(Path);
        file.Read(after ?? new WalPosition(Salts, 0, default, Inode: 0), index, frames);
        return frames.Taken;
    }

    private sealed class Frames : IFrames
    {
        public List<(uint Frame, uint Page, uint DatabasePages)> Taken { get; } = [];

        public void Take(WalPosition frame, uint page, uint databasePages, Span<byte> prefixAndPage)
        {
            Assert.Equal(FakeWal.Content(page), prefixAndPage[4]);
            Assert.Equal(FakeWal.Content(page), prefixAndPage[^1]);
            Taken.Add((frame.Frame, page, databasePages));
        }
    }

    private sealed class FakeWal
    {
        private readonly int pageSize;
        private readonly bool bigEndian;
        private readonly MemoryStream stream = new();
        private readonly List<WalChecksum> checksums = [];

        public FakeWal(int pageSize, bool bigEndian)
        {
            (this.pageSize, this.bigEndian) = (pageSize, bigEndian);
            var header = new byte[32];
            BinaryPrimitives.WriteUInt32BigEndian(header, bigEndian ? 0x377f0683u : 0x377f0682u);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), 3_007_000);
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), (uint)pageSize);
            MemoryMarshal.Write(header.AsSpan(16), Salts);
            checksums.Add(Sum(default, header.AsSpan(0, 24)));
            WriteChecksum(header.AsSpan(24));
            stream.Write(header);
        }

        public byte[] Bytes => stream.ToArray();

        public WalChecksum Start => checksums[0];

        public static byte Content(uint page) => (byte)(page * 3);

        public void Add(uint page, uint databasePages)
        {
            var frame = new byte[24 + pageSize];
            frame.AsSpan(24).Fill(Content(page));
            BinaryPrimitives.WriteUInt32BigEndian(frame, page);
            BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(4), databasePages);
            MemoryMarshal.Write(frame.AsSpan(8), Salts);
            checksums.Add(Sum(Sum(checksums[^1], frame.AsSpan(0, 8)), frame.AsSpan(24)));
            WriteChecksum(frame.AsSpan(16));
            stream.Write(frame);
        }

        public void Write(string path) => File.WriteAllBytes(path + "-wal", Bytes);

        public WalPosition PositionOf(int frame) => new(Salts, (uint)frame, checksums[frame], Inode: 0);

        /// <summary>The header of a wal-index that ends with a frame.</summary>
        public WalIndexHeader Index(int frame, uint? number = null)
        {
            var bytes = new byte[WalIndexHeader.Length];
            BinaryPrimitives.WriteUInt32LittleEndian(bytes, 3_007_000);
            bytes[12] = 1;
            bytes[13] = bigEndian ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(14), (ushort)(pageSize == 65536 ? 1 : pageSize));
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), number ?? (uint)frame);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), checksums[frame].First);
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(28), checksums[frame].Second);
            MemoryMarshal.Write(bytes.AsSpan(32), Salts);
            return MemoryMarshal.Read<WalIndexHeader>(bytes);
        }

        private void WriteChecksum(Span<byte> bytes)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, checksums[^1].First);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], checksums[^1].Second);
        }

        // Written out from the description of the format, not by the code that is tested.
        private WalChecksum Sum(WalChecksum seed, ReadOnlySpan<byte> bytes)
        {
            var (one, two) = (seed.First, seed.Second);
            for (var at = 0; at < bytes.Length; at += 8)
            {
                one += Word(bytes[at..]) + two;
                two += Word(bytes[(at + 4)..]) + one;
            }

            return new WalChecksum(one, two);
        }

        private uint Word(ReadOnlySpan<byte> bytes) =>
            bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
