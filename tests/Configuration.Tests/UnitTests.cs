using Holdfast.Configuration.Units;

namespace Holdfast.Configuration.Tests;

public sealed class UnitTests
{
    [Theory]
    [InlineData("0B", 0)]
    [InlineData("1023B", 1023)]
    [InlineData("1KB", 1000)]
    [InlineData("1KiB", 1024)]
    [InlineData("3 MiB", 3 * 1024 * 1024)]
    [InlineData("2GB", 2_000_000_000)]
    [InlineData("2GiB", 2L << 30)]
    [InlineData("1TB", 1_000_000_000_000)]
    [InlineData("7TiB", 7L << 40)]
    [InlineData("9223372036854775807B", long.MaxValue)]
    public void ByteSize_Text_IsRead(string text, long bytes)
    {
        Assert.True(ByteSize.TryParse(text, out var size));
        Assert.Equal(bytes, size.Bytes);
        Assert.True(ByteSize.TryParse(size.ToString(), out var again));
        Assert.Equal(size, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("B")]
    [InlineData("1")]
    [InlineData("-1B")]
    [InlineData("1.5MiB")]
    [InlineData("1mib")]
    [InlineData("1Mi")]
    [InlineData(" 1MiB")]
    [InlineData("9223372036854775808B")]
    [InlineData("8388608TiB")]
    public void ByteSize_OtherText_IsRefused(string text) => Assert.False(ByteSize.TryParse(text, out _));

    [Theory]
    [InlineData("0s", 0)]
    [InlineData("1500ms", 1.5)]
    [InlineData("30s", 30)]
    [InlineData("15m", 900)]
    [InlineData("2 h", 7200)]
    [InlineData("7d", 604800)]
    [InlineData("2w", 1209600)]
    public void Duration_Text_IsRead(string text, double seconds)
    {
        Assert.True(DurationText.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromSeconds(seconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("30")]
    [InlineData("-1s")]
    [InlineData("1.5h")]
    [InlineData("1H")]
    [InlineData("1h30m")]
    [InlineData("99999999999999999999s")]
    [InlineData("10675200d")]
    public void Duration_OtherText_IsRefused(string text) => Assert.False(DurationText.TryParse(text, out _));

    [Theory]
    [InlineData("compres", "compress")]
    [InlineData("COMPRESS", "compress")]
    [InlineData("secret-key", "secretKey")]
    [InlineData("chekc", "check")]
    [InlineData("compression", "compress")]
    [InlineData("comp", "compress")]
    [InlineData("to", null)]
    [InlineData("schedule", null)]
    public void Nearest_Word_IsWhatWasMeant(string word, string? expected) =>
        Assert.Equal(expected, Nearest.Of(word, ["compress", "secretKey", "check", "keep"]));
}
