namespace Holdfast.Workload;

/// <summary>Writes into a database file past SQLite, as somebody does who copies another file over it.</summary>
internal static class Overwriting
{
    public static int Run(string path, int offset, int count)
    {
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        RandomAccess.Write(file, Enumerable.Repeat((byte)1, count).ToArray(), offset + 4000);
        Session.Ready();
        return 0;
    }
}
