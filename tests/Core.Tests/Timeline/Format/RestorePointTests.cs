using System.Text;
using Holdfast.Core.Errors;
using Holdfast.Core.Stores;
using Holdfast.Core.Timeline.Format;

namespace Holdfast.Core.Tests.Timeline.Format;

public class RestorePointTests
{
    private static readonly RestorePoint Example = new()
    {
        Commit = 48_213,
        Time = Segments.Time,
        Reason = "before „drop“",
    };

    [Fact]
    public void Parse_OfWhatWasWritten_GivesTheSame() => Assert.Equal(Example, RestorePoint.Parse(Bytes(), "it"));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"holdfast\":1}")]
    [InlineData("{\"holdfast\":0,\"commit\":5,\"time\":\"2026-03-14T15:09:26Z\",\"reason\":\"\"}")]
    [InlineData("{\"holdfast\":1,\"commit\":0,\"time\":\"2026-03-14T15:09:26Z\",\"reason\":\"\"}")]
    [InlineData("{\"holdfast\":1,\"commit\":5,\"time\":\"2026-03-14T15:09:26Z\",\"reason\":null}")]
    [InlineData("{\"holdfast\":1,\"commit\":5,\"commit\":6,\"time\":\"2026-03-14T15:09:26Z\",\"reason\":\"\"}")]
    public void Parse_OfSomethingElse_IsDamage(string text)
    {
        var error = Assert.Throws<StoreException>(() => RestorePoint.Parse(Encoding.UTF8.GetBytes(text), "it"));
        Assert.Equal(StoreFault.Damaged, error.Fault);
    }

    [Fact]
    public void Parse_OfALaterVersion_AsksForANewerReader()
    {
        var error = Assert.Throws<HoldfastException>(() => RestorePoint.Parse("{\"holdfast\":2}"u8, "it"));
        Assert.Equal(ErrorCode.Failure, error.Code);
        Assert.Contains("newer", error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void ToContent_OfAVeryLongReason_IsShortEnoughToBeReadAgain()
    {
        var content = (Example with { Reason = new string('\u2028', 100_000) }).ToContent();
        Assert.InRange(content.Length, 1, RestorePoint.MaxBytes);
    }

    private static byte[] Bytes()
    {
        using var bytes = new MemoryStream();
        using var content = Example.ToContent().OpenRead();
        content.CopyTo(bytes);
        return bytes.ToArray();
    }
}
