using System.Buffers.Binary;
using System.Security.Cryptography;
using Holdfast.Core.Codecs;
using Holdfast.Core.Errors;

namespace Holdfast.Core.Vault;

/// <summary>
/// Files that are sealed for recipients and complete in themselves. Their ending is <c>.hfe</c>. Keep in sync with
/// docs/vault.md.
/// </summary>
public static class SealedFile
{
    /// <summary>What the names of such files end in.</summary>
    public const string Extension = ".hfe";

    internal const int ChunkLength = 64 * 1024;
    internal const int TagLength = 16;
    internal const int NonceLength = 12;
    internal const int StartLength = 32;
    internal const int WrapLength = KeyId.Length + PublicKey.Length + SessionKey.Length + TagLength;
    internal const int MostRecipients = 64;
    private const ushort Version = 1;
    private const int IdOffset = 16;

    private static ReadOnlySpan<byte> Magic => "HFSEALED"u8;

    /// <summary>A stream that seals what is written to it; disposing ends it, and leaves the destination open.</summary>
    /// <param name="destination">Where it goes; the header is written at once.</param>
    /// <param name="recipients">Who can open it: 1 to 64.</param>
    public static Stream Seal(Stream destination, IReadOnlyCollection<PublicKey> recipients)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(recipients.Count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(recipients.Count, MostRecipients);
        var header = new byte[StartLength + recipients.Count * WrapLength];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(10), (ushort)recipients.Count);
        BinaryPrimitives.WriteInt32LittleEndian(header.AsSpan(12), ChunkLength);
        RandomNumberGenerator.Fill(header.AsSpan(IdOffset, KeyId.Length));
        var fileKey = RandomNumberGenerator.GetBytes(SessionKey.Length);
        var at = StartLength;
        foreach (var recipient in recipients)
        {
            var (encapsulated, wrapped) = Hpke.Seal(recipient, InfoOf(header), [], fileKey);
            recipient.Fingerprint.CopyTo(header.AsSpan(at));
            encapsulated.CopyTo(header, at + KeyId.Length);
            wrapped.CopyTo(header, at + KeyId.Length + PublicKey.Length);
            at += WrapLength;
        }

