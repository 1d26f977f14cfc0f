/// A peer that another one recommends when it prunes us (peer exchange).
package struct PeerExchangeRecord: Hashable, Sendable {
    /// The recommended peer.
    package let peer: PeerID
    /// A signed envelope with its addresses, if one came along. Not opened, not verified.
    package let signedRecord: [UInt8]?

    package init(peer: PeerID, signedRecord: [UInt8]? = nil) {
        self.peer = peer
        self.signedRecord = signedRecord
    }
}
