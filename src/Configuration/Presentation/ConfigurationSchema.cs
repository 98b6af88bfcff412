using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Reading;

namespace Holdfast.Configuration.Presentation;

/// <summary>The JSON schema (draft 2020-12) of a configuration file, for editors.</summary>
public static class ConfigurationSchema
{
    private const string Reference = "reference";
    private const string Name = "name";

    /// <summary>The schema, indented, with a line break at its end.</summary>
    public static string ToJson()
    {
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "Configuration of Holdfast",
        };
        foreach (var (key, value) in Group(RootDefinition.Group))
        {
            schema[key] = value?.DeepClone();
        }

        schema["$defs"] = new JsonObject
        {
            [Name] = new JsonObject { ["type"] = "string", ["pattern"] = NameRule.Pattern },
            [Reference] = new JsonObject
            {
                ["description"] = "A text that is elsewhere: ${env:NAME} or ${file:/path}.",
                ["type"] = "string",
                ["pattern"] = @"\$\{(env:[A-Za-z_][A-Za-z0-9_]*|file:/[^}]*)\}",
            },
            [KeepDefinition.Rules.Key] = Group(KeepDefinition.Rules),
            [TimelineDefinition.Rules.Key] = Group(TimelineDefinition.Rules),
        };
        return Indented(schema);
    }

    private static JsonObject Group(GroupSetting group)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach (var setting in group.Settings)
        {
            var property = Schema(setting);
            property["description"] = setting.Description;
            properties[setting.Key] = property;
            if (setting.Required)
            {
                required.Add((JsonNode)setting.Key);
            }
        }

        var schema = new JsonObject
        {
            ["description"] = group.Description,
            ["type"] = required.Count == 0 ? new JsonArray("object", "null") : "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
        if (required.Count > 0)
        {
            schema["required"] = required;
        }

        return schema;
    }

    private static JsonObject Schema(Setting setting) =>
        setting switch
        {
            ScalarSetting scalar => Scalar(scalar),
            GroupSetting group => Group(group),
            MapSetting map => Names(Element(map.Element)),
            KeepSetting { Rules.Key: var rules } => new JsonObject
            {
                ["anyOf"] = new JsonArray(To(rules), Names(To(rules))),
            },
            TargetListSetting => TargetList(),
            _ => throw new InvalidOperationException($"{setting.Key} has no schema"),
        };

    private static JsonObject Element(GroupSetting group) =>
        group.ShortForm is { } shortForm
            ? new JsonObject { ["anyOf"] = new JsonArray(Scalar(shortForm), Group(group)) }
            : Group(group);

    private static JsonObject Names(JsonObject element) =>
        new()
        {
            ["type"] = new JsonArray("object", "null"),
            ["propertyNames"] = To(Name),
            ["additionalProperties"] = element,
        };

    private static JsonObject TargetList() =>
        new()
        {
            ["anyOf"] = new JsonArray(
                To(Name),
                To(Reference),
                new JsonObject
                {
                    ["type"] = "array",
                    ["minItems"] = 1,
                    ["uniqueItems"] = true,
                    ["items"] = new JsonObject { ["anyOf"] = new JsonArray(To(Name), To(Reference)) },
                }
            ),
        };

    private static JsonObject Scalar(ScalarSetting setting)
    {
        var written = setting.Type.Schema();
        var fitsReferences = written.ContainsKey("minLength");
        var schema = fitsReferences ? written : new JsonObject { ["anyOf"] = new JsonArray(written, To(Reference)) };
        if (setting.Default is { } standard)
        {
            schema["default"] = setting.Type.IsText ? standard : JsonNode.Parse(standard);
        }

        return schema;
    }

    private static JsonObject To(string definition) => new() { ["$ref"] = $"#/$defs/{definition}" };

    private static string Indented(JsonObject schema)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var writer = new Utf8JsonWriter(buffer, options))
        {
            schema.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }
}
