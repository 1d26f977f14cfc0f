/// `GET /v1/peers`.
package struct PeersAnswer: Codable, Sendable, Hashable {
    /// The connected peers.
    package var peers: [PeerAnswer]

    /// A list.
    package init(peers: [PeerAnswer]) {
        self.peers = peers
    }
}

/// A connected peer.
package struct PeerAnswer: Codable, Sendable, Hashable {
    /// Who it proved to be.
    package var peer: String
    /// Where it is connected from or to, if known.
    package var address: String?
    /// `inbound` or `outbound`.
    package var direction: String
    /// `light`, `full` or `sequencer`; nil if it has not told.
    package var role: String?
    /// The column groups that it says it keeps, ascending.
    package var custody: [Int]
    /// Its score with this node; negative is bad.
    package var score: Double

    /// A peer.
    package init(
        peer: String, address: String?, direction: String, role: String?, custody: [Int],
        score: Double
    ) {
        self.peer = peer
        self.address = address
        self.direction = direction
        self.role = role
        self.custody = custody
        self.score = score
    }
}
