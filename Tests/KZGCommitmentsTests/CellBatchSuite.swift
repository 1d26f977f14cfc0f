import BLS12381
import KZGCommitments
import Testing

/// Batches of cells: what verifies, what does not, and which cell is to blame.
@Suite struct CellBatchSuite {
    /// Some rows of a preset, all their cells in row-major order.
    struct Rows {
        let preset: Preset
        let verifier: KZGVerifier
        var commitments: [KZGCommitment] = []
        var columns: [Int] = []
        var cells: [[UInt8]] = []
        var proofs: [KZGProof] = []

        init(_ preset: Preset, count: Int, seed: UInt64) throws {
            self.preset = preset
            let prover = Shared.prover(preset)
            verifier = prover.verifier
            var random = TestRandom(seed)
            for row in 0..<count {
                let blob =
                    row == 1
                    ? [UInt8](repeating: 0, count: preset.bytesPerBlob) : random.blob(preset)
                let commitment = try prover.commitment(toBlob: blob)
                let all = try prover.cellsAndProofs(ofBlob: blob)
                for column in 0..<preset.cellsPerExtendedBlob {
                    commitments.append(commitment)
                    columns.append(column)
                    cells.append(all.cells.cell(column, preset))
                    proofs.append(all.proofs[column])
                }
            }
        }

        /// Only the entries at these positions.
        func picked(_ positions: [Int]) -> Rows {
            var result = self
            result.commitments = positions.map { commitments[$0] }
            result.columns = positions.map { columns[$0] }
            result.cells = positions.map { cells[$0] }
            result.proofs = positions.map { proofs[$0] }
            return result
        }

        func verify() throws(KZGError) -> Bool {
            try verifier.verifyCells(
                commitments: commitments, columns: columns, cells: cells, proofs: proofs)
        }

        func invalid() throws(KZGError) -> [Int] {
            try verifier.invalidCells(
                commitments: commitments, columns: columns, cells: cells, proofs: proofs)
        }
    }

    @Test(arguments: Shared.presets) func anyCellsInAnyOrderAndRepeated(preset: Preset) throws {
        let rows = try Rows(preset, count: 4, seed: 1)
        var random = TestRandom(2)
        #expect(try rows.verify())
        #expect(try rows.invalid() == [])
        for _ in 0..<20 {
            let count = Int.random(in: 0...2 * rows.cells.count, using: &random)
            let positions = (0..<count).map { _ in
                Int.random(in: rows.cells.indices, using: &random)
            }
            let some = rows.picked(positions)
            #expect(try some.verify())
            guard count > 0 else { continue }
            var bad = some
            let at = Int.random(in: 0..<count, using: &random)
            bad.cells[at][preset.bytesPerCell - 1] ^= 1
            #expect(try !bad.verify())
            #expect(try bad.invalid() == [at])
        }
    }

    /// One column of many rows and one row's columns go different ways through the sums.
    @Test func columnsOfManyRows() throws {
        let preset = Preset.minimal
        let rows = try Rows(preset, count: 70, seed: 3)
        for column in 0..<4 {
            let positions = rows.columns.indices.filter { rows.columns[$0] == column }
            #expect(try rows.picked(positions).verify())
            var bad = rows.picked(positions)
            bad.proofs.swapAt(3, 8)
            #expect(try !bad.verify())
            #expect(try bad.invalid() == [3, 8])
        }
        // Two columns of 16 rows and more: summed up by column; with one entry less: entry by entry.
        let two = rows.columns.indices.filter { rows.columns[$0] < 2 }
        for count in [30, 31, 32, 33, 64] {
            let some = rows.picked(Array(two.prefix(count)))
            #expect(try some.verify())
            var bad = some
            bad.columns[count - 1] = 3
            #expect(try !bad.verify())
            #expect(try bad.invalid() == [count - 1])
        }
        // Enough for the batch check of the proofs' group.
        #expect(rows.cells.count > SubgroupCheck.worthwhileCount)
        #expect(try rows.verify())
    }

