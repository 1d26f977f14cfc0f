import BLS12381
import DataMatrix
import KZGCommitments
import Testing

@Suite("Payload packing") struct PayloadPackingTests {
    @Test(arguments: [Preset.minimal, .mainnet]) func roundTrip(preset: Preset) throws {
        var random = TestRandom(seed: 31)
        let perCell = PayloadIndex.bytesPerCell(.packed, preset)
        for length in [1, 30, 31, 32, perCell - 1, perCell, perCell + 1, 3 * perCell + 17] {
            let payload = Payload(namespace: [], bytes: random.bytes(length))
            let cells = try PayloadPacking.cells(of: payload, preset)
            #expect(cells.count == (length + perCell - 1) / perCell * preset.bytesPerCell)
            let entry = PayloadIndexEntry(
                namespace: [], firstCell: 0, length: UInt32(length), encoding: .packed)
            #expect(try PayloadPacking.payload(entry, inCells: cells, preset) == payload.bytes)

            // No byte that must be zero may be another.
            for place in cells.indices {
                let inPayload =
                    place % 32 != 0 && place / 32 * 31 + place % 32 - 1 < length
                guard !inPayload else { continue }
                var altered = cells
                altered[place] = 1
                let error: PayloadPackingError =
                    place % 32 == 0
                    ? .leadingByte(element: place / 32) : .afterEnd(element: place / 32)
                #expect(throws: error) {
                    try PayloadPacking.payload(entry, inCells: altered, preset)
                }
            }
            #expect(throws: PayloadPackingError.self) {
                try PayloadPacking.payload(entry, inCells: Array(cells.dropLast()), preset)
            }
        }
    }

    @Test func raw() throws {
        var random = TestRandom(seed: 32)
        let blob = (0..<16).flatMap { _ in Fr(reducing: random.bytes(32)).bytes }
        let payload = Payload(namespace: [], bytes: blob, encoding: .raw)
        #expect(try PayloadPacking.cells(of: payload, .minimal) == blob)
        let entry = PayloadIndexEntry(
            namespace: [], firstCell: 0, length: UInt32(blob.count), encoding: .raw)
        #expect(try PayloadPacking.payload(entry, inCells: blob, .minimal) == blob)
        var bad = blob
        bad.replaceSubrange(96..<128, with: [UInt8](repeating: 0xff, count: 32))
        let malformed = Payload(namespace: [], bytes: bad, encoding: .raw)
        #expect(throws: PayloadPackingError.notCanonical(element: 3)) {
            try PayloadPacking.cells(of: malformed, .minimal)
        }
        #expect(throws: PayloadPackingError.notCanonical(element: 3)) {
            try PayloadPacking.payload(entry, inCells: bad, .minimal)
        }
    }
}

@Suite("Payload index") struct PayloadIndexTests {
    private func entry(
        _ first: UInt32, _ length: UInt32, _ encoding: PayloadEncoding = .packed
    ) -> PayloadIndexEntry {
        PayloadIndexEntry(namespace: [0], firstCell: first, length: length, encoding: encoding)
    }

    /// Two data rows of two data cells; 124 packed bytes to a cell, 256 raw bytes to a blob.
    @Test func rules() throws {
        let shape = makeShape(.minimal, 2)
        func check(_ entries: [PayloadIndexEntry]) throws {
            try PayloadIndex.validate(entries, in: shape)
        }
        try check([])
        try check([entry(0, 124), entry(1, 372)])
        try check([entry(0, 256, .raw), entry(2, 256, .raw)])
        try check([entry(1, 1), entry(3, 124)])
        #expect(throws: PayloadIndexError.emptyPayload(entry: 0)) { try check([entry(0, 0)]) }
        #expect(throws: PayloadIndexError.overlap(entry: 1, firstCell: 1, firstFree: 2)) {
            try check([entry(0, 125), entry(1, 1)])
        }
        #expect(throws: PayloadIndexError.overlap(entry: 1, firstCell: 0, firstFree: 3)) {
            try check([entry(2, 1), entry(0, 1)])
        }
        #expect(throws: PayloadIndexError.outside(entry: 0, endCell: 5, dataCells: 4)) {
            try check([entry(3, 125)])
        }
        #expect(throws: PayloadIndexError.self) { try check([entry(.max, .max)]) }
        #expect(throws: PayloadIndexError.self) { try check([entry(.max, 1), entry(.max, 1)]) }
        #expect(throws: PayloadIndexError.rawStart(entry: 0, firstCell: 1)) {
            try check([entry(1, 256, .raw)])
        }
        #expect(throws: PayloadIndexError.rawLength(entry: 0, length: 255)) {
            try check([entry(0, 255, .raw)])
        }
        #expect(throws: PayloadIndexError.namespaceTooLong(entry: 0, length: 33)) {
            try check([
                PayloadIndexEntry(
                    namespace: [UInt8](repeating: 0, count: 33), firstCell: 0, length: 1,
                    encoding: .packed)
            ])
        }
        #expect(throws: PayloadIndexError.tooManyEntries(1025)) {
            try check([PayloadIndexEntry](repeating: entry(0, 1), count: 1025))
        }
    }
}
