public import DataMatrix
public import KZGCommitments
public import SSZ

/// What a sequencer says about a block: its place in the lane, the commitments to its data rows, an
/// index of the payloads, and the rollups' state roots before and after.
///
/// A value has the structure of a header: a possible number of data rows, one commitment to each,
/// lists within their limits. What else must hold is for ``HeaderAdmission`` to check, since it
/// depends on the network and on the lane.
public struct BlockHeader: Sendable, Hashable {
    /// The version of this list of fields.
    public static let version: UInt8 = 1

    /// The version that the header states.
    public let version: UInt8
    /// The network that the block belongs to.
    public let networkID: Bytes32
    /// The key of the sequencer, which names the lane.
    public let sequencer: NodeKey
    /// The block's place in the lane, from 0.
    public let height: UInt64
    /// The slot that the block was made for.
    public let slot: UInt64
    /// The root of the lane's header one height below; zeros at height 0.
    public let parentRoot: Bytes32
    /// The number of data rows `k`: a power of two, at most 256.
    public let dataRows: UInt16
    /// The commitments to the data rows, exactly `k`. Whether they are points is not checked here.
    public let commitments: [KZGCommitment]
    /// Which payloads the block carries and where.
    public let index: [PayloadIndexEntry]
    /// The state root before the block; its meaning is the rollups' own.
    public let previousStateRoot: Bytes32
    /// The state root after the block.
    public let newStateRoot: Bytes32

    /// A header of these fields.
    ///
    /// - Throws: ``HeaderError`` if they do not have a header's structure.
    public init(
        version: UInt8 = BlockHeader.version, networkID: Bytes32, sequencer: NodeKey,
        height: UInt64, slot: UInt64, parentRoot: Bytes32, commitments: [KZGCommitment],
        index: [PayloadIndexEntry], previousStateRoot: Bytes32 = .zero,
        newStateRoot: Bytes32 = .zero
    ) throws(HeaderError) {
        guard let dataRows = UInt16(exactly: commitments.count) else {
            throw .dataRows(commitments.count)
        }
        try self.init(
            version: version, networkID: networkID, sequencer: sequencer, height: height,
            slot: slot, parentRoot: parentRoot, dataRows: dataRows, commitments: commitments,
            index: index, previousStateRoot: previousStateRoot, newStateRoot: newStateRoot)
    }

    init(
        version: UInt8, networkID: Bytes32, sequencer: NodeKey, height: UInt64, slot: UInt64,
        parentRoot: Bytes32, dataRows: UInt16, commitments: [KZGCommitment],
        index: [PayloadIndexEntry], previousStateRoot: Bytes32, newStateRoot: Bytes32
    ) throws(HeaderError) {
        guard dataRows.nonzeroBitCount == 1, dataRows <= Limits.dataRows else {
            throw .dataRows(Int(dataRows))
        }
        guard commitments.count == dataRows else {
            throw .commitments(actual: commitments.count, dataRows: Int(dataRows))
        }
        guard index.count <= Limits.indexEntries else { throw .indexEntries(index.count) }
        for (number, entry) in index.enumerated()
        where entry.namespace.count > Limits.namespaceBytes {
            throw .index(.namespaceTooLong(entry: number, length: entry.namespace.count))
        }
        self.version = version
        self.networkID = networkID
        self.sequencer = sequencer
        self.height = height
        self.slot = slot
        self.parentRoot = parentRoot
        self.dataRows = dataRows
        self.commitments = commitments
        self.index = index
        self.previousStateRoot = previousStateRoot
        self.newStateRoot = newStateRoot
    }

    /// The header's root, its name. Hashes all of it (about 1 ms for the largest), so
    /// ``SignedHeader`` keeps it.
    public var root: Bytes32 { hashTreeRoot }

    /// The shape of the block's matrix, under the network's preset.
    ///
    /// - Throws: ``ShapeError``, which a header's structure rules out.
    public func shape(preset: Preset) throws(ShapeError) -> MatrixShape {
        try MatrixShape(preset: preset, dataRows: Int(dataRows))
    }

    /// The rows that are known to be all zeros, ascending: data rows whose commitment is the point
    /// at infinity, and the parity row of a single one. Their cells are never sent or stored, and
    /// count as held.
    public var knownZeroRows: [Int] {
        let data = commitments.indices.filter { commitments[$0].isInfinity }
        // With one data row, both rows hold the same polynomial.
        return dataRows == 1 && !data.isEmpty ? [0, 1] : data
    }
}

// MARK: - Encoding

extension BlockHeader: SSZCodable {
    /// The header's fields in their order.
    public static let ssz = SSZType<BlockHeader>.container(
        .field("version", \.version, .uint8),
        .field("network_id", \.networkID, .bytes32),
        .field("sequencer", \.sequencer, NodeKey.ssz),
        .field("height", \.height, .uint64),
        .field("slot", \.slot, .uint64),
        .field("parent_root", \.parentRoot, .bytes32),
        .field("k", \.dataRows, .uint16),
        .field("commitments", \.commitments, commitmentsType),
        .field("index", \.index, indexType),
        .field("previous_state_root", \.previousStateRoot, .bytes32),
        .field("new_state_root", \.newStateRoot, .bytes32)
    ) {
        (
            version, networkID, sequencer, height, slot, parentRoot, dataRows, commitments, index,
            previousStateRoot, newStateRoot
        ) throws(SSZError) in
        do throws(HeaderError) {
            return try BlockHeader(
                version: version, networkID: networkID, sequencer: sequencer, height: height,
                slot: slot, parentRoot: parentRoot, dataRows: dataRows, commitments: commitments,
                index: index, previousStateRoot: previousStateRoot, newStateRoot: newStateRoot)
        } catch {
            throw SSZError(.invalid("\(error)"))
        }
    }

    static let commitmentsType = SSZType<[KZGCommitment]>.list(
        of: .kzgCommitment, limit: Limits.dataRows)
    static let indexType = SSZType<[PayloadIndexEntry]>.payloadIndex
}

extension SSZType<KZGProof> {
    /// `Vector[uint8, 48]`.
    static var proof: Self {
        SSZType<[UInt8]>.bytes(Bytes48.count).map(
            { $0.bytes.bytes },
            { bytes throws(SSZError) in
                guard let proof = KZGProof(bytes) else {
                    throw SSZError(.wrongLength(actual: bytes.count, expected: Bytes48.count))
                }
                return proof
            })
    }
}