    @Test func whatIsWrongIsNamed() throws {
        let preset = Preset.minimal
        let good = try Rows(preset, count: 3, seed: 4)
        func bad(_ change: (inout Rows) -> Void) throws -> [Int] {
            var rows = good
            change(&rows)
            return try rows.invalid()
        }
        #expect(try bad { $0.proofs[5] = .infinity }.contains(5) == !good.proofs[5].isInfinity)
        #expect(try bad { $0.columns[2] = 1 } == [2])
        #expect(try bad { $0.commitments[0] = .infinity } == [0])
        // What would make the whole batch an error spoils only its own cell here.
        #expect(try bad { $0.columns[2] = 4 } == [2])
        #expect(try bad { $0.columns[2] = -1 } == [2])
        #expect(try bad { $0.cells[9].removeLast() } == [9])
        #expect(try bad { $0.cells[9] = [UInt8](repeating: 0xff, count: 128) } == [9])
        #expect(try bad { $0.proofs[11] = CellBatchSuite.noPoint } == [11])
        #expect(
            try bad { $0.commitments[1] = KZGCommitment(CellBatchSuite.noPoint.bytes) } == [1])
        // Several at once.
        #expect(
            try bad {
                $0.columns[0] = 3
                $0.cells[9].removeLast()
                $0.proofs[10] = CellBatchSuite.noPoint
                $0.cells[11][127] ^= 2
            } == [0, 9, 10, 11])
        #expect(throws: KZGError.wrongCount(of: .proof, expected: 12, actual: 11)) {
            try bad { $0.proofs.removeLast() }
        }
    }

    /// Bytes that look like a point and are none.
    static let noPoint = KZGProof(
        Bytes48([0x80] + [UInt8](repeating: 0, count: 46) + [1]) ?? infinite)
    static let infinite = KZGProof.infinity.bytes

    @Test func shapesThatAreErrors() throws {
        let preset = Preset.minimal
        let good = try Rows(preset, count: 2, seed: 5)
        func error(_ change: (inout Rows) -> Void) -> KZGError? {
            var rows = good
            change(&rows)
            do {
                _ = try rows.verify()
                return nil
            } catch { return error }
        }
        #expect(error { _ in } == nil)
        #expect(
            error { $0.commitments.removeLast() }
                == .wrongCount(of: .commitment, expected: 8, actual: 7))
        #expect(
            error { $0.columns.removeLast() } == .wrongCount(of: .column, expected: 8, actual: 7))
        #expect(
            error { $0.proofs.removeLast() } == .wrongCount(of: .proof, expected: 8, actual: 7))
        #expect(
            error { $0.columns[3] = 4 } == .columnOutOfRange(index: 3, column: 4, limit: 4))
        #expect(
            error { $0.columns[3] = -1 } == .columnOutOfRange(index: 3, column: -1, limit: 4))
        #expect(
            error { $0.columns[3] = .max }
                == .columnOutOfRange(index: 3, column: .max, limit: 4))
        #expect(
            error { $0.cells[3].append(0) }
                == .wrongLength(of: .cell, index: 3, expected: 128, actual: 129))
        #expect(
            error { $0.cells[3] = [] }
                == .wrongLength(of: .cell, index: 3, expected: 128, actual: 0))
        #expect(
            error {
                $0.cells[3].replaceSubrange(32..<64, with: [UInt8](repeating: 0xff, count: 32))
            }
                == .notCanonical(of: .cell, index: 3, element: 1))
        #expect(
            error { $0.proofs[3] = CellBatchSuite.noPoint } == .invalidPoint(of: .proof, index: 3))
        #expect(
            error { $0.commitments[3] = KZGCommitment(CellBatchSuite.noPoint.bytes) }
                == .invalidPoint(of: .commitment, index: 3))
    }

    /// A point of the curve outside G1 is an error alone and in a batch large enough for random sums.
    @Test func pointsOutsideTheGroup() throws {
        let outside = G1Affine(x: .zero, y: Fp(2))
        #expect(outside.isOnCurve && !outside.isInSubgroup)
        let proof = try #require(KZGProof(outside.compressed))
        let preset = Preset.minimal
        var rows = try Rows(preset, count: 60, seed: 6)
        rows.proofs[137] = proof
        #expect(throws: KZGError.invalidPoint(of: .proof, index: 137)) { try rows.verify() }
        #expect(throws: KZGError.invalidPoint(of: .proof, index: 0)) {
            try rows.picked([137]).verify()
        }
        #expect(try rows.invalid() == [137])
    }

    /// The equation alone, with rows of the caller's making: here one row is the sum of two others, and
    /// the caller folds its weight onto them.
    @Test func rowsThatAreCombinationsOfOthers() throws {
        let preset = Preset.minimal
        let prover = Shared.prover(preset)
        var random = TestRandom(7)
        let blobs = (0..<2).map { _ in random.blob(preset) }
        let sum = zip(Reference.elements(blobs[0]), Reference.elements(blobs[1]))
            .flatMap { ($0 + $1).bytes }
        var points: [G1Affine] = []
        var entries: [CellEquation.Entry] = []
        for (row, blob) in (blobs + [sum]).enumerated() {
            points.append(
                try prover.verifier.validatedPoint(try prover.commitment(toBlob: blob)))
            let (cells, proofs) = try prover.cellsAndProofs(ofBlob: blob)
            for column in 0..<4 {
                entries.append(
                    CellEquation.Entry(
                        row: row, column: column, cell: cells.cell(column, preset)[...],
                        proof: proofs[column]))
            }
        }
        let equation = try CellEquation(entries: entries, rows: 3, verifier: prover.verifier)
        func folded(_ factor: Fr) throws -> Bool {
            try equation.holds(challenge: random.scalar()) { weights in
                MultiScalar.sum(
                    points: [points[0], points[1]],
                    scalars: [weights[0] + factor * weights[2], weights[1] + weights[2]])
            }
        }
        #expect(try folded(.one))
        #expect(try !folded(Fr(2)))
        // A part of the entries, the others' weights left out.
        var last = Fr.one
        let holds = try equation.holds(challenge: Fr(3), selection: [1, 2, 7]) { weights in
            last = weights[2]
            return MultiScalar.sum(
                points: [points[0], points[1]], scalars: [weights[0], weights[1]])
        }
        #expect(holds && last.isZero)
    }

    @Test func challengesBindEverything() throws {
        let preset = Preset.minimal
        let good = try Rows(preset, count: 2, seed: 8)
        let unique = [good.commitments[0], good.commitments[4]]
        let places = [0, 0, 0, 0, 1, 1, 1, 1]
        func challenge(
            _ commitments: [KZGCommitment], _ rows: [Int], _ change: (inout Rows) -> Void
        ) throws -> [UInt8] {
            var batch = good
            change(&batch)
            return try good.verifier.cellBatchChallenge(
                commitments: commitments, rows: rows, columns: batch.columns, cells: batch.cells,
                proofs: batch.proofs)
        }
        let all = [
            try challenge(unique, places) { _ in },
            try challenge([unique[1], unique[0]], places) { _ in },
            try challenge(unique + [.infinity], places) { _ in },
            try challenge(unique, [0, 0, 0, 1, 1, 1, 1, 1]) { _ in },
            try challenge(unique, places) { $0.columns[1] = 0 },
            try challenge(unique, places) { $0.cells[1][127] ^= 1 },
            try challenge(unique, places) { $0.proofs[0] = .infinity },
        ]
        #expect(Set(all).count == all.count)
        #expect(throws: KZGError.self) { try challenge(unique, [0, 0, 0, 0, 1, 1, 1, 2]) { _ in } }
        #expect(throws: KZGError.self) {
            try challenge(unique, [0, 0, 0, 0, 1, 1, 1, -1]) { _ in }
        }
        #expect(throws: KZGError.self) { try challenge(unique, [0]) { _ in } }
    }
}
