import KZGCommitments
import SSZ
import SystemCrypto

/// The bytes of a block file: `specs/block-file.md` has the layout and the reasons.
///
/// A preamble of 64 bytes, the block's description, and one record to each stored cell, in row-major
/// order. Every byte is covered by a checksum, and each record's covers its place too, so a record
/// can be read alone and none can stand for another.
enum BlockFileFormat {
    static let magic: [UInt8] = [0x93] + Array("DAMASK".utf8) + [0x0a]
    static let version: UInt32 = 1

    /// Bytes of the preamble: magic, version, description's length, file's length, description's
    /// SHA-256, and a checksum of all these.
    static let preambleByteCount = 64
    static let preambleChecksumByteCount = 8
    static let recordChecksumByteCount = 16

    /// The description as the file has it.
    struct Description {
        var presetName: [UInt8]
        var dataRows: UInt16
        var commitments: [KZGCommitment]
        var index: [PayloadIndexEntry]
        /// The stored cells, as ``CellSet/bytes`` gives them.
        var cells: [UInt8]
        var hasProofs: Bool
    }

    static let descriptionType: SSZType<Description> = .container(
        .field("preset", \.presetName, .byteList(limit: 32)),
        .field("data_rows", \.dataRows, .uint16),
        .field(
            "commitments", \.commitments,
            .list(of: .kzgCommitment, limit: MatrixShape.maximumDataRows)),
        .field("index", \.index, .payloadIndex),
        .field("cells", \.cells, .byteList(limit: 2 * MatrixShape.maximumDataRows * 16)),
        .field("has_proofs", \.hasProofs, .boolean),
        make: { preset, dataRows, commitments, index, cells, hasProofs throws(SSZError) in
            Description(
                presetName: preset, dataRows: dataRows, commitments: commitments, index: index,
                cells: cells, hasProofs: hasProofs)
        })

    static let presets: [Preset] = [.mainnet, .minimal]

    /// Bytes of a record.
    static func recordByteCount(_ preset: Preset, hasProofs: Bool) -> Int {
        preset.bytesPerCell + (hasProofs ? Bytes48.count : 0) + recordChecksumByteCount
    }

    /// The checksum of a record: it binds the cell and its proof to their place and to the block.
    static func recordChecksum(
        descriptionHash: [UInt8], _ place: CellCoordinate, _ content: UnsafeRawBufferPointer
    ) -> ArraySlice<UInt8> {
        var hash = SHA256()
        hash.update(descriptionHash)
        hash.update(littleEndian: UInt32(place.row))
        hash.update(littleEndian: UInt32(place.column))
        hash.update(content)
        return hash.finalize().prefix(recordChecksumByteCount)
    }

    /// The preamble of a file with this description.
    static func preamble(
        descriptionByteCount: Int, descriptionHash: [UInt8], fileByteCount: Int
    ) -> [UInt8] {
        var bytes = magic
        append(version, to: &bytes)
        append(UInt32(descriptionByteCount), to: &bytes)
        append(UInt64(fileByteCount), to: &bytes)
        bytes += descriptionHash
        return bytes + preambleChecksum(bytes[...])
    }

    static func preambleChecksum(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        SHA256.hash(bytes).prefix(preambleChecksumByteCount)
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Why bytes are not a whole and undamaged block file, or a block can't be made one. Offsets are
/// from the file's start.
public enum BlockFileError: Error, Hashable, CustomStringConvertible {
    /// The file does not start as block files do.
    case notABlockFile(byteCount: Int)
    /// A block file in a version that is not known here.
    case unknownVersion(UInt32)
    /// The file ends too early.
    case truncated(actual: Int, expected: Int)
    /// The file goes on after its end.
    case trailingBytes(actual: Int, expected: Int)
    /// The first 64 bytes do not agree with their checksum.
    case damagedPreamble
    /// The description, from byte 64 on, does not agree with its checksum.
    case damagedDescription(byteCount: Int)
    /// The record of a cell does not agree with its checksum.
    case damagedCell(CellCoordinate, offset: Int)
    /// The description is intact and makes no sense.
    case malformedDescription(String)
    /// The bytes could not be read.
    case unreadable(String)
    /// A file with proofs was wanted, and a cell has none.
    case missingProof(CellCoordinate)
    /// The file does not have this cell.
    case missingCell(CellCoordinate)
    /// The cells of a payload do not hold one.
    case malformedPayload(PayloadPackingError)

    /// What is wrong, and where.
    public var description: String {
        switch self {
        case .notABlockFile(let count):
            count == 0
                ? "not a block file: it is empty"
                : "not a block file: it does not start with the magic bytes of one"
        case .unknownVersion(let version):
            "a block file of version \(version); this program knows version "
                + "\(BlockFileFormat.version)"
        case .truncated(let actual, let expected):
            "truncated: the file ends at byte \(actual) of \(expected)"
        case .trailingBytes(let actual, let expected):
            "damaged: \(actual - expected) bytes follow the file's end at byte \(expected)"
        case .damagedPreamble:
            "damaged: bytes 0 to \(BlockFileFormat.preambleByteCount - 1) do not agree with their "
                + "checksum"
        case .damagedDescription(let count):
            "damaged: the description, bytes \(BlockFileFormat.preambleByteCount) to "
                + "\(BlockFileFormat.preambleByteCount + count - 1), does not agree with its checksum"
        case .damagedCell(let cell, let offset):
            "damaged: cell \(cell), at byte \(offset), does not agree with its checksum"
        case .malformedDescription(let reason): "the file's description is malformed: \(reason)"
        case .unreadable(let reason): "can't be read: \(reason)"
        case .missingProof(let cell): "cell \(cell) has no proof"
        case .missingCell(let cell): "cell \(cell) is not in the file"
        case .malformedPayload(let error): error.description
        }
    }
}
