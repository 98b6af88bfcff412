using Microsoft.Extensions.Configuration;

namespace Holdfast.Configuration.Sources;

/// <summary>One source of an <see cref="IConfiguration"/> that remembers where each key was written.</summary>
internal sealed class LocatedConfigurationProvider : ConfigurationProvider, IConfigurationSource
{
    private readonly ConfigurationDocument _document;

    public LocatedConfigurationProvider(ConfigurationDocument document)
    {
        _document = document;
        Data = document.Values;
    }

    /// <summary>Where a key of this source was written; null when it is not in it.</summary>
    public DocumentEntry? Find(string path) => _document.Entries.GetValueOrDefault(path);

    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
}
