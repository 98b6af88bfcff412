namespace Holdfast.Configuration.Tests;

/// <summary>Each kind of problem with its exact words.</summary>
public sealed class ProblemTests : IDisposable
{
    private readonly Workspace _workspace = new();

    public void Dispose() => _workspace.Dispose();

    [Theory]
    // Unknown keys.
    [InlineData("scrach: /tmp", "1:1: scrach is not a setting of this version; did you mean scratch?")]
    [InlineData(
        "alerts: [ { url: https://example.com } ]",
        "1:1: alerts is not a setting of this version; there are targets, databases, scratch"
    )]
    [InlineData(
        "heartbeat: https://example.com",
        "1:1: heartbeat is not a setting of this version; there are targets, databases, scratch"
    )]
    [InlineData(
        "timezone: UTC",
        "1:1: timezone is not a setting of this version; it belongs to databases.<database>.snapshots or databases.<database>.timeline"
    )]
    [InlineData(
        "targets: { a: { url: /a, secret_key: hunter2 } }",
        "1:26: targets.a.secret_key is not a setting of this version; did you mean secretKey?"
    )]
    // Values of another type.
    [InlineData("targets: [/a, /b]", "1:10: targets is a list, but takes the name of each target below it")]
    [InlineData("databases: app.db", "1:12: databases is a text, but takes the name of each database below it")]
    [InlineData("scratch: [/a]", "1:10: scratch is a list, but takes the path of a directory")]
    [InlineData("scratch: {a: b}", "1:10: scratch is a mapping, but takes the path of a directory")]
    [InlineData("scratch: {}", "1:10: scratch is a mapping, but takes the path of a directory")]
    [InlineData("scratch:", "1:1: scratch has no value; it takes the path of a directory")]
    [InlineData("scratch: ''", "1:1: scratch has no value; it takes the path of a directory")]
    [InlineData("scratch: \"a\\nb\"", "1:10: scratch holds a control character or a line break")]
    [InlineData(
        "targets: { a: [/x] }",
        "1:15: targets.a is a list, but takes settings below it: url, endpoint, region, pathStyle, accessKey, secretKey, sessionToken, caFile, lock, expire, enforcedBy, encryption, vault, recipients"
    )]
    [InlineData("targets: { a: }", "1:12: targets.a.url is missing; write for example url: /var/backups/app")]
    // Targets.
    [InlineData(
        "targets: { a: { url: gs://bucket } }",
        "1:22: targets.a.url: \"gs://bucket\" is not an address that this version can write to; write a directory or s3://bucket/prefix"
    )]
    [InlineData(
        "targets: { a: s3:///prefix }",
        "1:15: targets.a.url: \"s3:///prefix\" is not of the form s3://bucket/prefix"
    )]
    [InlineData(
        "targets: { a: s3://key:hunter2@bucket }",
        "1:15: targets.a.url: \"s3://key:***@bucket\" holds a user or a key; write those as accessKey and secretKey"
    )]
    [InlineData(
        "targets: { a: { url: /a, region: x } }",
        "1:26: targets.a.region is for s3:// targets only; targets.a is a directory"
    )]
    [InlineData(
        "targets: { a: { url: /a, lock: { mode: governance, for: 30d } } }",
        "1:26: targets.a.lock is for s3:// targets only; targets.a is a directory"
    )]
    [InlineData(
        "targets: { a: { url: s3://b, lock: { mode: forever, for: 30d } } }",
        "1:44: targets.a.lock.mode: \"forever\" is not one of compliance or governance"
    )]
    [InlineData(
        "targets: { a: { url: s3://b, lock: { mode: governance } } }",
        "1:30: targets.a.lock.for is missing; write for example for: 30d"
    )]
    [InlineData(
        "targets: { a: { url: s3://b, lock: { mode: governance, for: 5m } } }",
        "1:61: targets.a.lock.for: \"5m\" is not from 1h to 3650d"
    )]
    [InlineData(
        "targets: { a: { url: s3://b, lock: governance } }",
        "1:36: targets.a.lock is a text, but takes settings below it: mode, for"
    )]
    [InlineData(
        "targets: { a: { url: s3://b, expire: { accessKey: k } } }",
        "1:30: targets.a.expire.secretKey is missing; write for example secretKey: ${file:/run/secrets/holdfast-expire}"
    )]
    [InlineData(
        "targets: { a: { url: /a, enforcedBy: bucket } }",
        "1:26: targets.a.enforcedBy: a directory has no lifecycle rules; only tool can delete here"
    )]
    [InlineData(
        "targets: { a: { url: /a, enforcedBy: both } }",
        "1:38: targets.a.enforcedBy: \"both\" is not one of tool or bucket"
    )]
    [InlineData(
        "targets: { a: { url: 's3://b', pathStyle: yes } }",
        "1:43: targets.a.pathStyle: \"yes\" is neither true nor false"
    )]
    [InlineData(
        "targets: { a: { url: 's3://b', endpoint: 'host:1' } }",
        "1:42: targets.a.endpoint: \"host:1\" is not of the form http://host:port or https://host:port"
    )]
    [InlineData(
        "targets: { a: { url: 's3://b', endpoint: 'http://u:hunter2@host' } }",
        "1:42: targets.a.endpoint: \"http://u:***@host\" is not of the form http://host:port or https://host:port"
    )]
    [InlineData("targets: { a: { url: 's3://b', accessKey: x } }", "1:32: targets.a.accessKey needs secretKey, too")]
    [InlineData("targets: { a: { url: 's3://b', secretKey: x } }", "1:32: targets.a.secretKey needs accessKey, too")]
    [InlineData(
        "targets: { a: { url: 's3://b', sessionToken: x } }",
        "1:32: targets.a.sessionToken needs secretKey, too"
    )]
    [InlineData(
        "targets: { a: 'rclone:remote' }",
        "1:15: targets.a.url: \"rclone:remote\" is not an address that this version can write to; write a directory or s3://bucket/prefix"
    )]
    // Names.
    [InlineData(
        "targets: { a b: /a }",
        "1:12: targets.a b is not a name; take up to 64 letters, digits, \".\", \"_\" and \"-\", a letter or digit first"
    )]
    [InlineData(
        "targets: { /var/backups: /a }",
        "1:12: targets./var/backups looks like a path; give the target a name, and write the path below it"
    )]
    [InlineData(
        "targets: { a: /a, A: /b }",
        "1:19: targets.A is given twice, first in line 1 (upper and lower case are the same)"
    )]
    [InlineData("targets: { a: /a, a: /b }", "1:19: targets.a is given twice, first in line 1")]
    public void Load_OneProblem_IsTold(string yaml, string expected) => AssertProblem(yaml, expected);

