import BLS12381
import DataMatrix
import KZGCommitments
import SystemCrypto
import Testing

/// Provers are slow to load: one of each for all tests.
enum Provers {
    static let minimal = KZGProver(preset: .minimal)
    static func prover(_ preset: Preset) -> KZGProver { preset == .minimal ? minimal : .mainnet }
}

private func encode(
    _ preset: Preset, bytes: Int, seed: UInt64 = 1, threads: Int = 1
) throws -> (payload: [UInt8], block: ExtendedBlock) {
    var random = TestRandom(seed: seed)
    let payload = random.bytes(bytes)
    let block = try BlockEncoder(prover: Provers.prover(preset), threads: threads)
        .encode([Payload(namespace: [0], bytes: payload)])
    return (payload, block)
}

private func proven(_ block: ExtendedBlock, _ places: some Sequence<CellCoordinate>) throws
    -> [ProvenCell]
{
    try places.map {
        ProvenCell(
            place: $0, bytes: try #require(block.matrix.cell(at: $0)),
            proof: try #require(block.matrix.proof(at: $0)))
    }
}

@Suite("Encoding") struct EncodingTests {
    /// Each row of the block, parity rows too, is what EIP-7594 makes of its blob; so the extended
    /// commitments and proofs are those of the extended rows.
    @Test(arguments: [(Preset.minimal, 1), (.minimal, 3), (.minimal, 9), (.mainnet, 2)])
    func everyRowIsAnOrdinaryRow(preset: Preset, rows: Int) throws {
        let prover = Provers.prover(preset)
        let perRow = PayloadIndex.bytesPerCell(.packed, preset) * preset.cellsPerBlob
        let (payload, block) = try encode(preset, bytes: perRow * rows - 7)
        let shape = block.shape
        let commitments =
            block.description.commitments
            + (try ColumnExtension(shape: shape).parityCommitments(block.description.commitments))
        for row in 0..<shape.rows {
            var blob: [UInt8] = []
            for column in 0..<shape.dataColumns {
                blob += try #require(
                    block.matrix.cell(at: CellCoordinate(row: row, column: column)))
            }
            let (cells, proofs) = try prover.cellsAndProofs(ofBlob: blob)
            #expect(try prover.commitment(toBlob: blob) == commitments[row])
            let size = preset.bytesPerCell
            for column in 0..<shape.columns {
                let place = CellCoordinate(row: row, column: column)
                #expect(
                    block.matrix.cell(at: place)
                        == Array(cells[(column * size)..<((column + 1) * size)]))
                #expect(block.matrix.proof(at: place) == proofs[column])
            }
        }
        #expect(try block.payload(block.description.index[0]) == payload)
        // The proofs of one column alone.
        let column = shape.columns - 1
        let held = try (0..<shape.dataRows).map {
            try #require(block.matrix.proof(at: CellCoordinate(row: $0, column: column)))
        }
        let parity = try (shape.dataRows..<shape.rows).map {
            try #require(block.matrix.proof(at: CellCoordinate(row: $0, column: column)))
        }
        #expect(try ColumnExtension(shape: shape).parityProofs(held) == parity)
    }

    /// The data rows' proofs of a column from any half of its proofs.
    @Test func proofsOfAColumnFromHalf() throws {
        let (_, block) = try encode(.minimal, bytes: 8 * 248)
        let shape = block.shape
        let columnExtension = ColumnExtension(shape: shape)
        var random = TestRandom(seed: 42)
        for column in 0..<shape.columns {
            let proofs = try (0..<shape.rows).map {
                try #require(block.matrix.proof(at: CellCoordinate(row: $0, column: column)))
            }
            for _ in 0..<4 {
                let rows = Array((0..<shape.rows).shuffled(using: &random).prefix(shape.dataRows))
                let data = try columnExtension.dataProofs(
                    rows: rows, proofs: rows.map { proofs[$0] })
                #expect(data == Array(proofs.prefix(shape.dataRows)))
            }
        }
        #expect(throws: KZGError.self) {
            try columnExtension.dataProofs(rows: [0], proofs: [.infinity])
        }
        #expect(throws: KZGError.self) { try columnExtension.parityProofs([.infinity]) }
        #expect(throws: KZGError.self) { try columnExtension.parityCommitments([]) }
    }

    /// The largest block: tiny rows, so that it is quick, through erasure and rebuilding with proofs.
    @Test func twoHundredAndFiftySixRows() throws {
        let (payload, block) = try encode(.minimal, bytes: 256 * 248 - 3, threads: 2)
        #expect(block.shape.dataRows == 256)
        let verifier = try MatrixVerifier(
            verifier: Provers.minimal.verifier, description: block.description)
        let places = CellSet.all(of: block.shape)
        #expect(verifier.invalidCells(of: block.matrix, places, threads: 2).isEmpty)
        var partial = block
        var random = SeededRandom(number: 9)
        partial.remove(Erasure.random(900, of: places, using: &random))
        try Reconstructor(shape: block.shape, threads: 2)
            .rebuild(&partial, checkedBy: Provers.minimal)
        #expect(allBytes(partial.matrix) == allBytes(block.matrix))
        #expect(try partial.payload(block.description.index[0]) == payload)
    }

    @Test func threadsChangeNothing() throws {
        let one = try encode(.minimal, bytes: 1900).block
        for threads in [2, 3, 7] {
            let many = try encode(.minimal, bytes: 1900, threads: threads).block
            #expect(many.description == one.description)
            #expect(try BlockFileWriter(many).bytes() == BlockFileWriter(one).bytes())
        }
    }

    @Test func rowsOfZerosAreKnown() throws {
        // Three rows used of four, the second with nothing but zeros.
        let encoder = BlockEncoder(prover: Provers.minimal)
        let block = try encoder.encode([
            Payload(namespace: [1], bytes: [UInt8](repeating: 5, count: 248)),
            Payload(namespace: [2], bytes: [UInt8](repeating: 0, count: 248)),
            Payload(namespace: [3], bytes: [7]),
        ])
        #expect(block.shape.dataRows == 4)
        #expect(block.description.zeroRows == [1, 3])
        #expect(block.description.index.map(\.firstCell) == [0, 2, 4])
        #expect(block.matrix.isComplete)
        #expect(block.matrix.proven.isFull)
        #expect(block.sendableCells.count == 6 * 4)
        let verifier = try MatrixVerifier(
            verifier: Provers.minimal.verifier, description: block.description)
        #expect(try verifier.verify(proven(block, CellSet.all(of: block.shape))))
        var erased = block
        erased.remove(CellSet.all(of: block.shape))
        #expect(erased.matrix.cells.count == 2 * 4)

        let zero = try encoder.encode([Payload(namespace: [], bytes: [0, 0])])
        #expect(zero.description.zeroRows == [0, 1])
        #expect(zero.sendableCells.isEmpty)
    }

    /// For publication, a block whose second half would be zeros gets a payload more.
    @Test(arguments: [31 * 8 * 2, 31 * 8 * 3, 31 * 8 * 4, 31 * 8 * 8])
    func fillerForZeros(length: Int) throws {
        let encoder = BlockEncoder(prover: Provers.minimal)
        let zeros = Payload(namespace: [7], bytes: [UInt8](repeating: 0, count: length))
        let plain = try encoder.encode([zeros], withProofs: false)
        #expect(plain.description.hasEmptySecondHalf)
        #expect(plain.description.index.count == 1)
        let block = try encoder.encode([zeros], withProofs: false, forPublication: true)
        #expect(!block.description.hasEmptySecondHalf)
        #expect(block.description.index.count == 2)
        // Twice the rows only where the zeros fill all of them.
        let isFull = length == plain.shape.dataCellCount * 124
        #expect(block.shape.dataRows == plain.shape.dataRows * (isFull ? 2 : 1))
        #expect(block.description.commitments.last != nil)
        let entries = block.description.index
        #expect(try block.payload(entries[0]) == zeros.bytes)
        #expect(try block.payload(entries[1]) == [1] && entries[1].namespace.isEmpty)
        #expect(
            Int(entries[1].firstCell) >= block.shape.dataCellCount / 2)

        // Others stay as they are.
        let data = Payload(namespace: [7], bytes: [UInt8](repeating: 9, count: length))
        let one = try encoder.encode([data], withProofs: false, forPublication: true)
        #expect(one.description == (try encoder.encode([data], withProofs: false)).description)
        let small = Payload(namespace: [7], bytes: [0])
        let single = try encoder.encode([small], withProofs: false, forPublication: true)
        #expect(single.description.index.count == 1 && single.shape.dataRows == 1)
    }

    @Test func raw() throws {
        var random = TestRandom(seed: 41)
        let blobs = (0..<(3 * 8)).flatMap { _ in Fr(reducing: random.bytes(32)).bytes }
        let encoder = BlockEncoder(prover: Provers.minimal)
        let block = try encoder.encode([
            Payload(namespace: [1], bytes: [9]),
            Payload(namespace: [2], bytes: blobs, encoding: .raw),
        ])
        #expect(block.shape.dataRows == 4)
        #expect(block.description.index.map(\.firstCell) == [0, 2])
        #expect(try block.payload(block.description.index[1]) == blobs)
        #expect(throws: EncodingError.index(.rawLength(entry: 0, length: 255))) {
            try encoder.encode([
                Payload(namespace: [], bytes: Array(blobs.dropLast(513)), encoding: .raw)
            ])
        }
        var bad = blobs
        bad[0] = 0xff
        #expect(throws: EncodingError.payload(0, .notCanonical(element: 0))) {
            try encoder.encode([Payload(namespace: [], bytes: bad, encoding: .raw)])
        }
    }

    @Test func refusals() throws {
        let encoder = BlockEncoder(prover: Provers.minimal)
        #expect(throws: EncodingError.index(.noPayload)) { try encoder.encode([]) }
        #expect(throws: EncodingError.index(.emptyPayload(entry: 0))) {
            try encoder.encode([Payload(namespace: [], bytes: [])])
        }
        let most = PayloadIndex.maximumPackedBytes(.minimal)
        #expect(most == 256 * 2 * 124)
        #expect(PayloadIndex.maximumPackedBytes(.mainnet) == 31 << 20)
        #expect(PayloadIndex.maximumRawBytes(.mainnet) == 32 << 20)
        let full = try encode(.minimal, bytes: most)
        #expect(full.block.shape.dataRows == 256)
        #expect(throws: EncodingError.index(.tooLarge(cells: 513, limit: 512))) {
            try encode(.minimal, bytes: most + 1)
        }
    }
}

