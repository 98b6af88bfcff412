using System.CommandLine;
using Holdfast.Cli.Verbs;

namespace Holdfast.Cli.CommandLine;

/// <summary>The whole command line.</summary>
internal static class HoldfastCommand
{
    public static RootCommand Create()
    {
        var root = new RootCommand("Holdfast keeps databases recoverable, and proves it.");
        root.With(GlobalOptions.All);
        root.With(
            InitCommand.Create(),
            BackupCommand.Create(),
            RunCommand.Create(),
            SyncCommand.Create(),
            ListCommand.Create(),
            LogCommand.Create(),
            RestoreCommand.Create(),
            VerifyCommand.Create(),
            CopyCommand.Create(),
            RepairCommand.Create(),
            PruneCommand.Create(),
            RetentionCommand.Create(),
            PinCommand.Create(),
            PinCommand.CreateUnpin(),
            PinCommand.CreateUndelete(),
            GuardCommand.Create(),
            StatusCommand.Create(),
            DoctorCommand.Create(),
            KeyCommand.Create(),
            ConfigCommand.Create(),
            CompletionCommand.Create()
        );
        HelpText.Install(root);
        return root;
    }
}