    [Theory]
    [InlineData("{}", "3:3: databases.app.source is missing; write for example source: /var/lib/app/app.db")]
    [InlineData(
        "{source: a, retention: 3}",
        "3:20: databases.app.retention is not a setting of this version; there are source, snapshots, timeline, objectives"
    )]
    [InlineData(
        "{source: a, schedule: daily}",
        "3:20: databases.app.schedule is not a setting of this version; there are source, snapshots, timeline, objectives"
    )]
    [InlineData(
        "{source: a, timeline: {to: b}}",
        "3:35: databases.app.timeline.to: \"b\" is not the name of a target; there are local, offsite"
    )]
    [InlineData(
        "{source: a, timeline: 48h}",
        "3:30: databases.app.timeline is a text, but takes settings below it: to, interval, switchToWal, spool, timezone, keep"
    )]
    [InlineData(
        "{source: a, timeline: {interval: 10ms}}",
        "3:41: databases.app.timeline.interval: \"10ms\" is not from 50ms to 1h"
    )]
    [InlineData(
        "{source: a, timeline: {spool: 1KiB}}",
        "3:38: databases.app.timeline.spool: \"1KiB\" is less than 1MiB"
    )]
    [InlineData(
        "{source: a, timeline: {spool: 1GB, keep: 48h}}",
        "3:49: databases.app.timeline.keep is a text, but takes rules below it, such as every-commit: 48h"
    )]
    [InlineData(
        "{source: a, timeline: {keep: {every-commit: 48h, hourly: often}}}",
        "3:65: databases.app.timeline.keep.hourly: \"often\" is neither a whole number such as 7 nor a duration such as 48h, 30d, 12w, 6m or 7y"
    )]
    [InlineData(
        "{source: a, timeline: {keep: {last: 3}}}",
        "3:38: databases.app.timeline.keep.last is not a setting of this version; it belongs to databases.<database>.snapshots.keep"
    )]
    [InlineData(
        "{source: a, timeline: {keep: {every-commit: 30m}}}",
        "3:52: databases.app.timeline.keep.every-commit: \"30m\" is neither forever nor a duration in h, d or w, such as 48h"
    )]
    [InlineData(
        "{source: a, timeline: {keep: {every-commit: 0h}}}",
        "3:52: databases.app.timeline.keep.every-commit: \"0h\" is not from 1h to 3650d"
    )]
    [InlineData(
        "{source: a, timeline: {to: local, keep: {offsite: {every-commit: 7d}}}}",
        "3:49: databases.app.timeline.keep.offsite: no copies go to offsite; add it to to, or remove its rules"
    )]
    [InlineData(
        "{source: '/var/t/*.db', snapshots: {name: 'a-{unix}.db'}}",
        "3:50: databases.app.snapshots.name: the copies of all files of the pattern would have the same names; put {database} into the name"
    )]
    [InlineData(
        "{source: a, drill: {schedule: daily}}",
        "3:20: databases.app.drill is not a setting of this version; there are source, snapshots, timeline, objectives"
    )]
    [InlineData(
        "{source: a, keep: {last: 3}}",
        "3:20: databases.app.keep is not a setting of this version; it belongs to databases.<database>.snapshots or databases.<database>.timeline"
    )]
    [InlineData(
        "{source: a, snapshots: daily}",
        "3:31: databases.app.snapshots is a text, but takes settings below it: to, timezone, method, checkpoint, busyTimeout, check, name, compress, level, compressAbove, encrypt, keep"
    )]
    [InlineData(
        "{source: a, objectives: {rpo: 15}}",
        "3:38: databases.app.objectives.rpo: \"15\" is not a duration; write a number and ms, s, m, h, d or w, such as 30s"
    )]
    [InlineData(
        "{source: a, objectives: {rto: 0s}}",
        "3:38: databases.app.objectives.rto: \"0s\" is not from 1s to 3650d"
    )]
    public void Load_OneProblemOfADatabase_IsTold(string database, string expected) =>
        AssertProblem($"targets: {{local: /b, offsite: s3://b}}\ndatabases:\n  app: {database}\n", expected);