@Suite("Matrix verification") struct MatrixVerifierTests {
    private func altered(_ cell: ProvenCell, _ kind: Int, _ random: inout TestRandom) -> ProvenCell
    {
        switch kind {
        case 0:
            var bytes = cell.cell
            bytes[31] ^= 1
            return ProvenCell(place: cell.coordinate, bytes: bytes, proof: cell.proof)
        case 1:
            return ProvenCell(
                place: cell.coordinate, bytes: cell.cell,
                proof: KZGProof(
                    Bytes48(G1Affine.generator.compressed) ?? KZGProof.infinity.bytes))
        case 2:
            return ProvenCell(
                place: cell.coordinate, bytes: cell.cell,
                proof: KZGProof([UInt8](repeating: 0xff, count: 48)) ?? .infinity)
        case 3:
            return ProvenCell(
                place: CellCoordinate(row: cell.coordinate.row ^ 1, column: cell.coordinate.column),
                bytes: cell.cell, proof: cell.proof)
        case 4:
            return ProvenCell(
                place: CellCoordinate(row: cell.coordinate.row, column: cell.coordinate.column ^ 1),
                bytes: cell.cell, proof: cell.proof)
        case 5:
            return ProvenCell(
                place: CellCoordinate(row: 1 << 40, column: cell.coordinate.column),
                bytes: cell.cell,
                proof: cell.proof)
        case 6:
            return ProvenCell(
                place: cell.coordinate, bytes: Array(cell.cell.dropLast()), proof: cell.proof)
        default:
            var bytes = cell.cell
            bytes.replaceSubrange(0..<32, with: [UInt8](repeating: 0xff, count: 32))
            return ProvenCell(place: cell.coordinate, bytes: bytes, proof: cell.proof)
        }
    }

