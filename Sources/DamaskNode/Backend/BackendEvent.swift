package import NodeCore
package import SSZ

/// News of a node, numbered in order: gaps mean lost events.
package struct BackendEvent: Sendable, Hashable {
    /// Counts up by one with every event of the node since its start.
    package var number: UInt64
    /// When it happened, in milliseconds since 1970.
    package var unixMilliseconds: UInt64
    /// What happened.
    package var news: News

    /// An event.
    package init(number: UInt64, unixMilliseconds: UInt64, news: News) {
        self.number = number
        self.unixMilliseconds = unixMilliseconds
        self.news = news
    }

    /// What can happen.
    package enum News: Sendable, Hashable {
        /// A header was admitted.
        case header(HeaderReport)
        /// Where a block stands changed.
        case state(Bytes32, BlockState)
        /// A block's sampling went on.
        case sampling(Bytes32, SamplingReport)
        /// What the node holds of a block changed.
        case possession(Bytes32, PossessionReport)
        /// A publication went on.
        case publication(PublicationStatus)
        /// Evidence was made here or came from others.
        case evidence(EvidenceEntry)
        /// A peer came.
        case peerConnected(peerID: String)
        /// A peer's last connection went.
        case peerDisconnected(peerID: String)
        /// Whether the node is ready changed.
        case readiness(Readiness)
        /// This reader was too slow: so many events before this one are lost to it.
        case lost(UInt64)
    }

    /// A stable, lowercase name of the kind of news.
    package var kind: String {
        switch news {
        case .header: "header"
        case .state: "state"
        case .sampling: "sampling"
        case .possession: "possession"
        case .publication: "publication"
        case .evidence: "evidence"
        case .peerConnected: "peer_connected"
        case .peerDisconnected: "peer_disconnected"
        case .readiness: "readiness"
        case .lost: "lost"
        }
    }
}
