public import SSZ

/// A request for addresses of other nodes. The answer is one ``PeersResponse``.
public struct PeersRequest: Sendable, Hashable {
    /// Groups of which the asker needs custodians; none if any node will do.
    public let groups: ColumnGroups

    /// A request for custodians of any of these groups, or for any nodes.
    public init(groups: ColumnGroups) {
        self.groups = groups
    }
}

extension PeersRequest: SSZCodable {
    /// `{groups uint32}`.
    public static let ssz = SSZType<PeersRequest>.container(
        .field("groups", \.groups.bits, .uint32)
    ) { groups throws(SSZError) in PeersRequest(groups: ColumnGroups(bits: groups)) }
}

/// A node that another one knows: what it signed of itself.
public struct KnownPeer: Sendable, Hashable {
    /// The signed envelope with its addresses (libp2p RFC 0003). Not opened, not verified.
    public let record: [UInt8]
    /// The groups whose columns it keeps, if it keeps any. Not verified.
    public let custody: CustodyRecord?

    /// A known node. The record has at most ``Limits/peerRecordBytes`` bytes.
    public init(record: [UInt8], custody: CustodyRecord?) {
        self.record = record
        self.custody = custody
    }
}

extension KnownPeer: SSZCodable {
    /// `{record List[uint8, 2048], custody List[custody record, 1]}`.
    public static let ssz = SSZType<KnownPeer>.container(
        .field("record", \.record, .byteList(limit: Limits.peerRecordBytes)),
        .field("custody", \.custody, .optional(CustodyRecord.ssz))
    ) { record, custody throws(SSZError) in KnownPeer(record: record, custody: custody) }
}

/// The answer to a ``PeersRequest``.
public struct PeersResponse: Sendable, Hashable {
    /// At most ``Limits/peersPerAnswer`` nodes, in no order.
    public let peers: [KnownPeer]

    /// An answer with the first ``Limits/peersPerAnswer`` of these nodes.
    public init(_ peers: [KnownPeer]) {
        self.peers = Array(peers.prefix(Limits.peersPerAnswer))
    }
}

extension PeersResponse: SSZCodable {
    /// `{peers List[{record, custody}, 16]}`.
    public static let ssz = SSZType<PeersResponse>.container(
        .field("peers", \.peers, .list(of: KnownPeer.ssz, limit: Limits.peersPerAnswer))
    ) { peers throws(SSZError) in PeersResponse(peers) }
}
