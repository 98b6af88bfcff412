using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Holdfast.Configuration.Tests;

/// <summary>
/// Checks JSON against the part of JSON schema that ours uses; a word that it does not know fails, so that no rule of
/// the schema goes unheeded here.
/// </summary>
internal sealed class SchemaCheck(string schema)
{
    private readonly JsonObject _root = JsonNode.Parse(schema)!.AsObject();

    public string? FirstError(JsonNode? value) => Check(_root, value, "$");

    private string? Check(JsonObject schema, JsonNode? value, string path)
    {
        foreach (var (word, rule) in schema)
        {
            if (CheckWord(schema, word, rule!, value, path) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private string? CheckWord(JsonObject schema, string word, JsonNode rule, JsonNode? value, string path) =>
        word switch
        {
            "$schema" or "$defs" or "title" or "description" or "default" or "properties" => null,
            "$ref" => Check(_root["$defs"]![rule.GetValue<string>()["#/$defs/".Length..]]!.AsObject(), value, path),
            "anyOf" => rule.AsArray().Any(option => Check(option!.AsObject(), value, path) is null)
                ? null
                : $"{path}: anyOf",
            "type" => Names(rule).Any(type => IsOf(type, value)) ? null : $"{path}: type",
            "enum" => rule.AsArray().Any(option => JsonNode.DeepEquals(option, value)) ? null : $"{path}: enum",
            "pattern" => value?.GetValueKind() != JsonValueKind.String
            || Regex.IsMatch(value.GetValue<string>(), rule.GetValue<string>())
                ? null
                : $"{path}: pattern",
            "minLength" => value?.GetValueKind() != JsonValueKind.String
            || value.GetValue<string>().Length >= rule.GetValue<int>()
                ? null
                : $"{path}: minLength",
            "minimum" => value?.GetValueKind() != JsonValueKind.Number
            || value.GetValue<double>() >= rule.GetValue<int>()
                ? null
                : $"{path}: minimum",
            "maximum" => value?.GetValueKind() != JsonValueKind.Number
            || value.GetValue<double>() <= rule.GetValue<int>()
                ? null
                : $"{path}: maximum",
            "minItems" => value is not JsonArray array || array.Count >= rule.GetValue<int>()
                ? null
                : $"{path}: minItems",
            "uniqueItems" => value is not JsonArray array
            || array.Select(item => item?.ToJsonString()).Distinct().Count() == array.Count
                ? null
                : $"{path}: uniqueItems",
            "items" => (value as JsonArray)
                ?.Select(item => Check(rule.AsObject(), item, $"{path}[]"))
                .FirstOrDefault(error => error is not null),
            "required" => value is not JsonObject given
            || rule.AsArray().All(key => given.ContainsKey(key!.GetValue<string>()))
                ? null
                : $"{path}: required",
            "propertyNames" => (value as JsonObject)
                ?.Select(pair => Check(rule.AsObject(), pair.Key, $"{path}.{pair.Key}"))
                .FirstOrDefault(error => error is not null),
            "additionalProperties" => (value as JsonObject)
                ?.Select(pair => Property(schema, rule, pair, path))
                .FirstOrDefault(error => error is not null),
            _ => throw new InvalidOperationException($"{path}: the check does not know {word}"),
        };

    private string? Property(JsonObject schema, JsonNode additional, KeyValuePair<string, JsonNode?> pair, string path)
    {
        var inner = $"{path}.{pair.Key}";
        if (schema["properties"]?[pair.Key] is JsonObject property)
        {
            return Check(property, pair.Value, inner);
        }

        return additional is JsonObject other ? Check(other, pair.Value, inner) : $"{inner}: additionalProperties";
    }

    private static IEnumerable<string> Names(JsonNode rule) =>
        rule is JsonArray names ? names.Select(name => name!.GetValue<string>()) : [rule.GetValue<string>()];

    private static bool IsOf(string type, JsonNode? value) =>
        type switch
        {
            "null" => value is null,
            "object" => value is JsonObject,
            "array" => value is JsonArray,
            "string" => value?.GetValueKind() == JsonValueKind.String,
            "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
            "integer" => value?.GetValueKind() == JsonValueKind.Number,
            _ => throw new InvalidOperationException($"the check does not know the type {type}"),
        };
}
