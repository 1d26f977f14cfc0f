public import DataMatrix
public import KZGCommitments
public import SSZ

/// A header with the roots of its two lists in their place: a header's root in some 250 bytes, so a
/// signature can be checked without the lists.
public struct HeaderSummary: Sendable, Hashable {
    /// The version that the header states.
    public let version: UInt8
    /// The network that the block belongs to.
    public let networkID: Bytes32
    /// The key of the sequencer, which names the lane.
    public let sequencer: NodeKey
    /// The block's place in the lane.
    public let height: UInt64
    /// The slot that the block was made for.
    public let slot: UInt64
    /// The root of the lane's header one height below.
    public let parentRoot: Bytes32
    /// The number of data rows.
    public let dataRows: UInt16
    /// The root of the list of commitments.
    public let commitmentsRoot: Bytes32
    /// The root of the index.
    public let indexRoot: Bytes32
    /// The state root before the block.
    public let previousStateRoot: Bytes32
    /// The state root after the block.
    public let newStateRoot: Bytes32

    /// The header's root, which is the summary's too.
    public var root: Bytes32 { hashTreeRoot }

    /// The shape of the block's matrix under a preset.
    ///
    /// - Throws: ``ShapeError`` if no matrix has so many data rows.
    public func shape(preset: Preset) throws(ShapeError) -> MatrixShape {
        try MatrixShape(preset: preset, dataRows: Int(dataRows))
    }
}

extension HeaderSummary: SSZCodable {
    /// The summary's fields in the header's order.
    public static let ssz = SSZType<HeaderSummary>.container(
        .field("version", \.version, .uint8),
        .field("network_id", \.networkID, .bytes32),
        .field("sequencer", \.sequencer, NodeKey.ssz),
        .field("height", \.height, .uint64),
        .field("slot", \.slot, .uint64),
        .field("parent_root", \.parentRoot, .bytes32),
        .field("k", \.dataRows, .uint16),
        .field("commitments_root", \.commitmentsRoot, .bytes32),
        .field("index_root", \.indexRoot, .bytes32),
        .field("previous_state_root", \.previousStateRoot, .bytes32),
        .field("new_state_root", \.newStateRoot, .bytes32)
    ) {
        (
            version, networkID, sequencer, height, slot, parentRoot, dataRows, commitmentsRoot,
            indexRoot, previousStateRoot, newStateRoot
        ) throws(SSZError) in
        HeaderSummary(
            version: version, networkID: networkID, sequencer: sequencer, height: height,
            slot: slot, parentRoot: parentRoot, dataRows: dataRows,
            commitmentsRoot: commitmentsRoot, indexRoot: indexRoot,
            previousStateRoot: previousStateRoot, newStateRoot: newStateRoot)
    }
}

extension BlockHeader {
    /// The header with the roots of its lists in their place.
    public var summary: HeaderSummary {
        HeaderSummary(
            version: version, networkID: networkID, sequencer: sequencer, height: height,
            slot: slot, parentRoot: parentRoot, dataRows: dataRows,
            commitmentsRoot: Self.commitmentsType.hashTreeRoot(commitments),
            indexRoot: Self.indexType.hashTreeRoot(index), previousStateRoot: previousStateRoot,
            newStateRoot: newStateRoot)
    }
}
