using FsCheck.Fluent;
using Holdfast.Core.Errors;
using Holdfast.Core.Vault;

namespace Holdfast.Core.Tests.Vault;

public class RecoveryKitTests
{
    private static readonly DateTimeOffset Made = new(2026, 3, 14, 15, 9, 26, TimeSpan.Zero);

    [Fact]
    public void Read_OfThePage_GivesKeyVaultAndTarget()
    {
        using var key = PrivateKey.New();
        var vault = KeyId.New();
        var page = RecoveryKit.Write(key, vault, "s3://bucket/a b?region=x", "kit", ["my app.db"], Made);
        using var read = RecoveryKit.ReadKey(page, "kit.txt");
        Assert.Equal(key.PublicKey, read.PublicKey);
        Assert.Equal(vault, RecoveryKit.ReadVault(page));
        Assert.Equal("s3://bucket/a b?region=x", RecoveryKit.ReadAddress(page));
        Assert.Contains("--from 's3://bucket/a b?region=x' --key-file kit.txt", page, StringComparison.Ordinal);
        Assert.InRange(page.Split('\n').Length, 10, 50);
        Assert.All(page.Split('\n'), line => Assert.True(line == line.TrimEnd(), line));
    }

    [Fact]
    public void Read_OfAPageThatWasTypedAgain_GivesTheKey() =>
        Properties.Hold(
            Gen.Choose(0, int.MaxValue - 1),
            _ => [],
            seed =>
            {
                using var key = PrivateKey.New();
                var page = RecoveryKit.Write(key, KeyId.New(), "./vault", "kit", [], Made);
                var typed = Typed(page, new Random(seed));
                using var read = RecoveryKit.ReadKey(typed, "it");
                Assert.Equal(key.PublicKey, read.PublicKey);
            },
            tests: 200
        );

    [Fact]
    public void Read_OfAMistypedKey_SaysSo()
    {
        using var key = PrivateKey.New();
        var line = string.Concat(KeyLines(RecoveryKit.Write(key, KeyId.New(), "x", "kit", [], Made)))
            .Replace(" ", "", StringComparison.Ordinal);
        Assert.Equal(60, line.Length);
        for (var at = 0; at < line.Length; at++)
        {
            foreach (var digit in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".Where(d => d != line[at]))
            {
                AssertWrong(line[..at] + digit + line[(at + 1)..], "mistyped");
            }

            if (at > 0 && line[at] != line[at - 1])
            {
                AssertWrong(line[..(at - 1)] + line[at] + line[at - 1] + line[(at + 1)..], "mistyped");
            }
        }

        AssertWrong(line[..59], "no key");
        AssertWrong("", "no key");
        AssertWrong("the page was here", "no key");
    }

    [Fact]
    public void Read_OfAPageOfAnEarlierVersion_GivesTheKey()
    {
        var page = File.ReadAllText(Path.Combine(Testing.Repository.Root, "tests/Core.Tests/golden/vault/kit-1.txt"));
        using var key = PrivateKey.Parse(
            Convert.FromHexString("f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2")
        );
        using var read = RecoveryKit.ReadKey(page, "it");
        Assert.Equal(key.PublicKey, read.PublicKey);
        Assert.Equal("00112233445566778899aabbccddeeff", RecoveryKit.ReadVault(page).ToString());
        Assert.True(KeyId.TryParse("00112233445566778899aabbccddeeff", out var vault));
        Assert.Equal(page, RecoveryKit.Write(key, vault, "s3://cellar/prod", "recovery kit", ["cellar"], Made));
    }

    private static void AssertWrong(string text, string why)
    {
        var error = Assert.Throws<HoldfastException>(() => RecoveryKit.ReadKey(text, "kit.txt"));
        Assert.Equal(ErrorCode.WrongKey, error.Code);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
        Assert.True(text.Length == 0 || !error.Message.Contains(text, StringComparison.Ordinal));
    }

    private static IEnumerable<string> KeyLines(string page) =>
        page.Split('\n').Where(line => line.StartsWith("    ", StringComparison.Ordinal) && line.Trim().Length == 26);

    /// <summary>As people type: another case, letters that look alike, spaces and line ends elsewhere, only the key or all.</summary>
    private static string Typed(string page, Random random)
    {
        var key = string.Concat(KeyLines(page).Select(line => line.Replace(" ", "", StringComparison.Ordinal)));
        var typed = string.Concat(
            key.Select(c =>
                (c, random.Next(4)) switch
                {
                    ('0', 0) => "O",
                    ('0', 1) => "o",
                    ('1', 0) => "I",
                    ('1', 1) => "l",
                    (_, 0) => $"{char.ToLowerInvariant(c)}",
                    (_, 1) when random.Next(6) == 0 => $"{c}-",
                    (_, 2) when random.Next(6) == 0 => $"{c} ",
                    (_, 3) when random.Next(20) == 0 => $"{c}\r\n\n   ",
                    _ => $"{c}",
                }
            )
        );
        return random.Next(3) switch
        {
            0 => typed,
            1 => $"Key: {typed}\n",
            _ => page[..page.IndexOf("    " + KeyLines(page).First().Trim(), StringComparison.Ordinal)]
                + typed
                + "\n"
                + page[page.IndexOf("  key id:", StringComparison.Ordinal)..],
        };
    }
}
