public import SSZ

/// What a node does in a network.
public enum NodeRole: UInt8, Sendable, Hashable, CaseIterable {
    /// Samples.
    case light = 0
    /// Keeps columns and rebuilds.
    case full = 1
    /// Publishes blocks.
    case sequencer = 2
}

extension NodeRole: SSZCodable {
    /// The role as its number.
    public static let ssz = SSZType<UInt8>.uint8.map(
        { (role: NodeRole) in role.rawValue },
        { number throws(SSZError) in
            guard let role = NodeRole(rawValue: number) else {
                throw SSZError(.invalid("role \(number) is unknown"))
            }
            return role
        })
}

/// A set of column groups: bit `g` stands for group `g`.
public struct ColumnGroups: Sendable, Hashable {
    /// The bits.
    public let bits: UInt32

    /// The groups of these bits.
    public init(bits: UInt32) {
        self.bits = bits
    }

    /// These groups, each below 32.
    public init(_ groups: some Sequence<Int>) {
        bits = groups.reduce(0) { $0 | 1 << UInt32($1) }
    }

    /// All groups.
    public static let all = ColumnGroups(bits: .max)
    /// No group.
    public static let none = ColumnGroups(bits: 0)

    /// Whether a group is in the set.
    public func contains(_ group: Int) -> Bool {
        (0..<Limits.columnGroups).contains(group) && bits >> UInt32(group) & 1 == 1
    }

    /// Whether a column belongs to a group in the set.
    public func contains(column: Int) -> Bool {
        contains(NetworkNames.group(ofColumn: column))
    }

    /// How many groups are in the set.
    public var count: Int { bits.nonzeroBitCount }

    /// The groups, ascending.
    public var groups: [Int] { (0..<Limits.columnGroups).filter { contains($0) } }

    /// The columns of the groups, ascending, among `columns` in all.
    public func columns(of columns: Int) -> [Int] {
        (0..<columns).filter { contains(column: $0) }
    }
}

/// What a node announces of itself, signed with its identity key: the groups whose columns it keeps.
/// Custody is configured and announced, never derived from an id, which can be ground.
public struct CustodyRecord: Sendable, Hashable {
    /// The network.
    public let networkID: Bytes32
    /// The node's identity.
    public let node: NodeKey
    /// The groups whose columns it keeps.
    public let groups: ColumnGroups
    /// When the record was made; of two, the later one counts.
    public let made: UnixTime
    /// The node's signature of the fields above.
    public let signature: [UInt8]

    /// Signs a record.
    public init(networkID: Bytes32, groups: ColumnGroups, made: UnixTime, key: SigningKey) {
        let unsigned = CustodyRecord(
            networkID: networkID, node: key.publicKey, groups: groups, made: made,
            signature: [UInt8](repeating: 0, count: Limits.signatureByteCount))
        self.init(
            networkID: networkID, node: key.publicKey, groups: groups, made: made,
            signature: key.sign(unsigned.message))
    }

    private init(
        networkID: Bytes32, node: NodeKey, groups: ColumnGroups, made: UnixTime, signature: [UInt8]
    ) {
        self.networkID = networkID
        self.node = node
        self.groups = groups
        self.made = made
        self.signature = signature
    }

    /// Whether the signature is that of the record's node.
    public var isSignatureValid: Bool { node.isValid(signature: signature, of: message) }

    private var message: [UInt8] {
        SigningDomain.custody.message(
            network: networkID, root: Self.contentType.hashTreeRoot(self))
    }

    /// The fields that are signed.
    private static let contentType = SSZType<CustodyRecord>.container(
        .field("network_id", \.networkID, .bytes32),
        .field("node", \.node, NodeKey.ssz),
        .field("groups", \.groups.bits, .uint32),
        .field("made", \.made.milliseconds, .uint64)
    ) { networkID, node, groups, made throws(SSZError) in
        CustodyRecord(
            networkID: networkID, node: node, groups: ColumnGroups(bits: groups),
            made: UnixTime(milliseconds: made),
            signature: [UInt8](repeating: 0, count: Limits.signatureByteCount))
    }
}

extension CustodyRecord: SSZCodable {
    /// `{network_id, node, groups uint32, made uint64, signature}`.
    public static let ssz = SSZType<CustodyRecord>.container(
        .field("network_id", \.networkID, .bytes32),
        .field("node", \.node, NodeKey.ssz),
        .field("groups", \.groups.bits, .uint32),
        .field("made", \.made.milliseconds, .uint64),
        .field("signature", \.signature, signatureType)
    ) { networkID, node, groups, made, signature throws(SSZError) in
        CustodyRecord(
            networkID: networkID, node: node, groups: ColumnGroups(bits: groups),
            made: UnixTime(milliseconds: made), signature: signature)
    }
}

/// The highest header of a lane that a node has.
public struct LaneHead: Sendable, Hashable {
    /// The lane.
    public let sequencer: NodeKey
    /// The header's height.
    public let height: UInt64
    /// The header's slot.
    public let slot: UInt64
    /// The header's root.
    public let root: Bytes32

    /// A head of a lane.
    public init(sequencer: NodeKey, height: UInt64, slot: UInt64, root: Bytes32) {
        self.sequencer = sequencer
        self.height = height
        self.slot = slot
        self.root = root
    }
}

extension LaneHead: SSZCodable {
    /// `{sequencer, height uint64, slot uint64, root}`.
    public static let ssz = SSZType<LaneHead>.container(
        .field("sequencer", \.sequencer, NodeKey.ssz),
        .field("height", \.height, .uint64),
        .field("slot", \.slot, .uint64),
        .field("root", \.root, .bytes32)
    ) { sequencer, height, slot, root throws(SSZError) in
        LaneHead(sequencer: sequencer, height: height, slot: slot, root: root)
    }
}

/// Who a node is and what it has. Both sides send theirs; a peer of another network is left.
public struct StatusMessage: Sendable, Hashable {
    /// The network.
    public let networkID: Bytes32
    /// What the node does.
    public let role: NodeRole
    /// The groups whose columns it keeps, if any.
    public let custody: CustodyRecord?
    /// The lanes' heads, ascending by sequencer, at most one to each.
    public let lanes: [LaneHead]

    /// A status.
    ///
    /// - Throws: ``MessageError`` if the lanes are too many or not ascending.
    public init(
        networkID: Bytes32, role: NodeRole, custody: CustodyRecord?, lanes: [LaneHead]
    ) throws(MessageError) {
        guard lanes.count <= Limits.sequencers else {
            throw .elementCount(actual: lanes.count, limit: Limits.sequencers)
        }
        for index in lanes.indices.dropFirst()
        where !(lanes[index - 1].sequencer < lanes[index].sequencer) {
            throw .notAscending(index: index)
        }
        self.networkID = networkID
        self.role = role
        self.custody = custody
        self.lanes = lanes
    }
}

extension StatusMessage: SSZCodable {
    /// `{network_id, role uint8, custody List[custody record, 1], lanes List[lane head, 64]}`.
    public static let ssz = SSZType<StatusMessage>.container(
        .field("network_id", \.networkID, .bytes32),
        .field("role", \.role, NodeRole.ssz),
        .field("custody", \.custody, .optional(CustodyRecord.ssz)),
        .field("lanes", \.lanes, .list(of: LaneHead.ssz, limit: Limits.sequencers))
    ) { networkID, role, custody, lanes throws(SSZError) in
        do throws(MessageError) {
            return try StatusMessage(
                networkID: networkID, role: role, custody: custody, lanes: lanes)
        } catch {
            throw SSZError(.invalid("\(error)"))
        }
    }
}
