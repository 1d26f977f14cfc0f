import BLS12381
import DataMatrix
import KZGCommitments

/// Payloads to cells and back, cells that may hold no payload, indices that may fit no matrix.
let packingTarget = FuzzTarget(
    name: "packing", maximumLength: 4096,
    seeds: {
        (0..<24).map { number in
            var random = FuzzRandom(seed: UInt64(300 + number))
            return [UInt8(number % 3)] + random.bytes(20 + 30 * number)
        }
    },
    run: { bytes in
        var reader = ByteReader(bytes)
        switch reader.below(3) {
        case 0: encodePayloads(&reader)
        case 1: readCells(&reader)
        default: validateIndex(&reader)
        }
    })

private let prover = KZGProver(preset: .minimal)

extension ByteReader {
    fileprivate mutating func payload() -> Payload {
        let namespace = take(below(34))
        if below(4) == 0 {
            var blobs = exactly(256 * below(3))
            for start in stride(from: 0, to: blobs.count, by: 32) where byte() < 250 {
                blobs[start] &= 0x3f
            }
            return Payload(
                namespace: namespace, bytes: blobs + take(below(32) == 0 ? 3 : 0), encoding: .raw)
        }
        return Payload(namespace: namespace, bytes: take(below(600)))
    }

    fileprivate mutating func entry() -> PayloadIndexEntry {
        // Numbers near those that fit, and any.
        PayloadIndexEntry(
            namespace: take(below(34)), firstCell: bit() ? UInt32(below(40)) : uint32(),
            length: bit() ? UInt32(below(1024)) : bit() ? UInt32(256 * below(5)) : uint32(),
            encoding: below(4) == 0 ? .raw : .packed)
    }
}

/// A block carries its payloads, all else in its data quadrant is zero, and bad payloads are refused.
private func encodePayloads(_ reader: inout ByteReader) {
    let payloads = (0..<reader.below(5)).map { _ in reader.payload() }
    let isRefused =
        payloads.isEmpty
        || payloads.contains {
            $0.namespace.count > 32 || $0.bytes.isEmpty
                || ($0.encoding == .raw && ($0.bytes.count % 256 != 0 || !isCanonical($0.bytes)))
        }
    let block: ExtendedBlock
    do throws(EncodingError) {
        block = try BlockEncoder(prover: prover).encode(payloads, withProofs: false)
        require(!isRefused, "a malformed payload was taken")
    } catch {
        if case .internalInconsistency(let what) = error { finding(what) }
        require(isRefused, "payloads were refused: \(error)")
        return
    }
    let index = block.description.index
    require(index.count == payloads.count, "entries")
    var used = CellSet(block.shape)
    for (payload, entry) in zip(payloads, index) {
        require(entry.namespace == payload.namespace, "namespace")
        require(entry.encoding == payload.encoding, "encoding")
        require(Int(entry.length) == payload.bytes.count, "length")
        let read = must("payload") { try block.payload(entry) }
        require(read == payload.bytes, "a payload came back as another")
        let places = CellSet(block.shape, block.description.cells(of: entry))
        require(used.isDisjoint(with: places), "payloads overlap")
        used.formUnion(places)
    }
    for cell in 0..<block.shape.dataCellCount {
        let place = block.shape.coordinate(ofDataCell: cell)
        guard !used.contains(place) else { continue }
        let bytes = block.matrix.cell(at: place)
        require(bytes == [UInt8](repeating: 0, count: 128), "cell \(place) is not zero")
    }
    // The smallest number of rows that holds them.
    let rows = (used.map(\.row).max() ?? 0) + 1
    require(block.shape.dataRows < 2 * rows && block.shape.dataRows >= rows, "rows")
}

private func isCanonical(_ bytes: [UInt8]) -> Bool {
    stride(from: 0, to: bytes.count - 31, by: 32).allSatisfy {
        Fr(canonical: Array(bytes[$0..<($0 + 32)])) != nil
    }
}

/// Cells have one payload or none: whatever is read makes the same cells again.
private func readCells(_ reader: inout ByteReader) {
    var entry = reader.entry()
    let preset: Preset = reader.below(16) == 0 ? .mainnet : .minimal
    var cells: [UInt8]
    if reader.bit() {
        // The cells of a payload, altered at some places.
        let bytes = entry.encoding == .raw ? reader.exactly(256) : reader.take(400)
        let payload = Payload(namespace: [], bytes: bytes, encoding: entry.encoding)
        guard let packed = try? PayloadPacking.cells(of: payload, preset) else {
            require(entry.encoding == .raw && !isCanonical(bytes), "refused to pack")
            return
        }
        cells = packed
        let slack = reader.below(8) == 0 ? 1 : 0
        entry = PayloadIndexEntry(
            namespace: [], firstCell: entry.firstCell, length: UInt32(bytes.count + slack),
            encoding: entry.encoding)
        for _ in 0..<reader.below(3) where !cells.isEmpty {
            cells[reader.below(cells.count)] ^= reader.byte()
        }
    } else {
        cells = reader.rest()
    }
    let payload: [UInt8]
    do throws(PayloadPackingError) {
        payload = try PayloadPacking.payload(entry, inCells: cells, preset)
    } catch {
        require(!error.description.isEmpty, "no reason")
        return
    }
    require(payload.count == Int(entry.length), "length")
    let again = must("packing") {
        try PayloadPacking.cells(
            of: Payload(namespace: [], bytes: payload, encoding: entry.encoding), preset)
    }
    require(again == cells, "other cells hold the same payload")
}

/// An index is accepted exactly if its entries, taken as sets of cells, are as they must be.
private func validateIndex(_ reader: inout ByteReader) {
    let shape = must("shape") {
        try MatrixShape(preset: .minimal, dataRows: 1 << reader.below(6))
    }
    let entries = (0..<reader.below(6)).map { _ in reader.entry() }
    var last = -1
    let isRight = entries.allSatisfy { entry in
        let perCell = entry.encoding == .raw ? 128 : 124
        let (first, length) = (Int(entry.firstCell), Int(entry.length))
        guard entry.namespace.count <= 32, length > 0, first > last else { return false }
        let isWhole = length % 256 == 0 && first % 2 == 0
        guard entry.encoding == .packed || isWhole else { return false }
        last = first + (length - 1) / perCell
        return last < shape.dataRows * 2
    }
    do throws(PayloadIndexError) {
        try PayloadIndex.validate(entries, in: shape)
        require(isRight, "an index that is wrong was accepted")
    } catch {
        require(!isRight, "an index was refused: \(error)")
    }
}
