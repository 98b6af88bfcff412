namespace Holdfast.Workload;

/// <summary>
/// Moves money between two accounts of a bank with a table <c>accounts(id, balance, filler)</c>, and writes each
/// transfer down in <c>transfers(amount)</c>. The sum of the balances never changes, and the first account has lost what
/// the transfers add up to: a copy that is not of one moment shows it.
/// </summary>
internal static class Transfers
{
    public static int Run(string path, TimeSpan pause)
    {
        using var connection = Session.Open(path);
        var letGo = Session.LetGo();
        long commits = 0;
        while (!letGo())
        {
            var amount = 1 + (commits % 7);
            connection.Execute(
                FormattableString.Invariant(
                    $"""
                    BEGIN IMMEDIATE;
                    UPDATE accounts SET balance = balance - {amount} WHERE id = 1;
                    UPDATE accounts SET balance = balance + {amount} WHERE id = (SELECT max(id) FROM accounts);
                    INSERT INTO transfers(amount) VALUES ({amount});
                    COMMIT
                    """
                )
            );
            commits++;
            if (commits == 1)
            {
                Session.Ready();
            }

            if (pause > TimeSpan.Zero)
            {
                Thread.Sleep(pause);
            }
        }

        Console.WriteLine(FormattableString.Invariant($"{commits} commits"));
        return 0;
    }
}