    /// Full rows, so that no two cells are equal.
    @Test(arguments: [(Preset.minimal, 2 * 248), (.minimal, 16 * 248), (.mainnet, 2 * 126_976)])
    func namesTheBadCells(preset: Preset, bytes: Int) throws {
        let block = try encode(preset, bytes: bytes).block
        let verifier = try MatrixVerifier(
            verifier: Provers.prover(preset).verifier, description: block.description)
        var random = TestRandom(seed: 51)
        #expect(try verifier.verify([]))
        for round in 0..<(preset == .minimal ? 12 : 3) {
            var cells = try proven(
                block, Array(block.matrix.cells).shuffled(using: &random).prefix(40))
            cells.append(cells[0])
            #expect(try verifier.verify(cells))
            #expect(verifier.invalidCells(cells).isEmpty)
            var bad: Set<Int> = []
            for _ in 0...(round % 4) {
                let index = random.below(cells.count)
                if bad.insert(index).inserted {
                    cells[index] = altered(cells[index], random.below(8), &random)
                }
            }
            #expect(verifier.invalidCells(cells) == bad.sorted())
            #expect((try? verifier.verify(cells)) != true)
        }
    }

    @Test func commitmentsThatAreNoPoints() throws {
        let description = try BlockDescription(
            shape: makeShape(.minimal, 2),
            commitments: [
                .infinity, try #require(KZGCommitment([UInt8](repeating: 1, count: 48))),
            ], index: [])
        #expect(throws: KZGError.invalidPoint(of: .commitment, index: 1)) {
            try MatrixVerifier(verifier: Provers.minimal.verifier, description: description)
        }
    }

    @Test func wholeMatrices() throws {
        let block = try encode(.minimal, bytes: 1000).block
        let verifier = try MatrixVerifier(
            verifier: Provers.minimal.verifier, description: block.description)
        var matrix = block.matrix
        let place = CellCoordinate(row: 9, column: 2)
        let proof = try #require(matrix.proof(at: place))
        matrix.remove(CellSet(block.shape, [place]))
        try matrix.insert([UInt8](repeating: 0, count: 128), proof: proof, at: place)
        for threads in [1, 2] {
            #expect(
                verifier.invalidCells(
                    of: block.matrix, CellSet.all(of: block.shape), threads: threads
                ).isEmpty)
            #expect(
                Array(
                    verifier.invalidCells(
                        of: matrix, CellSet.all(of: block.shape), threads: threads))
                    == [place])
        }
    }
}

