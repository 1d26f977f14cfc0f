import KZGCommitments
import SSZ
import SystemCrypto

/// Turns a block into the bytes of a block file.
public struct BlockFileWriter {
    /// The length of the file.
    public let byteCount: Int

    private let block: ExtendedBlock
    private let stored: CellSet
    private let hasProofs: Bool
    private let description: [UInt8]
    private let descriptionHash: [UInt8]

    /// A writer of a block's cells, but not those of zero rows, which need no storing.
    ///
    /// - Parameters:
    ///   - block: The block; it may have any of its cells.
    ///   - includingProofs: Whether to store the cells' proofs too.
    /// - Throws: ``BlockFileError/missingProof(_:)`` if a cell has no proof, and they are wanted.
    public init(_ block: ExtendedBlock, includingProofs: Bool = true) throws(BlockFileError) {
        let stored = block.sendableCells
        if includingProofs {
            for place in stored.subtracting(block.matrix.proven) { throw .missingProof(place) }
        }
        self.block = block
        self.stored = stored
        hasProofs = includingProofs
        let shape = block.shape
        description = BlockFileFormat.descriptionType.encode(
            BlockFileFormat.Description(
                presetName: Array(shape.preset.name.utf8), dataRows: UInt16(shape.dataRows),
                commitments: block.description.commitments, index: block.description.index,
                cells: stored.bytes, hasProofs: includingProofs))
        descriptionHash = SHA256.hash(description)
        byteCount =
            BlockFileFormat.preambleByteCount + description.count + stored.count
            * BlockFileFormat.recordByteCount(shape.preset, hasProofs: includingProofs)
    }

    /// Writes the file, piece by piece and in order.
    ///
    /// - Parameter sink: Takes the next bytes.
    /// - Throws: What `sink` throws.
    public func write<E>(to sink: (UnsafeRawBufferPointer) throws(E) -> Void) throws(E) {
        let preamble = BlockFileFormat.preamble(
            descriptionByteCount: description.count, descriptionHash: descriptionHash,
            fileByteCount: byteCount)
        try BlockFileWriter.hand(preamble + description, to: sink)
        // A row's records at a time.
        var pending: [UInt8] = []
        var row = 0
        for place in stored {
            if place.row != row {
                try BlockFileWriter.hand(pending, to: sink)
                pending.removeAll(keepingCapacity: true)
                row = place.row
            }
            let start = pending.count
            _ = block.matrix.withCell(at: place) { pending.append(contentsOf: $0) }
            if hasProofs, let proof = block.matrix.proof(at: place) {
                proof.bytes.withUnsafeBytes { pending.append(contentsOf: $0) }
            }
            pending += pending.withUnsafeBytes {
                BlockFileFormat.recordChecksum(
                    descriptionHash: descriptionHash, place,
                    UnsafeRawBufferPointer(rebasing: $0[start...]))
            }
        }
        try BlockFileWriter.hand(pending, to: sink)
    }

    /// All bytes of the file.
    public func bytes() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(byteCount)
        write { bytes.append(contentsOf: $0) }
        return bytes
    }

    private static func hand<E>(
        _ bytes: [UInt8], to sink: (UnsafeRawBufferPointer) throws(E) -> Void
    ) throws(E) {
        var failure: E?
        bytes.withUnsafeBytes { bytes in
            do throws(E) { try sink(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