    [Theory]
    [InlineData(
        "schedule: daily",
        "5:7: databases.app.snapshots.schedule is not a setting of this version; there are to, timezone, method, checkpoint, busyTimeout, check, name, compress, level, compressAbove, encrypt, keep"
    )]
    [InlineData(
        "compres: gzip",
        "5:7: databases.app.snapshots.compres is not a setting of this version; did you mean compress?"
    )]
    [InlineData(
        "busy-timeout: 3s",
        "5:7: databases.app.snapshots.busy-timeout is not a setting of this version; did you mean busyTimeout?"
    )]
    [InlineData(
        "to: offsit",
        "5:11: databases.app.snapshots.to: \"offsit\" is not the name of a target; did you mean offsite?"
    )]
    [InlineData(
        "to: [nas]",
        "5:12: databases.app.snapshots.to: \"nas\" is not the name of a target; there are local, offsite"
    )]
    [InlineData(
        "to: [/b]",
        "5:12: databases.app.snapshots.to: \"/b\" is not the name of a target; write the address below targets, and its name here"
    )]
    [InlineData("to: [local, Local]", "5:19: databases.app.snapshots.to names local twice")]
    [InlineData("to: []", "5:11: databases.app.snapshots.to takes a list of names of targets, such as [local]")]
    [InlineData("to: {local: 1}", "5:11: databases.app.snapshots.to takes a list of names of targets, such as [local]")]
    [InlineData("to: [[local]]", "5:12: databases.app.snapshots.to is a list, but takes the name of a target")]
    [InlineData(
        "timezone: Europe/Berln",
        "5:17: databases.app.snapshots.timezone: \"Europe/Berln\" is not a time zone; did you mean Europe/Berlin?"
    )]
    [InlineData(
        "timezone: ../../../etc/passwd",
        "5:17: databases.app.snapshots.timezone: \"../../../etc/passwd\" is not a time zone; write an IANA name such as Europe/Berlin"
    )]
    [InlineData("method: copy", "5:15: databases.app.snapshots.method: \"copy\" is not one of online or vacuum-into")]
    [InlineData(
        "checkpoint: full",
        "5:19: databases.app.snapshots.checkpoint: \"full\" is not one of none, passive or truncate"
    )]
    [InlineData("busyTimeout: 2h", "5:20: databases.app.snapshots.busyTimeout: \"2h\" is not from 0s to 1h")]
    [InlineData(
        "busyTimeout: soon",
        "5:20: databases.app.snapshots.busyTimeout: \"soon\" is not a duration; write a number and ms, s, m, h, d or w, such as 30s"
    )]
    [InlineData("check: full", "5:14: databases.app.snapshots.check: \"full\" is not one of integrity or quick")]
    [InlineData(
        "compress: brotli",
        "5:17: databases.app.snapshots.compress: \"brotli\" is not one of none, gzip or zstd"
    )]
    [InlineData("level: x", "5:14: databases.app.snapshots.level: \"x\" is not a whole number from 0 to 19")]
    [InlineData("level: 20", "5:14: databases.app.snapshots.level: \"20\" is not a whole number from 0 to 19")]
    [InlineData("level: 10", "5:14: databases.app.snapshots.level: gzip has levels from 0 to 9")]
    [InlineData("compress: zstd, level: 0", "5:30: databases.app.snapshots.level: zstd has levels from 1 to 19")]
    [InlineData(
        "compress: none, level: 6",
        "5:23: databases.app.snapshots.level means nothing with compress: none; remove one of them"
    )]
    [InlineData(
        "compress: none, compressAbove: 1MiB",
        "5:23: databases.app.snapshots.compressAbove means nothing with compress: none; remove one of them"
    )]
    [InlineData(
        "compressAbove: 1mb",
        "5:22: databases.app.snapshots.compressAbove: \"1mb\" is not a size; write a number and B, KB, MB, GB, TB, KiB, MiB, GiB or TiB, such as 1MiB"
    )]
    [InlineData(
        "keep: 30d",
        "5:13: databases.app.snapshots.keep is a text, but takes rules below it, such as within: 30d"
    )]
    [InlineData(
        "keep: [last]",
        "5:13: databases.app.snapshots.keep is a list, but takes rules below it, such as within: 30d"
    )]
    [InlineData(
        "keep: {lst: 3}",
        "5:14: databases.app.snapshots.keep.lst is not a setting of this version; did you mean last?"
    )]
    [InlineData(
        "keep: {last: 0}",
        "5:20: databases.app.snapshots.keep.last: \"0\" is not a whole number from 1 on, such as 3"
    )]
    [InlineData(
        "keep: {within: 30}",
        "5:22: databases.app.snapshots.keep.within: \"30\" is not a duration such as 48h, 30d, 12w, 6m or 7y"
    )]
    [InlineData(
        "keep: {daily: often}",
        "5:21: databases.app.snapshots.keep.daily: \"often\" is neither a whole number such as 7 nor a duration such as 48h, 30d, 12w, 6m or 7y"
    )]
    [InlineData("keep: {forever: 1}", "5:23: databases.app.snapshots.keep.forever: \"1\" is neither true nor false")]
    [InlineData(
        "keep: {grace: 0d}",
        "5:21: databases.app.snapshots.keep.grace: \"0d\" is neither none nor a duration such as 48h or 7d"
    )]
    [InlineData(
        "keep: {local: 30d}",
        "5:14: databases.app.snapshots.keep.local is a target and takes rules below it, such as within: 30d"
    )]
    [InlineData(
        "keep: {last: 3, local: {last: 3}}",
        "5:14: databases.app.snapshots.keep holds both rules and targets; write the rules of every target below its name"
    )]
    [InlineData(
        "keep: {locl: {last: 3}}",
        "5:14: databases.app.snapshots.keep.locl: \"locl\" is not the name of a target; did you mean local?"
    )]
    [InlineData(
        "keep: {local: {last: many}}",
        "5:28: databases.app.snapshots.keep.local.last: \"many\" is not a whole number from 1 on, such as 3"
    )]
    [InlineData(
        "to: local, keep: {offsite: {last: 3}}",
        "5:25: databases.app.snapshots.keep.offsite: no copies go to offsite; add it to to, or remove its rules"
    )]
    public void Load_OneProblemOfSnapshots_IsTold(string snapshots, string expected) =>
        AssertProblem(
            $"targets: {{local: /b, offsite: s3://b}}\ndatabases: {{app: {{source: app.db,\n snapshots:\n  {{\n      {snapshots}\n}}}}}}",
            expected
        );

