using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Holdfast.Agent.Control;
using Holdfast.Core.Errors;

namespace Holdfast.Agent.Tests;

public sealed class ControlTests
{
    [Fact]
    public async Task I_can_ask_an_agent_whose_directory_has_a_very_long_name()
    {
        await using var place = new AgentPlace();
        var database = place.Add("app");
        await place.StartAsync();
        var directory = place[$"{new string('a', 120)}/{new string('b', 120)}"];
        var server = await ControlServer.StartAsync(place.Agent, directory, TimeProvider.System);
        var client = new ControlClient(directory);

        var kept = Assert.Single(await client.ListAsync(AgentPlace.Deadline));
        Assert.Equal(database.Key, kept.Status.Key);
        Assert.Equal(TimelineState.Capturing, kept.Status.State);
        AgentPlace.Execute(database.Address, "INSERT INTO t VALUES (1)");
        var stored = await client.SyncAsync(kept, AgentPlace.Deadline);
        var point = await client.PutPointAsync(kept, "noon", AgentPlace.Deadline);
        Assert.Equal(stored, point);
        Assert.Contains(await place.StoredAsync(), name => name.EndsWith("-noon", StringComparison.Ordinal));

        var socket = Assert.Single(Directory.GetFiles(directory));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
        await server.DisposeAsync();
        Assert.Empty(Directory.GetFiles(directory));
        Assert.Empty(await client.ListAsync(AgentPlace.Deadline));
    }

    [Fact]
    public async Task A_failure_comes_to_whoever_asked_with_its_code_and_its_hint()
    {
        await using var place = new AgentPlace();
        _ = place.Add("gone", create: false);
        await place.StartAsync();
        await using var server = await ControlServer.StartAsync(place.Agent, place["agents"], TimeProvider.System);
        var client = new ControlClient(place["agents"]);

        var kept = Assert.Single(await client.ListAsync(AgentPlace.Deadline));

        Assert.Equal(TimelineState.Gone, kept.Status.State);
        var error = await Assert.ThrowsAsync<HoldfastException>(() => client.SyncAsync(kept, AgentPlace.Deadline));
        Assert.Equal(ErrorCode.SourceMissing, error.Code);
        Assert.Contains("there is no database at", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.Hint);
    }

    [Theory]
    [InlineData("rubbish\n")]
    [InlineData("{\"holdfast\":1}\n")]
    [InlineData("{\"holdfast\":1,\"request\":\"dance\"}\n")]
    [InlineData("{\"holdfast\":1,\"request\":\"sync\"}\n")]
    [InlineData("{\"holdfast\":2,\"request\":\"status\"}\n")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n")]
    public async Task Rubbish_is_answered_with_an_error_and_nothing_else_happens(string line)
    {
        await using var place = new AgentPlace();
        _ = place.Add("app");
        await place.StartAsync();
        await using var server = await ControlServer.StartAsync(place.Agent, place["agents"], TimeProvider.System);

        using var connection = await ConnectAsync(place);
        await connection.SendAsync(Encoding.UTF8.GetBytes(line));
        using var reader = new StreamReader(new NetworkStream(connection));
        var answer = JsonNode.Parse((await reader.ReadLineAsync(AgentPlace.Deadline))!)!;

        Assert.Equal(1, (int)answer["holdfast"]!);
        Assert.Equal(2, (int)answer["error"]!["code"]!);
        Assert.Single(await new ControlClient(place["agents"]).ListAsync(AgentPlace.Deadline));
    }

    [Fact]
    public async Task Those_who_hang_or_send_megabytes_do_not_keep_others_from_asking()
    {
        await using var place = new AgentPlace();
        _ = place.Add("app");
        await place.StartAsync();
        await using var server = await ControlServer.StartAsync(place.Agent, place["agents"], TimeProvider.System);
        var hanging = new List<Socket>();
        for (var i = 0; i < 20; i++)
        {
            hanging.Add(await ConnectAsync(place));
        }

        using var flooding = await ConnectAsync(place);
        var megabytes = new byte[10 << 20];
        Array.Fill(megabytes, (byte)'x');
        _ = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            for (var sent = 0; sent < megabytes.Length; )
            {
                sent += await flooding.SendAsync(megabytes.AsMemory(sent), AgentPlace.Deadline);
            }
        });

        Assert.Single(await new ControlClient(place["agents"]).ListAsync(AgentPlace.Deadline));
        hanging.ForEach(socket => socket.Dispose());
    }

    [Fact]
    public async Task A_socket_that_a_killed_agent_left_is_removed()
    {
        await using var place = new AgentPlace();
        Directory.CreateDirectory(place["agents"]);
        using (var left = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            left.Bind(new UnixDomainSocketEndPoint(place["agents/other"]));
            File.Move(place["agents/other"], place["agents/999999.sock"]);
        }

        Assert.Single(Directory.GetFiles(place["agents"]));
        Assert.Empty(await new ControlClient(place["agents"]).ListAsync(AgentPlace.Deadline));
        Assert.Empty(Directory.GetFiles(place["agents"]));
    }

    [Fact]
    public async Task Two_agents_of_one_process_number_both_answer()
    {
        await using var one = new AgentPlace();
        await using var two = new AgentPlace();
        _ = one.Add("one");
        _ = two.Add("two");
        await one.StartAsync();
        await two.StartAsync();
        await using var first = await ControlServer.StartAsync(one.Agent, one["agents"], TimeProvider.System);
        await using var second = await ControlServer.StartAsync(two.Agent, one["agents"], TimeProvider.System);

        var kept = await new ControlClient(one["agents"]).ListAsync(AgentPlace.Deadline);

        Assert.Equal(["one", "two"], kept.Select(timeline => timeline.Status.Database).Order());
    }

    private static async Task<Socket> ConnectAsync(AgentPlace place)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(
            new UnixDomainSocketEndPoint(Assert.Single(Directory.GetFiles(place["agents"], "*.sock")))
        );
        return socket;
    }
}
