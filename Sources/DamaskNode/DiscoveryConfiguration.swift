package import NodeCore

/// How a node finds peers, beside the bootstrap nodes that it is given.
package struct DiscoveryConfiguration: Sendable {
    /// Limits and times.
    package var settings = DiscoverySettings()
    /// The file that remembered peers are kept in between runs; nil to forget them. A file that can't be
    /// used is as good as none.
    package var rememberedPeers: String?
    /// How often that file is written, besides at the end.
    package var rememberInterval: Duration = .seconds(300)
    /// Told what went wrong with that file, in words. Called on any thread.
    package var warn: @Sendable (String) -> Void = { _ in }

    package init() {}
}
