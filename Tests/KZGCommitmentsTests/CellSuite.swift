import BLS12381
import KZGCommitments
import Testing

/// EIP-7594 against the definitions.
@Suite struct CellSuite {
    @Test(arguments: Shared.presets) func cellsAndProofsAreTheReferences(preset: Preset) throws {
        let prover = Shared.prover(preset)
        let reference = Shared.reference(preset)
        var random = TestRandom(1)
        for _ in 0..<(preset.fieldElementsPerBlob > 16 ? 4 : 40) {
            let blob = random.blob(preset)
            let (row, proofs) = try prover.cellsAndProofs(ofBlob: blob)
            #expect(row == reference.extended(blob))
            #expect(row.starts(with: blob))
            #expect(proofs == reference.cellProofs(blob))
            #expect(try prover.cells(ofBlob: blob) == row)
        }
    }

    @Test(arguments: [2, 3, 8, 200]) func threadsMakeNoDifference(threads: Int) throws {
        var random = TestRandom(UInt64(10 + threads))
        for preset in Shared.presets {
            let prover = Shared.prover(preset)
            let blob = random.blob(preset)
            let (row, proofs) = try prover.cellsAndProofs(ofBlob: blob)
            let shared = try prover.cellsAndProofs(ofBlob: blob, threads: threads)
            #expect(shared.cells == row && shared.proofs == proofs)
            let columns = random.columns(preset.cellsPerBlob, preset)
            let recovered = try prover.recoverCellsAndProofs(
                columns: columns, cells: columns.map { row.cell($0, preset) }, threads: threads)
            #expect(recovered.cells == row && recovered.proofs == proofs)
        }
    }

    @Test(arguments: Shared.presets) func rowsComeBackFromAnyHalf(preset: Preset) throws {
        let prover = Shared.prover(preset)
        let reference = Shared.reference(preset)
        var random = TestRandom(2)
        for round in 0..<30 {
            let blob = random.blob(preset)
            let (row, proofs) = try prover.cellsAndProofs(ofBlob: blob)
            let count = Int.random(
                in: preset.cellsPerBlob...preset.cellsPerExtendedBlob, using: &random)
            let columns = random.columns(round % 2 == 0 ? preset.cellsPerBlob : count, preset)
            let cells = columns.map { row.cell($0, preset) }
            #expect(try prover.recoverCells(columns: columns, cells: cells) == row)
            if round < 5, preset.fieldElementsPerBlob < 64 {
                #expect(reference.recovered(columns: columns, cells: cells) == row)
            }
            let all = try prover.recoverCellsAndProofs(columns: columns, cells: cells)
            #expect(all.cells == row && all.proofs == proofs)
        }
    }

    @Test func everyPatternOfTheMinimalPreset() throws {
        let preset = Preset.minimal
        let prover = Shared.prover(preset)
        var random = TestRandom(3)
        for pattern in 0..<16 {
            let row = try prover.cells(ofBlob: random.blob(preset))
            let columns = (0..<4).filter { pattern >> $0 & 1 == 1 }
            let cells = columns.map { row.cell($0, preset) }
            if columns.count >= 2 {
                #expect(try prover.recoverCells(columns: columns, cells: cells) == row)
            } else {
                #expect(throws: KZGError.tooFewCells(needed: 2, actual: columns.count)) {
                    try prover.recoverCells(columns: columns, cells: cells)
                }
            }
        }
    }

    @Test func cellsThatContradictEachOther() throws {
        let preset = Preset.minimal
        let prover = Shared.prover(preset)
        var random = TestRandom(4)
        let row = try prover.cells(ofBlob: random.blob(preset))
        var cells = row.cells(preset)
        cells[3][127] ^= 1
        #expect(throws: KZGError.contradiction(column: 3)) {
            try prover.recoverCells(columns: [0, 1, 2, 3], cells: cells)
        }
        #expect(throws: KZGError.contradiction(column: 3)) {
            try prover.recoverCells(columns: [0, 2, 3], cells: [cells[0], cells[2], cells[3]])
        }
        // Exactly as many as are needed always lie on a polynomial.
        let other = try prover.recoverCells(columns: [2, 3], cells: [cells[2], cells[3]])
        #expect(other != row && other.cell(3, preset) == cells[3])
        #expect(try prover.cells(ofBlob: Array(other.prefix(preset.bytesPerBlob))) == other)
    }

    @Test func mainnetRows() throws {
        let preset = Preset.mainnet
        let prover = Shared.mainnet
        var random = TestRandom(5)
        let blob = random.blob(preset)
        let commitment = try prover.commitment(toBlob: blob)
        let (row, proofs) = try prover.cellsAndProofs(ofBlob: blob)
        #expect(row.count == preset.bytesPerExtendedBlob && proofs.count == 128)

        // Elements of the second half, evaluated term by term.
        var coefficients = Reference.elements(blob)
        coefficients.withUnsafeMutableBufferPointer {
            EvaluationDomain(size: 4096).ifftFromBitReversed($0)
        }
        let root = Reference.root(order: 8192)
        for index in [4096, 4097, 5000, 8191] {
            let x = root.pow(UInt64(Reference.reversed(index, count: 8192)))
            let expected = Reference.evaluate(coefficients, at: x).bytes
            #expect(Array(row[32 * index..<32 * index + 32]) == expected)
        }
        // Proofs by long division and the setup's powers.
        let monomial = TrustedSetup.monomialG1(4096)
        for column in [0, 1, 63, 64, 127] {
            let x = root.pow(UInt64(Reference.reversed(64 * column, count: 8192)))
            let quotient = Reference.divide(coefficients, byPower: 64, minus: x.pow(64))
            let expected = MultiScalar.sum(
                points: Array(monomial.prefix(quotient.count)), scalars: quotient)
            #expect(proofs[column].bytes.bytes == expected.affine.compressed)
        }
        #expect(
            try prover.verifier.verifyCells(
                commitments: [KZGCommitment](repeating: commitment, count: 128),
                columns: Array(0..<128), cells: row.cells(preset), proofs: proofs))
        for columns in [
            Array(0..<64), Array(64..<128), random.columns(64, preset), random.columns(100, preset),
        ] {
            let cells = columns.map { row.cell($0, preset) }
            #expect(try prover.recoverCells(columns: columns, cells: cells) == row)
        }
        let columns = random.columns(64, preset)
        let all = try prover.recoverCellsAndProofs(
            columns: columns, cells: columns.map { row.cell($0, preset) })
        #expect(all.cells == row && all.proofs == proofs)
    }

    @Test(arguments: Shared.presets + [.mainnet])
    func zeroAndConstantRows(preset: Preset) throws {
        let prover = Shared.prover(preset)
        for value in [Fr.zero, Fr(7)] {
            let blob = (0..<preset.fieldElementsPerBlob).flatMap { _ in value.bytes }
            let (row, proofs) = try prover.cellsAndProofs(ofBlob: blob)
            #expect(row == blob + blob)
            #expect(proofs == [KZGProof](repeating: .infinity, count: proofs.count))
            let commitment = try prover.commitment(toBlob: blob)
            let count = preset.cellsPerExtendedBlob
            #expect(
                try prover.verifier.verifyCells(
                    commitments: [KZGCommitment](repeating: commitment, count: count),
                    columns: Array(0..<count), cells: row.cells(preset), proofs: proofs))
        }
    }
}
