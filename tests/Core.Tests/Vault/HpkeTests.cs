using System.Security.Cryptography;
using System.Text;
using FsCheck.Fluent;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Tests.Vault;

/// <summary>
/// The appendix of RFC 9180 has no vector of exactly our suite: A.3.1 has our KEM and KDF with AES-128-GCM, A.5.1 with another
/// cipher whose keys are as long as ours. A message of our suite was made by another implementation.
/// </summary>
public class HpkeTests
{
    private const ushort Aes128Gcm = 1;
    private const ushort ChaCha20Poly1305 = 3;
    private static readonly byte[] Info = "Ode on a Grecian Urn"u8.ToArray();

    [Fact]
    public void Rfc9180_A31_IsMet()
    {
        using var recipient = Key("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2");
        Assert.Equal(
            "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0",
            Convert.ToHexStringLower(recipient.PublicKey.Bytes)
        );
        using var ephemeral = Key("4995788ef4b9d6132b249ce59a77281493eb39af373d236a1fe415cb0c2d7beb");
        Assert.Equal(
            "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
            Convert.ToHexStringLower(ephemeral.PublicKey.Bytes)
        );
        var secret = new byte[32];
        Hpke.SharedSecret(ephemeral, recipient.PublicKey, ephemeral.PublicKey.Bytes, recipient.PublicKey, secret);
        Assert.Equal(
            "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8",
            Convert.ToHexStringLower(secret)
        );
        var (key, nonce) = (new byte[16], new byte[12]);
        Hpke.Schedule(secret, Info, Aes128Gcm, key, nonce);
        Assert.Equal("868c066ef58aae6dc589b6cfdd18f97e", Convert.ToHexStringLower(key));
        Assert.Equal("4e0bc5018beba4bf004cca59", Convert.ToHexStringLower(nonce));
        var message = "Beauty is truth, truth beauty"u8;
        var (ciphertext, tag) = (new byte[message.Length], new byte[16]);
        using var aes = new AesGcm(key, tag.Length);
        aes.Encrypt(nonce, message, ciphertext, tag, "Count-0"u8);
        Assert.Equal(
            "5ad590bb8baa577f8619db35a36311226a896e7342a6d836d8b7bcd2f20b6c7f9076ac232e3ab2523f39513434",
            Convert.ToHexStringLower([.. ciphertext, .. tag])
        );
    }

    [Fact]
    public void Rfc9180_A51_IsMet()
    {
        using var recipient = Key("a4d1c55836aa30f9b3fbb6ac98d338c877c2867dd3a77396d13f68d3ab150d3b");
        var encapsulated = Convert.FromHexString(
            "04c07836a0206e04e31d8ae99bfd549380b072a1b1b82e563c935c095827824fc1559eac6fb9e3c70cd3193968994e7fe9781aa103f5b50e934b5b2f387e381291"
        );
        var secret = new byte[32];
        Hpke.SharedSecret(recipient, PublicKey.Parse(encapsulated), encapsulated, recipient.PublicKey, secret);
        Assert.Equal(
            "806520f82ef0b03c823b7fc524b6b55a088f566b9751b89551c170f4113bd850",
            Convert.ToHexStringLower(secret)
        );
        var (key, nonce) = (new byte[32], new byte[12]);
        Hpke.Schedule(secret, Info, ChaCha20Poly1305, key, nonce);
        Assert.Equal("a8f45490a92a3b04d1dbf6cf2c3939ad8bfc9bfcb97c04bffe116730c9dfe3fc", Convert.ToHexStringLower(key));
        Assert.Equal("726b4390ed2209809f58c693", Convert.ToHexStringLower(nonce));
    }

    [Fact]
    public void Open_OfAMessageOfAnotherImplementation_GivesIt()
    {
        using var recipient = Key("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2");
        var message = Hpke.Open(
            recipient,
            Convert.FromHexString(
                "046840977acd6b67363ba75dfdc38d54acf7b714db4599e66b770872bab85a88b0c56e092219818eb52353d623e03e129c42eeabd2e6d60a468190f60b1c507a2b"
            ),
            Info,
            [],
            Convert.FromHexString(
                "a537eb2d6bc4a46820915ad13678991b4c52ab5a4de111199b68be3b4508e4c02eff8a59fdea32c5615aa49c06"
            )
        );
        Assert.Equal("Beauty is truth, truth beauty", Encoding.ASCII.GetString(message));
    }

    [Fact]
    public void Open_OfWhatWasSealed_GivesIt() =>
        Properties.Hold(
            Gen.Choose(0, 300).SelectMany(length => Gen.Choose(0, 255).Select(b => (byte)b).ArrayOf(length)),
            _ => [],
            message =>
            {
                using var recipient = PrivateKey.New();
                var (key, stored) = Hpke.Seal(recipient.PublicKey, message, Info, message);
                Assert.Equal(message.Length + Hpke.TagLength, stored.Length);
                Assert.Equal(message, Hpke.Open(recipient, key, message, Info, stored));
            },
            tests: 50
        );

    [Fact]
    public void Open_OfAnythingElse_IsATypedError()
    {
        using var recipient = PrivateKey.New();
        using var other = PrivateKey.New();
        var (key, stored) = Hpke.Seal(recipient.PublicKey, Info, [1], [1, 2, 3]);
        Assert.Throws<AuthenticationTagMismatchException>(() => Hpke.Open(other, key, Info, [1], stored));
        Assert.Throws<AuthenticationTagMismatchException>(() => Hpke.Open(recipient, key, [], [1], stored));
        Assert.Throws<AuthenticationTagMismatchException>(() => Hpke.Open(recipient, key, Info, [], stored));
        Assert.Throws<FormatException>(() => Hpke.Open(recipient, key, Info, [1], stored.AsSpan(..15)));
        for (var bit = 0; bit < stored.Length * 8; bit++)
        {
            var changed = Flipped(stored, bit);
            Assert.Throws<AuthenticationTagMismatchException>(() => Hpke.Open(recipient, key, Info, [1], changed));
        }

        for (var bit = 0; bit < key.Length * 8; bit += 5)
        {
            // Off the curve, whichever coordinate.
            var changed = Flipped(key, bit);
            Assert.Throws<FormatException>(() => Hpke.Open(recipient, changed, Info, [1], stored));
        }
    }

    [Fact]
    public void PrivateKey_Parse_OfWhatIsNone_IsATypedError()
    {
        Assert.Throws<FormatException>(() => PrivateKey.Parse(new byte[31]));
        Assert.Throws<FormatException>(() => PrivateKey.Parse(new byte[32]));
        Assert.Throws<FormatException>(() => PrivateKey.Parse([.. Enumerable.Repeat((byte)255, 32)]));
    }

    private static byte[] Flipped(byte[] bytes, int bit)
    {
        var changed = bytes.ToArray();
        changed[bit / 8] ^= (byte)(1 << (bit % 8));
        return changed;
    }

    private static PrivateKey Key(string hex) => PrivateKey.Parse(Convert.FromHexString(hex));
}
