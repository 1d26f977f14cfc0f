import BLS12381
public import KZGCommitments

/// Payload bytes to the bytes of their cells, and back.
///
/// Packed, 31 bytes go to a field element behind a zero byte, and what is left of the last cell is
/// zero. Raw, a payload is its cells. Each payload has exactly one form: reading refuses any other,
/// so that two readers never take different bytes from one block.
public enum PayloadPacking {
    /// The bytes of the payload's cells, joined.
    ///
    /// - Throws: ``PayloadPackingError`` if a raw payload has an element that is not canonical.
    public static func cells(
        of payload: Payload, _ preset: Preset
    ) throws(PayloadPackingError) -> [UInt8] {
        switch payload.encoding {
        case .raw:
            try checkCanonical(payload.bytes)
            return payload.bytes
        case .packed:
            let perCell = PayloadIndex.bytesPerCell(.packed, preset)
            let cells = (payload.bytes.count + perCell - 1) / perCell
            let chunk = PayloadIndex.packedBytesPerElement
            return [UInt8](unsafeUninitializedCapacity: cells * preset.bytesPerCell) {
                buffer, count in
                count = cells * preset.bytesPerCell
                buffer.initialize(repeating: 0)
                payload.bytes.withUnsafeBufferPointer { bytes in
                    for (element, start) in stride(from: 0, to: bytes.count, by: chunk).enumerated()
                    {
                        let part = bytes[start..<min(start + chunk, bytes.count)]
                        for (place, byte) in part.enumerated() {
                            buffer[element * Preset.bytesPerFieldElement + 1 + place] = byte
                        }
                    }
                }
            }
        }
    }

    /// The payload in its cells' bytes.
    ///
    /// - Parameters:
    ///   - entry: What the index says of the payload.
    ///   - cells: The bytes of its cells, joined.
    ///   - preset: The size of cells.
    /// - Returns: Exactly `entry.length` bytes.
    /// - Throws: ``PayloadPackingError`` if the cells are not what ``cells(of:_:)`` makes.
    public static func payload(
        _ entry: PayloadIndexEntry, inCells cells: [UInt8], _ preset: Preset
    ) throws(PayloadPackingError) -> [UInt8] {
        let length = Int(entry.length)
        let expected = PayloadIndex.dataCells(of: entry, preset).count * preset.bytesPerCell
        guard cells.count == expected else {
            throw .wrongLength(expected: expected, actual: cells.count)
        }
        switch entry.encoding {
        case .raw:
            guard length == cells.count else {
                throw .wrongLength(expected: length, actual: cells.count)
            }
            try checkCanonical(cells)
            return cells
        case .packed:
            return try unpack(cells, length: length)
        }
    }

    private static func unpack(
        _ cells: [UInt8], length: Int
    ) throws(PayloadPackingError) -> [UInt8] {
        let size = Preset.bytesPerFieldElement
        let chunk = PayloadIndex.packedBytesPerElement
        var payload: [UInt8] = []
        payload.reserveCapacity(cells.count / size * chunk)
        for start in stride(from: 0, to: cells.count, by: size) {
            guard cells[start] == 0 else { throw .leadingByte(element: start / size) }
            payload.append(contentsOf: cells[(start + 1)..<(start + size)])
        }
        if let stray = payload[length...].firstIndex(where: { $0 != 0 }) {
            throw .afterEnd(element: stray / chunk)
        }
        payload.removeLast(payload.count - length)
        return payload
    }

    private static func checkCanonical(_ bytes: [UInt8]) throws(PayloadPackingError) {
        let bad = bytes.withUnsafeBytes { bytes -> Int? in
            let count = bytes.count / Fr.byteCount
            return withUnsafeTemporaryAllocation(of: Fr.self, capacity: count) { elements in
                Fr.parse(
                    UnsafeRawBufferPointer(rebasing: bytes[..<(count * Fr.byteCount)]),
                    into: elements)
            }
        }
        if let bad { throw .notCanonical(element: bad) }
    }
}

/// Why bytes are not those of a payload's cells. Elements are counted from the payload's first.
public enum PayloadPackingError: Error, Hashable, CustomStringConvertible {
    /// There are not as many bytes as the payload's cells have.
    case wrongLength(expected: Int, actual: Int)
    /// A raw field element is not below the field's order.
    case notCanonical(element: Int)
    /// A packed field element does not start with a zero byte.
    case leadingByte(element: Int)
    /// There is a byte that is not zero after the payload's end.
    case afterEnd(element: Int)

    /// What is wrong, with the numbers.
    public var description: String {
        switch self {
        case .wrongLength(let expected, let actual):
            "\(actual) bytes of cells instead of \(expected)"
        case .notCanonical(let element):
            "field element \(element) is not canonical (not below the field's order)"
        case .leadingByte(let element):
            "malformed: the leading byte of field element \(element) is not zero"
        case .afterEnd(let element):
            "malformed: field element \(element) has a byte that is not zero after the payload's end"
        }
    }
}
