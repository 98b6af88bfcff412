using Holdfast.Configuration.Definition;
using Holdfast.Configuration.Settings;

namespace Holdfast.Configuration.Reading;

/// <summary>Reads a target, and checks that its settings go together.</summary>
internal static class TargetReader
{
    /// <summary>Reads a target.</summary>
    public static TargetSettings Read((string Name, GroupReader Group) entry)
    {
        var (name, group) = entry;
        var target = new TargetSettings
        {
            Name = name,
            Location = group.Location,
            Url = group.Read(TargetDefinition.Url),
            Endpoint = group.ReadOptionalText(TargetDefinition.Endpoint),
            Region = group.ReadOptionalText(TargetDefinition.Region),
            PathStyle = group.ReadOptional(TargetDefinition.PathStyle),
            AccessKey = group.ReadOptionalText(TargetDefinition.AccessKey),
            SecretKey = group.ReadOptionalText(TargetDefinition.SecretKey),
            SessionToken = group.ReadOptionalText(TargetDefinition.SessionToken),
            CaFile = group.ReadOptionalText(TargetDefinition.CaFile),
            Lock = ReadLock(group),
            Expire = ReadExpire(group),
            EnforcedBy = group.Read(TargetDefinition.Enforcer),
            Encryption = group.ReadOptional(TargetDefinition.Encryption),
            Vault = group.ReadOptionalText(TargetDefinition.Vault),
            Recipients = group
                .ReadOptionalText(TargetDefinition.Recipients)
                ?.Reveal()
                .Split(',', StringSplitOptions.TrimEntries),
        };
        if (target.Url is not null && !target.IsS3)
        {
            RequireNothingOfS3(group, target);
        }

        foreach (var setting in TargetDefinition.InQuery.Where(setting => IsInUrl(target, setting)))
        {
            if (group.LocationOf(setting) is { } location)
            {
                group.Report(
                    location,
                    $"{group.PathOf(setting)} is in {TargetDefinition.Url.Key}, too; remove one of them"
                );
            }
        }

        foreach (var setting in TargetDefinition.OfVault.Where(_ => target.Encryption == TargetEncryption.None))
        {
            if (group.LocationOf(setting) is { } location)
            {
                group.Report(location, $"{group.PathOf(setting)}: the target is said not to be encrypted");
            }
        }

        RequirePair(group, TargetDefinition.AccessKey, TargetDefinition.SecretKey);
        RequirePair(group, TargetDefinition.SecretKey, TargetDefinition.AccessKey);
        if (group.NodeOf(TargetDefinition.AccessKey) is null)
        {
            RequirePair(group, TargetDefinition.SessionToken, TargetDefinition.SecretKey);
        }

        return target;
    }

    private static LockSettings? ReadLock(GroupReader target)
    {
        if (target.NodeOf(TargetDefinition.Lock) is null)
        {
            return null;
        }

        var group = target.Group(TargetDefinition.Lock);
        return new LockSettings(group.Read(TargetDefinition.LockMode), group.Read(TargetDefinition.LockFor));
    }

    private static ExpireSettings? ReadExpire(GroupReader target)
    {
        if (target.NodeOf(TargetDefinition.Expire) is null)
        {
            return null;
        }

        var group = target.Group(TargetDefinition.Expire);
        return new ExpireSettings(
            group.Read(TargetDefinition.ExpireAccessKey),
            group.Read(TargetDefinition.ExpireSecretKey)
        );
    }

    private static bool IsInUrl(TargetSettings target, ScalarSetting setting) =>
        target.Url is not null && Addresses.HasParameter(target.Url.Reveal(), setting.Key);

    private static void RequireNothingOfS3(GroupReader group, TargetSettings target)
    {
        foreach (var setting in TargetDefinition.OnlyS3)
        {
            if (group.LocationOf(setting) is { } location)
            {
                group.Report(
                    location,
                    $"{group.PathOf(setting)} is for s3:// targets only; {group.Path} is a directory"
                );
            }
        }

        if (target.EnforcedBy == EnforcedBy.Bucket && group.LocationOf(TargetDefinition.Enforcer) is { } enforcer)
        {
            group.Report(
                enforcer,
                $"{group.PathOf(TargetDefinition.Enforcer)}: a directory has no lifecycle rules; only tool can delete here"
            );
        }
    }

    private static void RequirePair(GroupReader group, Setting given, Setting needed)
    {
        if (group.LocationOf(given) is { } location && group.NodeOf(needed) is null)
        {
            group.Report(location, $"{group.PathOf(given)} needs {needed.Key}, too");
        }
    }
}
