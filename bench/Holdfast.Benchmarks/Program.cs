using BenchmarkDotNet.Running;
using Holdfast.Benchmarks;

BenchmarkSwitcher.FromAssembly(typeof(Codecs).Assembly).Run(args);
