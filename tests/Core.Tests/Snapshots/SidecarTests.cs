using Holdfast.Core.Retention;
using Holdfast.Core.Snapshots;
using Holdfast.Core.Stores;

namespace Holdfast.Core.Tests.Snapshots;

public class SidecarTests
{
    [Theory]
    [InlineData("app.db.gz.json", "app.db.gz", Sidecar.Manifest)]
    [InlineData("app.db.gz.verified.json", "app.db.gz", Sidecar.Verified)]
    [InlineData("app.db.gz.damaged.json", "app.db.gz", Sidecar.Damaged)]
    [InlineData("app.db.gz.pin.json", "app.db.gz", Sidecar.Pin)]
    [InlineData("app.db.gz.marked.json", "app.db.gz", Sidecar.Marked)]
    [InlineData("dir/app.json", "dir/app", Sidecar.Manifest)]
    public void Read_OfASidecar_TellsWhose(string key, string snapshot, Sidecar sidecar)
    {
        Assert.Equal((new ObjectKey(snapshot), sidecar), SidecarNames.Read(new ObjectKey(key)));
        Assert.Equal(key, sidecar.For(new ObjectKey(snapshot)).Value);
    }

    [Theory]
    [InlineData("app.db.gz")]
    [InlineData("app.JSON")]
    [InlineData("app.json.gz")]
    [InlineData(".json")]
    [InlineData("dir/.json")]
    [InlineData("dir/.pin.json", "dir/.pin")]
    [InlineData("..json")]
    [InlineData("...json")]
    [InlineData("dir/..verified.json", "dir/..verified")]
    public void Read_OfAForeignName_NeverFails(string key, string? takenAsManifestOf = null) =>
        Assert.Equal(
            takenAsManifestOf is null ? null : (new ObjectKey(takenAsManifestOf), Sidecar.Manifest),
            SidecarNames.Read(new ObjectKey(key))
        );

    [Theory]
    [InlineData(CopyState.Unverified)]
    [InlineData(CopyState.Good, Sidecar.Manifest)]
    [InlineData(CopyState.Good, Sidecar.Verified)]
    [InlineData(CopyState.Bad, Sidecar.Damaged)]
    [InlineData(CopyState.Bad, Sidecar.Damaged, Sidecar.Manifest, Sidecar.Verified)]
    [InlineData(CopyState.Unverified, Sidecar.Pin, Sidecar.Marked)]
    public void State_OfACopy_FollowsFromItsSidecars(CopyState expected, params Sidecar[] sidecars)
    {
        var key = new ObjectKey("app");
        var name = new SnapshotName(key, "app", default, 1, null, "00000000");
        Assert.Equal(expected, new SnapshotEntry(name, 1, sidecars.ToHashSet(), IsMissing: false).State);
        Assert.Equal(CopyState.Bad, new SnapshotEntry(name, 0, sidecars.ToHashSet(), IsMissing: true).State);
    }
}
