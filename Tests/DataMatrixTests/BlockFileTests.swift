import DataMatrix
import KZGCommitments
import Testing

/// Bytes in memory that count what is read of them.
private final class CountingSource: ByteSource, @unchecked Sendable {
    typealias Failure = MemoryByteSource.OutOfBounds
    private let memory: MemoryByteSource
    private(set) var bytesRead = 0

    init(_ bytes: [UInt8]) { memory = MemoryByteSource(bytes) }

    var byteCount: Int { memory.byteCount }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(MemoryByteSource.OutOfBounds) {
        bytesRead += buffer.count
        try memory.read(into: buffer, at: offset)
    }
}

@Suite("Block file") struct BlockFileTests {
    /// A block with random cells and made-up commitments; of its data rows the last is zero.
    private func block(
        _ preset: Preset, _ dataRows: Int, density: Double, index: [PayloadIndexEntry] = []
    ) throws -> ExtendedBlock {
        let shape = makeShape(preset, dataRows)
        var random = TestRandom(seed: 21)
        let commitments = try (0..<dataRows).map { row in
            row == dataRows - 1 && row > 0
                ? .infinity : try #require(KZGCommitment(random.bytes(48)))
        }
        let description = try BlockDescription(
            shape: shape, commitments: commitments, index: index)
        var matrix = PartialMatrix(shape)
        for place in randomSet(shape, density: density, &random)
            .subtracting(description.zeroCells)
        {
            let cell = (0..<preset.fieldElementsPerCell).flatMap { _ -> [UInt8] in
                [0] + random.bytes(31)
            }
            try matrix.insert(cell, proof: KZGProof(random.bytes(48)), at: place)
        }
        return ExtendedBlock(description: description, matrix: matrix)
    }

    private func expectEqual(_ a: ExtendedBlock, _ b: ExtendedBlock) {
        #expect(a.description == b.description)
        #expect(a.matrix.cells == b.matrix.cells)
        #expect(a.matrix.proven == b.matrix.proven)
        for place in a.matrix.cells {
            #expect(a.matrix.cell(at: place) == b.matrix.cell(at: place))
            #expect(a.matrix.proof(at: place) == b.matrix.proof(at: place))
        }
    }

    @Test(arguments: [0, 0.3, 1]) func roundTrip(density: Double) throws {
        for (preset, rows) in [(Preset.minimal, 1), (.minimal, 8), (.mainnet, 2)] {
            let block = try block(preset, rows, density: density)
            let writer = try BlockFileWriter(block)
            let bytes = writer.bytes()
            #expect(bytes.count == writer.byteCount)
            let reader = try BlockFileReader(MemoryByteSource(bytes))
            #expect(reader.cells == block.matrix.cells)
            expectEqual(try reader.readBlock(), block)
        }
    }

    @Test func withoutProofs() throws {
        var block = try block(.minimal, 4, density: 0.5)
        var matrix = block.matrix
        matrix.removeProofs()
        block = ExtendedBlock(description: block.description, matrix: matrix)
        let place = try #require(block.sendableCells.first { _ in true })
        #expect(throws: BlockFileError.missingProof(place)) { try BlockFileWriter(block) }
        let bytes = try BlockFileWriter(block, includingProofs: false).bytes()
        let reader = try BlockFileReader(MemoryByteSource(bytes))
        #expect(!reader.hasProofs)
        expectEqual(try reader.readBlock(), block)
    }

    private func open(_ bytes: [UInt8]) throws {
        try BlockFileReader(MemoryByteSource(bytes)).checkAll()
    }

    @Test func everyBitMatters() throws {
        let bytes = try BlockFileWriter(
            block(
                .minimal, 2, density: 0.5,
                index: [
                    PayloadIndexEntry(namespace: [7], firstCell: 0, length: 9, encoding: .packed)
                ])
        ).bytes()
        try open(bytes)
        for place in bytes.indices {
            for bit in 0..<8 {
                var altered = bytes
                altered[place] ^= 1 << UInt8(bit)
                #expect(throws: BlockFileError.self) { try open(altered) }
            }
        }
    }