        destination.Write(header);
        return new SealingStream(destination, CipherOf(fileKey, header));
    }

    /// <summary>A stream that opens what was sealed; the source stays open.</summary>
    /// <remarks>Reading throws <see cref="InvalidDataException"/> for what is cut short or is not what was sealed.</remarks>
    /// <exception cref="InvalidDataException">The header is none.</exception>
    /// <exception cref="HoldfastException">
    /// <see cref="ErrorCode.WrongKey"/>: it is sealed for others; or it is of a later version.
    /// </exception>
    public static Stream Open(Stream source, PrivateKey key)
    {
        var start = ReadExactly(source, StartLength);
        if (!start.AsSpan().StartsWith(Magic))
        {
            throw new InvalidDataException("it does not begin as an encrypted file does");
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(8)) != Version)
        {
            throw new HoldfastException(
                ErrorCode.Failure,
                "an encrypted file is of a version that this holdfast does not know",
                "use a newer holdfast"
            );
        }

        var count = BinaryPrimitives.ReadUInt16LittleEndian(start.AsSpan(10));
        if (count is 0 or > MostRecipients || BinaryPrimitives.ReadInt32LittleEndian(start.AsSpan(12)) != ChunkLength)
        {
            throw new InvalidDataException("the header of the encrypted file makes no sense");
        }

        byte[] header = [.. start, .. ReadExactly(source, count * WrapLength)];
        return new OpeningStream(source, CipherOf(Unwrap(header, count, key), header));
    }

    private static byte[] Unwrap(byte[] header, int count, PrivateKey key)
    {
        var mine = key.PublicKey.Fingerprint;
        for (var at = StartLength; at < header.Length; at += WrapLength)
        {
            if (new KeyId(header.AsSpan(at)) != mine)
            {
                continue;
            }

            try
            {
                return Hpke.Open(
                    key,
                    header.AsSpan(at + KeyId.Length, PublicKey.Length),
                    InfoOf(header),
                    [],
                    header.AsSpan(at + KeyId.Length + PublicKey.Length, SessionKey.Length + TagLength)
                );
            }
            catch (Exception error) when (error is FormatException or AuthenticationTagMismatchException)
            {
                throw new InvalidDataException("the header of the encrypted file is not what was written", error);
            }
        }

        throw new HoldfastException(
            ErrorCode.WrongKey,
            $"the file is encrypted for {count} other {(count == 1 ? "key" : "keys")}, and not for the key {mine}",
            "give the recovery kit of the vault that it was made for: --key-file FILE"
        );
    }

    private static byte[] InfoOf(ReadOnlySpan<byte> header) => [.. "holdfast/1 file"u8, .. header[..StartLength]];

    private static AesGcm CipherOf(byte[] fileKey, byte[] header)
    {
        Span<byte> key = stackalloc byte[SessionKey.Length];
        HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            fileKey,
            key,
            header.AsSpan(IdOffset, KeyId.Length),
            [.. "holdfast/1 chunks"u8, .. SHA256.HashData(header)]
        );
        CryptographicOperations.ZeroMemory(fileKey);
        var cipher = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
        return cipher;
    }

    private static byte[] ReadExactly(Stream source, int length)
    {
        var bytes = new byte[length];
        return source.ReadAtLeast(bytes, length, throwOnEndOfStream: false) == length
            ? bytes
            : throw new InvalidDataException("the encrypted file ends within its header");
    }

    /// <summary>The nonce of a chunk: its number, and whether it is the last.</summary>
    private static void Nonce(long number, bool isLast, Span<byte> nonce)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[3..], number);
        nonce[NonceLength - 1] = isLast ? (byte)1 : (byte)0;
    }

    private sealed class SealingStream(Stream destination, AesGcm cipher) : ForwardOnlyStream
    {
        private readonly byte[] buffer = new byte[ChunkLength + TagLength];
        private int length;
        private long number;
        private bool ended;

        public override bool CanWrite => true;

        public override void Write(ReadOnlySpan<byte> bytes)
        {
            while (!bytes.IsEmpty)
            {
                if (length == ChunkLength)
                {
                    End(isLast: false);
                }

                var count = Math.Min(bytes.Length, ChunkLength - length);
                bytes[..count].CopyTo(buffer.AsSpan(length));
                length += count;
                bytes = bytes[count..];
            }
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing && !ended)
            {
                ended = true;
                End(isLast: true);
                cipher.Dispose();
            }

            base.Dispose(disposing);
        }

        private void End(bool isLast)
        {
            Span<byte> nonce = stackalloc byte[NonceLength];
            Nonce(number++, isLast, nonce);
            var content = buffer.AsSpan(0, length);
            cipher.Encrypt(nonce, content, content, buffer.AsSpan(length, TagLength));
            destination.Write(buffer, 0, length + TagLength);
            length = 0;
        }
    }

    private sealed class OpeningStream : ForwardOnlyStream
    {
        private readonly Stream source;
        private readonly AesGcm cipher;
        private byte[] current = new byte[ChunkLength + TagLength];
        private byte[] next = new byte[ChunkLength + TagLength];
        private int nextLength;
        private int at;
        private int end;
        private long number;
        private bool isLast;

        public OpeningStream(Stream source, AesGcm cipher)
        {
            this.source = source;
            this.cipher = cipher;
            nextLength = Fill(next);
        }

        public override bool CanRead => true;

        public override int Read(Span<byte> bytes)
        {
            if (at == end && !isLast)
            {
                Open();
            }

            var count = Math.Min(bytes.Length, end - at);
            current.AsSpan(at, count).CopyTo(bytes);
            at += count;
            return count;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                cipher.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Fill(byte[] chunk) => source.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false);

        private void Open()
        {
            (current, next) = (next, current);
            var length = nextLength - TagLength;
            nextLength = length == ChunkLength ? Fill(next) : 0;
            isLast = nextLength == 0;
            if (length < 0 || (length == 0 && number > 0))
            {
                throw new InvalidDataException("the encrypted file is cut short");
            }

            Span<byte> nonce = stackalloc byte[NonceLength];
            Nonce(number++, isLast, nonce);
            try
            {
                var content = current.AsSpan(0, length);
                cipher.Decrypt(nonce, content, current.AsSpan(length, TagLength), content);
            }
            catch (AuthenticationTagMismatchException error)
            {
                throw new InvalidDataException("the encrypted file is cut short, or not what was sealed", error);
            }

            (at, end) = (0, length);
        }
    }
}