    [Theory]
    [InlineData(
        "backups",
        "2:5: databases.a.snapshots.name: the name template 'backups' cannot be used: it needs {time:…}, {local:…} or {unix}, and just one of them: copies are chosen by the time in their name"
    )]
    [InlineData(
        "a-{unix}-{seq}.db",
        "2:5: databases.a.snapshots.name: the name template 'a-{unix}-{seq}.db' cannot be used: there is no {seq}; there are {database}, {time:…}, {local:…}, {unix}, {reason}, {id}"
    )]
    [InlineData("${env:X}", "2:5: databases.a.snapshots.name: ${env:X} is not a template of names")]
    public void Load_NameThatIsNoTemplate_IsTold(string name, string expected)
    {
        _workspace.Set("X", "hunter2");
        AssertProblem(
            $"databases: {{a: {{source: a.db, snapshots: {{name:\n    '{name}'}}}}}}\ntargets: {{t: /b}}",
            expected
        );
    }

    [Fact]
    public void Load_TwoDatabasesWithTheSameNames_AreTold() =>
        AssertProblem(
            """
            targets: {t: /b, u: /c, v: /b/}
            databases:
              a: {source: a.db, snapshots: {to: t, name: "x-{unix}.db"}}
              b: {source: b.db, snapshots: {to: u, name: "x-{unix}.db"}}
              c: {source: c.db, snapshots: {to: v, name: "x-{unix}.db"}}
              x: {source: c.db, snapshots: {to: [u], name: "{database}-{unix}.db"}}
              y: {source: c.db, snapshots: {to: [u], name: "{database}-{unix}.db"}}
            """,
            "5:46: databases.c.snapshots.name: the copies of a and c would have the same names at v; put {database} into the name",
            "6:48: databases.x.snapshots.name: the copies of b and x would have the same names at u; put {database} into the name"
        );

