public import KZGCommitments

/// The rules of a header's index: which payloads a block carries, and in which cells.
///
/// A payload starts at a cell boundary and fills cells in row-major order over the data quadrant;
/// a raw payload is whole blobs, so it starts with a row. Entries are in order and do not overlap.
/// Cells between payloads carry zeros when this library makes the block; readers do not look at
/// them.
public enum PayloadIndex {
    /// The most payloads to a block.
    public static let maximumEntries = 1024

    /// Bytes of a packed payload in one field element: the leading byte stays zero, so that the
    /// element is canonical whatever the bytes.
    public static let packedBytesPerElement = 31

    /// Bytes of a payload that a full cell holds.
    public static func bytesPerCell(_ encoding: PayloadEncoding, _ preset: Preset) -> Int {
        switch encoding {
        case .packed: preset.fieldElementsPerCell * packedBytesPerElement
        case .raw: preset.bytesPerCell
        }
    }

    /// The most bytes of packed payload that any block holds.
    public static func maximumPackedBytes(_ preset: Preset) -> Int {
        MatrixShape.maximumDataRows * preset.cellsPerBlob * bytesPerCell(.packed, preset)
    }

    /// The most bytes of raw payload that any block holds.
    public static func maximumRawBytes(_ preset: Preset) -> Int {
        MatrixShape.maximumDataRows * preset.bytesPerBlob
    }

    /// The cells of an entry, as numbers in row-major order over the data quadrant. The entry may
    /// be any; the range may leave the quadrant.
    public static func dataCells(of entry: PayloadIndexEntry, _ preset: Preset) -> Range<Int> {
        let perCell = bytesPerCell(entry.encoding, preset)
        let first = Int(entry.firstCell)
        return first..<first + (Int(entry.length) + perCell - 1) / perCell
    }

    /// Checks that the entries fit a matrix and each other.
    ///
    /// - Throws: ``PayloadIndexError``, the first that applies, in the order of the entries.
    public static func validate(
        _ entries: [PayloadIndexEntry], in shape: MatrixShape
    ) throws(PayloadIndexError) {
        guard entries.count <= maximumEntries else { throw .tooManyEntries(entries.count) }
        var free = 0
        for (number, entry) in entries.enumerated() {
            guard entry.namespace.count <= PayloadIndexEntry.maximumNamespaceLength else {
                throw .namespaceTooLong(entry: number, length: entry.namespace.count)
            }
            guard entry.length > 0 else { throw .emptyPayload(entry: number) }
            if entry.encoding == .raw {
                guard Int(entry.length) % shape.preset.bytesPerBlob == 0 else {
                    throw .rawLength(entry: number, length: Int(entry.length))
                }
                guard Int(entry.firstCell) % shape.dataColumns == 0 else {
                    throw .rawStart(entry: number, firstCell: Int(entry.firstCell))
                }
            }
            let cells = dataCells(of: entry, shape.preset)
            guard cells.lowerBound >= free else {
                throw .overlap(entry: number, firstCell: cells.lowerBound, firstFree: free)
            }
            guard cells.upperBound <= shape.dataCellCount else {
                throw .outside(
                    entry: number, endCell: cells.upperBound, dataCells: shape.dataCellCount)
            }
            free = cells.upperBound
        }
    }

    /// Lays payloads one after the other, each at the next place where it may start, and says how
    /// many rows they need.
    ///
    /// - Throws: ``PayloadIndexError`` if a payload is malformed or they do not fit a block.
    static func layOut(
        _ payloads: [Payload], _ preset: Preset
    ) throws(PayloadIndexError) -> (entries: [PayloadIndexEntry], shape: MatrixShape) {
        guard payloads.count <= maximumEntries else { throw .tooManyEntries(payloads.count) }
        let limit = MatrixShape.maximumDataRows * preset.cellsPerBlob
        var entries: [PayloadIndexEntry] = []
        var free = 0
        for (number, payload) in payloads.enumerated() {
            let perCell = bytesPerCell(payload.encoding, preset)
            if payload.encoding == .raw {
                free = (free + preset.cellsPerBlob - 1) / preset.cellsPerBlob * preset.cellsPerBlob
            }
            let end = free + (payload.bytes.count + perCell - 1) / perCell
            guard end <= limit, let length = UInt32(exactly: payload.bytes.count) else {
                throw .tooLarge(cells: end, limit: limit)
            }
            entries.append(
                PayloadIndexEntry(
                    namespace: payload.namespace, firstCell: UInt32(free), length: length,
                    encoding: payload.encoding))
            guard !payload.bytes.isEmpty else { throw .emptyPayload(entry: number) }
            free = end
        }
        guard free > 0 else { throw .noPayload }
        let rows = (free + preset.cellsPerBlob - 1) / preset.cellsPerBlob
        let shape: MatrixShape
        do { shape = try MatrixShape(preset: preset, holding: rows) } catch {
            throw .tooLarge(cells: free, limit: limit)
        }
        try validate(entries, in: shape)
        return (entries, shape)
    }
}

/// What is wrong with an index. Entries are counted from 0.
public enum PayloadIndexError: Error, Hashable, CustomStringConvertible {
    /// More entries than a header may have.
    case tooManyEntries(Int)
    /// There is nothing to carry.
    case noPayload
    /// A payload has no bytes.
    case emptyPayload(entry: Int)
    /// A namespace has more than 32 bytes.
    case namespaceTooLong(entry: Int, length: Int)
    /// A raw payload is not whole blobs.
    case rawLength(entry: Int, length: Int)
    /// A raw payload does not start with a row.
    case rawStart(entry: Int, firstCell: Int)
    /// A payload starts before the one ahead of it has ended.
    case overlap(entry: Int, firstCell: Int, firstFree: Int)
    /// A payload ends outside the data quadrant.
    case outside(entry: Int, endCell: Int, dataCells: Int)
    /// The payloads together need more cells than the largest block has.
    case tooLarge(cells: Int, limit: Int)

    /// What is wrong, with the numbers.
    public var description: String {
        switch self {
        case .tooManyEntries(let count):
            "\(count) payloads; a block carries at most \(PayloadIndex.maximumEntries)"
        case .noPayload: "no payload"
        case .emptyPayload(let entry): "payload \(entry) is empty"
        case .namespaceTooLong(let entry, let length):
            "payload \(entry): a namespace of \(length) bytes; at most "
                + "\(PayloadIndexEntry.maximumNamespaceLength) are allowed"
        case .rawLength(let entry, let length):
            "payload \(entry): \(length) raw bytes are not whole blobs"
        case .rawStart(let entry, let firstCell):
            "payload \(entry): raw, but starts at cell \(firstCell), inside a row"
        case .overlap(let entry, let firstCell, let firstFree):
            "payload \(entry) starts at cell \(firstCell), before cell \(firstFree) where the one "
                + "ahead of it ends"
        case .outside(let entry, let endCell, let dataCells):
            "payload \(entry) ends at cell \(endCell), outside the \(dataCells) data cells"
        case .tooLarge(let cells, let limit):
            "\(cells) cells of payload; a block carries at most \(limit)"
        }
    }
}
