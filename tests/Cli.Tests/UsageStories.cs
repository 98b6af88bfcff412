using Holdfast.Cli.Tests.Driving;

namespace Holdfast.Cli.Tests;

public sealed class UsageStories : IDisposable
{
    private readonly Place place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task I_see_the_help_when_I_say_nothing()
    {
        (await place.RunAsync()).Ends(2).SaysNothing().Tells("Usage:  holdfast", "backup", "restore");
        (await place.RunAsync("--help")).Ends(0).Says("Usage:  holdfast", "backup", "restore").TellsNothing();
        (await place.RunAsync("config")).Ends(2).SaysNothing().Tells("Usage:  holdfast config", "validate");
        (await place.RunAsync("--version")).Ends(0).Says("0.").TellsNothing();
    }

    [Fact]
    public async Task I_see_what_I_meant_when_I_mistype()
    {
        (await place.RunAsync("bakcup", "app.db"))
            .Ends(2)
            .SaysNothing()
            .Tells("'bakcup' is no command", "try: holdfast backup");
        (await place.RunAsync("list", "--form", "x")).Ends(2).Tells("no option '--form'", "holdfast list --from");
        (await place.RunAsync("config", "shwo"))
            .Ends(2)
            .Tells("'shwo' is no command of holdfast config", "config show");
        (await place.RunAsync("list", "a", "b")).Ends(2).Tells("'b' is one argument too many");
        (await place.RunAsync("backup", "--to")).Ends(2).Tells("--to", "holdfast backup --help");
        (await place.RunAsync("backup", "app.db", "--compress", "rar")).Ends(2).Tells("rar", "gzip");
        (await place.RunAsync("backup", "app.db", "--level", "high")).Ends(2).Tells("high");
    }

    [Fact]
    public async Task I_get_usage_errors_as_JSON_too()
    {
        var run = (await place.RunAsync("list", "--json", "--form", "x")).Ends(2).TellsNothing();
        var error = Assert.Single(run.Json);
        Assert.Equal("error", (string)error["type"]!);
        Assert.Equal(2, (int)error["code"]!);
        Assert.Equal("holdfast list --from", (string)error["hint"]!);
        Assert.Equal(2, (int)Assert.Single((await place.RunAsync("--json")).Ends(2).Json)["code"]!);
    }

    [Theory]
    [InlineData("ftp://host/x", "'ftp:' is no kind of target")]
    [InlineData("s3://key:secret-word@bucket/x", "keys do not belong")]
    [InlineData("s3://bucket/x?secretKey=secret-word", "keys do not belong")]
    [InlineData("s3://bucket/x?endpoit=http://127.0.0.1", "'endpoit' is no parameter")]
    [InlineData("s3://bucket/x", "region")]
    [InlineData("s3://", "no bucket")]
    [InlineData("", "is empty")]
    public async Task I_am_told_what_is_wrong_with_an_address(string address, string reason)
    {
        place.Bank();
        var run = (await place.RunAsync("backup", "app.db", "--to", address)).Ends(2).SaysNothing().Tells(reason);
        Assert.DoesNotContain("secret-word", run.Errors);
    }

    [Fact]
    public async Task I_am_told_which_value_is_wrong()
    {
        place.Bank();
        (await place.RunAsync("backup", "app.db", "--compress-above", "much")).Ends(2).Tells("'much'");
        (await place.RunAsync("backup", "app.db", "--keep", "daily=often")).Ends(2).Tells("often");
        (await place.RunAsync("backup", "app.db", "--name", "{databse}")).Ends(2).Tells("databse");
        (await place.RunAsync("backup", "app.db", "--level", "99")).Ends(2).Tells("99");
        (await place.RunAsync("restore", "app.db", "--at", "whenever", "--output", "r.db")).Ends(2).Tells("whenever");
        Assert.Empty(place.Names());
    }

    [Fact]
    public async Task I_am_told_how_to_get_the_library_when_it_is_missing()
    {
        place.Bank();
        place.Variables["HOLDFAST_SQLITE_LIBRARY"] = "/nowhere/libsqlite3.so";
        var run = (await place.RunAsync("backup", "app.db")).Ends(1).SaysNothing();
        run.Tells("/nowhere/libsqlite3.so", "try: ");
        Assert.DoesNotContain("   at ", run.Errors);
    }

    [Fact]
    public async Task I_can_complete_verbs_and_options_in_bash()
    {
        (await CompleteAsync("holdfast ver")).Says("verify");
        Assert.DoesNotContain("backup", (await CompleteAsync("holdfast ver")).Output);
        (await CompleteAsync("holdfast list --fr")).Says("--from");
        (await CompleteAsync("holdfast config ")).Says("schema", "show", "validate");
        (await CompleteAsync("holdfast backup --compress ")).Says("gzip", "none", "zstd");
        foreach (var shell in (string[])["zsh", "fish"])
        {
            (await place.RunAsync("completion", shell)).Ends(0).Says("holdfast").TellsNothing();
        }

        (await place.RunAsync("completion", "tcsh")).Ends(2);
    }

    // What bash does when the tabulator is pressed at the end of a line.
    private async Task<CommandRun> CompleteAsync(string line)
    {
        const string Script = """
            source <(holdfast completion bash)
            COMP_LINE=$1 COMP_POINT=${#1}
            read -ra COMP_WORDS <<<"$1"
            [[ $1 = *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            "$(complete -p holdfast | sed 's/.*-F \([^ ]*\).*/\1/')"
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        return (await place.BashAsync(Script, line)).Ends(0).TellsNothing();
    }
}