    [Fact]
    public void Load_TwoTargetsThatAreOnePlace_AreTold() =>
        AssertProblem(
            "targets: {t: /b, u: /x/../b/, v: 's3://b', w: {url: 's3://b/', endpoint: 'http://h'}}\ndatabases: {a: {source: a.db}}",
            "2:13: databases.a goes to t and u, which are the same place"
        );

    [Fact]
    public void Load_TwoTargetsOfATimelineThatAreOnePlace_AreTold() =>
        AssertProblem(
            "targets: {t: /b, u: /x/../b/}\ndatabases: {a: {source: a.db, timeline: , snapshots: {to: t}}}",
            "2:13: databases.a goes to t and u, which are the same place"
        );

    [Fact]
    public void Load_NameThatAFileOfAPatternCouldHave_IsTold() =>
        AssertProblem(
            "targets: {t: /b}\ndatabases:\n  tenants: {source: /var/*.db}\n  Tenants-x: {source: x.db}\n",
            "4:3: databases.Tenants-x could be the name of a file of the pattern tenants; give it a name that does not begin with tenants-"
        );

    [Fact]
    public void Load_SettingOfATargetInItsAddress_IsTold() =>
        AssertProblem(
            "targets: {t: {url: 's3://b?endpoint=http://h&retries=9', endpoint: 'http://i', region: r}}",
            "1:58: targets.t.endpoint is in url, too; remove one of them"
        );

    [Fact]
    public void Load_DatabaseNamedAsPath_IsTold() =>
        AssertProblem(
            "targets: {local: /b}\ndatabases: {app.db: {source: app.db}}",
            "2:13: databases.app.db looks like a path; give the database a name, and write the path below it"
        );

    [Fact]
    public void Load_DatabaseWithoutTargets_IsTold() =>
        AssertProblem(
            "databases: {app: {source: app.db}}",
            "1:13: databases.app has nowhere to go: there are no targets; add one below targets"
        );

    [Fact]
    public void Load_ManyProblems_AreAllToldInTheOrderOfTheFile()
    {
        _workspace.Set("HOLDFAST__scratch", "");
        _workspace.Set("HOLDFAST__databases__app__snapshots__chek", "quick");

        var problems = _workspace.Problems(
            """
            databases:
              app:
                sorce: app.db
                snapshots: { level: high, to: [elsewhere], keep: { within: long } }
              app:
                source: app.db
            targets: { local: { endpoint: http://x } }
            """
        );

        Assert.Equal(
            [
                "holdfast.yaml:2:3: databases.app.source is missing; write for example source: /var/lib/app/app.db",
                "holdfast.yaml:3:5: databases.app.sorce is not a setting of this version; did you mean source?",
                "holdfast.yaml:4:25: databases.app.snapshots.level: \"high\" is not a whole number from 0 to 19",
                "holdfast.yaml:4:36: databases.app.snapshots.to: \"elsewhere\" is not the name of a target; there are local",
                "holdfast.yaml:4:64: databases.app.snapshots.keep.within: \"long\" is not a duration such as 48h, 30d, 12w, 6m or 7y",
                "holdfast.yaml:5:3: databases.app is given twice, first in line 2",
                "holdfast.yaml:7:12: targets.local.url is missing; write for example url: /var/backups/app",
                "HOLDFAST__databases__app__snapshots__chek: databases.app.snapshots.chek is not a setting of this version; did you mean check?",
                "HOLDFAST__scratch: scratch has no value; it takes the path of a directory",
            ],
            problems
        );
    }

    private void AssertProblem(string yaml, params string[] expected) =>
        Assert.Equal(expected.Select(problem => $"holdfast.yaml:{problem}"), _workspace.Problems(yaml));
}
