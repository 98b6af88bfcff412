using System.CommandLine;
using System.Text.Json.Nodes;
using Holdfast.Cli.CommandLine;
using Holdfast.Cli.Output;
using Holdfast.Cli.Setup;
using Holdfast.Configuration;
using Holdfast.Configuration.Presentation;

namespace Holdfast.Cli.Verbs;

/// <summary><c>holdfast config</c>: what holds, whether it is right, and its schema.</summary>
internal static class ConfigCommand
{
    public static Command Create() =>
        new Command("config", "Show, validate or describe the configuration").With(
            CommandExtensions
                .Describe("show", "What holds, and where each value comes from; no secrets", "holdfast config show")
                .Does((session, _) => Task.FromResult(Show(session))),
            CommandExtensions
                .Describe("validate", "Tell everything that is wrong at once", "holdfast config validate")
                .Does((session, _) => Task.FromResult(Validate(session))),
            CommandExtensions
                .Describe("schema", "The JSON schema, for editors", "holdfast config schema > holdfast.schema.json")
                .Does(
                    (session, _) =>
                    {
                        session.Output.Raw(ConfigurationSchema.ToJson());
                        return Task.FromResult(0);
                    }
                )
        );

    private static int Show(Session session)
    {
        var loaded = HoldfastConfiguration.Read(Sources.Of(session));
        foreach (var setting in session.Output.IsJson ? loaded.View.Settings : [])
        {
            session.Output.Result(
                new JsonObject
                {
                    ["type"] = "setting",
                    ["path"] = setting.Path,
                    ["value"] = setting.Value,
                    ["origin"] = setting.Origin,
                }
            );
        }

        if (!session.Output.IsJson)
        {
            session.Output.Raw(loaded.View.ToYaml());
        }

        return loaded.Problems.Count == 0 ? 0 : throw new ConfigurationException(loaded.Problems);
    }

    private static int Validate(Session session)
    {
        var loaded = HoldfastConfiguration.Load(Sources.Of(session));

        // What the rooms understand of their own settings is a part of being right.
        var databases = loaded.Settings.Databases.Count == 0 ? [] : session.Workspace.Databases([], DatabaseOptions.To);
        session.Output.Result(
            new JsonObject
            {
                ["type"] = "valid",
                ["file"] = loaded.File,
                ["databases"] = databases.Count,
                ["targets"] = loaded.Settings.Targets.Count,
            },
            loaded.File is null
                ? "there is no configuration file; the environment is all there is"
                : $"{loaded.File} is valid: {Plural.Of(databases.Count, "database")}, {Plural.Of(loaded.Settings.Targets.Count, "target")}"
        );
        return 0;
    }
}