    @Test func everyLengthButOneIsRefused() throws {
        let bytes = try BlockFileWriter(block(.minimal, 2, density: 0.5)).bytes()
        for length in bytes.indices {
            #expect {
                try open(Array(bytes[..<length]))
            } throws: { error in
                switch error as? BlockFileError {
                case .truncated(let actual, _): actual == length
                case .notABlockFile(byteCount: 0): length == 0
                default: false
                }
            }
        }
        #expect(
            throws: BlockFileError.trailingBytes(
                actual: bytes.count + 1, expected: bytes.count)
        ) { try open(bytes + [0]) }
    }

    @Test func otherFilesAreNotTaken() throws {
        var random = TestRandom(seed: 22)
        for length in [0, 1, 7, 63, 64, 1000] {
            #expect(throws: BlockFileError.notABlockFile(byteCount: length)) {
                try open([UInt8](repeating: 0x41, count: length))
            }
        }
        let start = Array(try BlockFileWriter(block(.minimal, 1, density: 1)).bytes()[..<8])
        for _ in 0..<2000 {
            #expect(throws: BlockFileError.self) {
                try open(start + random.bytes(random.below(300)))
            }
        }
    }

    /// Records are bound to their places: two of them swapped are both damaged.
    @Test func swappedRecords() throws {
        let bytes = try BlockFileWriter(block(.minimal, 2, density: 1)).bytes()
        let record = 128 + 48 + 16
        let first = bytes.count - 2 * record
        let swapped =
            Array(bytes[..<first]) + bytes[(first + record)...] + bytes[first..<(first + record)]
        #expect(
            throws: BlockFileError.damagedCell(CellCoordinate(row: 3, column: 2), offset: first)
        ) { try open(swapped) }
    }

    /// A small payload in a large block: what is read is its cells and the description.
    @Test func readingOnePayload() throws {
        let shape = makeShape(.mainnet, 256)
        var random = TestRandom(seed: 23)
        let payload = Payload(namespace: [1], bytes: random.bytes(10_240))
        let entry = PayloadIndexEntry(
            namespace: [1], firstCell: 64 * 100 + 61, length: 10_240, encoding: .packed)
        let commitments = try (0..<256).map { _ in try #require(KZGCommitment(random.bytes(48))) }
        let description = try BlockDescription(
            shape: shape, commitments: commitments, index: [entry])
        var matrix = PartialMatrix(shape)
        let packed = try PayloadPacking.cells(of: payload, .mainnet)
        for (number, place) in description.cells(of: entry).enumerated() {
            try matrix.insert(
                Array(packed[(2048 * number)..<(2048 * number + 2048)]), proof: .infinity,
                at: place)
        }
        let other = [UInt8](repeating: 0, count: 2048)
        for place in CellSet.all(of: shape) where !matrix.cells.contains(place) {
            try matrix.insert(other, proof: .infinity, at: place)
        }
        let block = ExtendedBlock(description: description, matrix: matrix)
        #expect(try block.payload(entry) == payload.bytes)
        let source = CountingSource(try BlockFileWriter(block).bytes())
        #expect(source.byteCount > 130 << 20)
        let reader = try BlockFileReader(source)
        #expect(try reader.payload(entry) == payload.bytes)
        #expect(source.bytesRead < 64 << 10)
    }

    @Test func payloadWithAMissingCell() throws {
        let entry = PayloadIndexEntry(
            namespace: [], firstCell: 1, length: 200, encoding: .packed)
        var block = try block(.minimal, 4, density: 1, index: [entry])
        let lost = CellCoordinate(row: 1, column: 0)
        block.remove(CellSet(block.shape, [lost]))
        #expect(throws: PayloadError.missingCell(lost)) { try block.payload(entry) }
        let reader = try BlockFileReader(MemoryByteSource(BlockFileWriter(block).bytes()))
        #expect(throws: BlockFileError.missingCell(lost)) { try reader.payload(entry) }
    }
}
