using System.Globalization;
using Holdfast.Figures;

// Each prints key=value pairs.
return args switch
{
    ["create", var path, var megabytes] => Application.Create(path, Number(megabytes)),
    ["write", var path, var seconds, var perSecond] => Application.Write(path, Number(seconds), Number(perSecond)),
    ["commits", var path, var count] => Application.Commit(path, Number(count)),
    ["lag", var path, var vault, var count, var interval] => Watch.Run(path, vault, Number(count), Number(interval)),
    ["keep", var state, var vault, var interval, .. var paths] => await Agent.RunAsync(
        state,
        vault,
        Number(interval),
        paths
    ),
    ["resynchronise", var path, var state] => await Agent.ResynchroniseAsync(path, state),
    ["restore", var vault, var name, var output] => await Agent.RestoreAsync(vault, name, output),
    _ => throw new ArgumentException("bench/timeline knows how this is called"),
};

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