@Suite("Rebuilding blocks") struct BlockRebuildTests {
    @Test(arguments: [(Preset.minimal, 1000), (.mainnet, 150_000)])
    func cellsAndProofs(preset: Preset, bytes: Int) throws {
        let (payload, block) = try encode(preset, bytes: bytes)
        let prover = Provers.prover(preset)
        let reconstructor = Reconstructor(shape: block.shape, threads: 2)
        var random = SeededRandom(number: 3)
        for _ in 0..<(preset == .minimal ? 10 : 1) {
            var partial = block
            partial.remove(
                Erasure.random(
                    block.shape.cellCount * 45 / 100, of: block.sendableCells, using: &random))
            let held = partial.matrix.cells
            guard Decodability.isDecodable(held) else { continue }
            try reconstructor.rebuild(&partial, checkedBy: prover, makingProofs: true)
            #expect(allBytes(partial.matrix) == allBytes(block.matrix))
            #expect(partial.matrix.proven.isFull)
            for place in block.matrix.cells {
                #expect(partial.matrix.proof(at: place) == block.matrix.proof(at: place))
            }
            #expect(try partial.payload(partial.description.index[0]) == payload)
        }
    }

    /// A codeword, but of other data than the commitments': without redundancy among the cells only
    /// the commitments can tell.
    @Test func otherData() throws {
        let block = try encode(.minimal, bytes: 900, seed: 1).block
        let other = try encode(.minimal, bytes: 900, seed: 2).block
        var mixed = ExtendedBlock(description: block.description, matrix: other.matrix)
        mixed.remove(
            CellSet(
                block.shape,
                CellSet.all(of: block.shape).filter { $0.row >= 4 || $0.column >= 2 }))
        let held = mixed.matrix.cells
        let reconstructor = Reconstructor(shape: block.shape)
        #expect(throws: ReconstructionError.invalidCells(held)) {
            try reconstructor.rebuild(&mixed, checkedBy: Provers.minimal)
        }
        #expect(mixed.matrix.cells == held)
        var unproven = mixed.matrix
        unproven.removeProofs()
        mixed = ExtendedBlock(description: block.description, matrix: unproven)
        #expect(throws: ReconstructionError.commitmentMismatch(rows: [0, 1, 2, 3])) {
            try reconstructor.rebuild(&mixed, checkedBy: Provers.minimal)
        }
        #expect(mixed.matrix.cells == held)
    }

    @Test func wrongCellsAreNamed() throws {
        let block = try encode(.minimal, bytes: 1000).block
        let reconstructor = Reconstructor(shape: block.shape)
        var random = TestRandom(seed: 61)
        for _ in 0..<10 {
            var matrix = block.matrix
            let bad = Array(block.sendableCells)[random.below(block.sendableCells.count)]
            let proof = try #require(matrix.proof(at: bad))
            var cell = try #require(matrix.cell(at: bad))
            cell[63] ^= 1
            matrix.remove(CellSet(block.shape, [bad]))
            try matrix.insert(cell, proof: proof, at: bad)
            let lost = randomSet(block.shape, density: 0.2, &random)
            guard !lost.contains(bad), Decodability.isDecodable(lost.complement) else { continue }
            matrix.remove(lost)
            var partial = ExtendedBlock(description: block.description, matrix: matrix)
            let held = partial.matrix.cells
            #expect(throws: ReconstructionError.invalidCells(CellSet(block.shape, [bad]))) {
                try reconstructor.rebuild(&partial, checkedBy: Provers.minimal)
            }
            #expect(partial.matrix.cells == held)
        }
    }

    @Test func wrongProofsAreNamed() throws {
        let block = try encode(.minimal, bytes: 1000).block
        for place in [CellCoordinate(row: 1, column: 3), CellCoordinate(row: 12, column: 0)] {
            var matrix = block.matrix
            let cell = try #require(matrix.cell(at: place))
            let beside = CellCoordinate(row: place.row, column: place.column ^ 1)
            matrix.remove(CellSet(block.shape, [place, beside]))
            // A wrong proof, and a missing one in the same row.
            try matrix.insert(cell, proof: .infinity, at: place)
            matrix.remove(
                CellSet(
                    block.shape,
                    (8..<16).map { CellCoordinate(row: $0, column: place.column) }.filter {
                        $0 != place
                    }))
            var partial = ExtendedBlock(description: block.description, matrix: matrix)
            #expect(throws: ReconstructionError.invalidCells(CellSet(block.shape, [place]))) {
                try Reconstructor(shape: block.shape).rebuild(
                    &partial, checkedBy: Provers.minimal, makingProofs: true)
            }
        }
    }

    /// A row with all its proofs, of which one is wrong: the parity proofs would come out wrong too.
    @Test func wrongProofsAreNotPassedOnToParityRows() throws {
        let block = try encode(.minimal, bytes: 1000).block
        let place = CellCoordinate(row: 1, column: 3)
        var matrix = block.matrix
        let cell = try #require(matrix.cell(at: place))
        matrix.remove(
            CellSet(
                block.shape,
                [place] + (9..<16).map { CellCoordinate(row: $0, column: place.column) }))
        try matrix.insert(cell, proof: .infinity, at: place)
        var partial = ExtendedBlock(description: block.description, matrix: matrix)
        #expect(throws: ReconstructionError.invalidCells(CellSet(block.shape, [place]))) {
            try Reconstructor(shape: block.shape).rebuild(
                &partial, checkedBy: Provers.minimal, makingProofs: true)
        }
        #expect(partial.matrix.cells == matrix.cells)
    }
}
