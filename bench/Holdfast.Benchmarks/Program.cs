using BenchmarkDotNet.Running;
using Holdfast.Benchmarks;

if (args is ["capture", var path, var vault, var state])
{
    await Capturing.RunAsync(path, vault, state);
    return;
}

if (args is ["sealing"])
{
    Sealing.Run();
    return;
}

if (args is ["levels", .. var sizes])
{
    await Levels.RunAsync(sizes);
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Codecs).Assembly).Run(args);
