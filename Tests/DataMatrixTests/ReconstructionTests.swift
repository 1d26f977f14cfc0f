import BLS12381
import DataMatrix
import KZGCommitments
import Testing

@Suite("Extension") struct ExtensionTests {
    @Test(arguments: [1, 2, 4, 8, 16]) func agreesWithLagrange(dataRows: Int) throws {
        let shape = makeShape(.minimal, dataRows)
        var random = TestRandom(seed: 1)
        let blobs = randomBlobs(shape, &random)
        var matrix = try dataQuadrant(blobs, shape)
        try Reconstructor(shape: shape).rebuild(&matrix)
        #expect(allBytes(matrix) == Naive.extend(blobs, shape).flatMap { $0.flatMap(\.bytes) })
    }

    /// At full size: single positions of single rows, since the definition is slow.
    @Test(arguments: [1, 32]) func agreesWithLagrangeOnMainnet(dataRows: Int) throws {
        let shape = makeShape(.mainnet, dataRows)
        var random = TestRandom(seed: 2)
        let blobs = randomBlobs(shape, &random)
        var matrix = try dataQuadrant(blobs, shape)
        try Reconstructor(shape: shape, threads: 2).rebuild(&matrix)
        let points = Naive.points(shape.rows)
        for _ in 0..<10 {
            let column = random.below(shape.columns)
            let element = random.below(64)
            let values = try (0..<shape.rows).map { row -> Fr in
                let cell = try #require(
                    matrix.cell(at: CellCoordinate(row: row, column: column)))
                return try #require(
                    Fr(canonical: Array(cell[(32 * element)..<(32 * element + 32)])))
            }
            let known = (0..<dataRows).map { (x: points[$0], y: values[$0]) }
            let row = dataRows + random.below(dataRows)
            #expect(Naive.interpolate(known, at: points[row]) == values[row])
        }
        // One value of one extended row, by Horner on the blob's own points.
        let positions = Naive.points(8192)
        let known = zip(positions, blobs[0]).map { (x: $0, y: $1) }
        let at = 4096 + random.below(4096)
        let x = positions[at]
        // Barycentric: (x^n - 1) / n * sum of y w / (x - w).
        var differences = known.map { x - $0.x }
        Fr.invertAll(&differences)
        var sum = Fr.zero
        for (pair, inverse) in zip(known, differences) { sum += pair.y * pair.x * inverse }
        let value = sum * (x.pow(4096) - .one) * Fr(4096).inverse()
        let cell = try #require(matrix.cell(at: CellCoordinate(row: 0, column: at / 64)))
        #expect(Array(cell[(at % 64 * 32)..<(at % 64 * 32 + 32)]) == value.bytes)
    }
}

@Suite("Reconstruction") struct ReconstructionTests {
    private func whole(_ shape: MatrixShape, seed: UInt64) throws -> PartialMatrix {
        var random = TestRandom(seed: seed)
        var matrix = try dataQuadrant(randomBlobs(shape, &random), shape)
        try Reconstructor(shape: shape).rebuild(&matrix)
        return matrix
    }

    /// Whatever the closure says, on every pattern of the smallest shape: the same values, or the
    /// stuck set and nothing changed.
    @Test func everyPatternOfTheSmallestShape() throws {
        let shape = makeShape(.minimal, 2)
        let matrix = try whole(shape, seed: 3)
        let bytes = allBytes(matrix)
        let reconstructor = Reconstructor(shape: shape)
        var rebuilt = 0
        for pattern in 0..<65_536 {
            let held = try #require(
                CellSet(shape, bytes: (0..<4).map { UInt8(pattern >> (4 * $0) & 15) }))
            var partial = matrix
            partial.remove(held.complement)
            let stuck = Decodability.stuckSet(held)
            if stuck.isEmpty {
                try reconstructor.rebuild(&partial)
                if allBytes(partial) != bytes { Issue.record("pattern \(pattern)") }
                rebuilt += 1
            } else {
                #expect(throws: ReconstructionError.stuck(stuck)) {
                    try reconstructor.rebuild(&partial)
                }
                #expect(partial.cells == held)
            }
        }
        #expect(rebuilt == 63_815)
    }

    @Test(arguments: [
        (Preset.minimal, 1), (.minimal, 4), (.minimal, 16), (.minimal, 256), (.mainnet, 1),
        (.mainnet, 8),
    ])
    func randomErasures(preset: Preset, dataRows: Int) throws {
        let shape = makeShape(preset, dataRows)
        let matrix = try whole(shape, seed: 4)
        let bytes = allBytes(matrix)
        var random = TestRandom(seed: 5)
        for threads in [1, 2, 3] {
            let reconstructor = Reconstructor(shape: shape, threads: threads)
            for _ in 0..<(preset == .minimal ? 20 : 4) {
                let held = randomSet(shape, density: 0.4 + 0.4 * random.fraction(), &random)
                var partial = matrix
                partial.remove(held.complement)
                let stuck = Decodability.stuckSet(held)
                if stuck.isEmpty {
                    try reconstructor.rebuild(&partial)
                    #expect(allBytes(partial) == bytes)
                } else {
                    #expect(throws: ReconstructionError.stuck(stuck)) {
                        try reconstructor.rebuild(&partial)
                    }
                }
            }
        }
    }

    /// A stopping set less one cell is the most that can be lost around it.
    @Test(arguments: [(Preset.minimal, 4), (.mainnet, 4)])
    func stoppingSetLessOneCell(preset: Preset, dataRows: Int) throws {
        let shape = makeShape(preset, dataRows)
        let matrix = try whole(shape, seed: 6)
        var lost = CellSet(shape)
        for row in 0...shape.dataRows {
            for column in 0...shape.dataColumns {
                lost.insert(
                    CellCoordinate(row: 2 * row % shape.rows + row / shape.dataRows, column: column)
                )
            }
        }
        #expect(lost.count == shape.smallestStoppingSet)
        var partial = matrix
        partial.remove(lost)
        let reconstructor = Reconstructor(shape: shape)
        #expect(throws: ReconstructionError.stuck(lost)) { try reconstructor.rebuild(&partial) }
        for spared in Array(lost).shuffled(using: &Shuffle.random).prefix(5) {
            var partial = matrix
            var less = lost
            less.remove(spared)
            partial.remove(less)
            try reconstructor.rebuild(&partial)
            #expect(allBytes(partial) == allBytes(matrix))
        }
    }

    private enum Shuffle {
        nonisolated(unsafe) static var random = TestRandom(seed: 99)
    }

    /// One altered cell among more than enough: an error, and nothing changed.
    @Test(arguments: [(Preset.minimal, 4), (.mainnet, 2)])
    func alteredCells(preset: Preset, dataRows: Int) throws {
        let shape = makeShape(preset, dataRows)
        let matrix = try whole(shape, seed: 7)
        var random = TestRandom(seed: 8)
        let reconstructor = Reconstructor(shape: shape)
        for _ in 0..<40 {
            // At most a fifth is missing, so that every cell is redundant.
            let held = randomSet(shape, density: 0.8 + 0.2 * random.fraction(), &random)
            guard !held.isEmpty, Decodability.isDecodable(held) else { continue }
            let places = Array(held)
            let bad = places[random.below(places.count)]
            var without = held
            without.remove(bad)
            guard Decodability.isDecodable(without) else { continue }
            var partial = matrix
            partial.remove(held.complement)
            partial.remove(CellSet(shape, [bad]))
            var cell = try #require(matrix.cell(at: bad))
            cell[31 + 32 * random.below(shape.preset.fieldElementsPerCell)] ^= 1
            try partial.insert(cell, at: bad)
            #expect {
                try reconstructor.rebuild(&partial)
            } throws: { error in
                guard case .contradiction(let lines) = error as? ReconstructionError else {
                    return false
                }
                return !lines.isEmpty
            }
            #expect(partial.cells == held)
        }
    }

    @Test func elementsThatAreNotCanonical() throws {
        let shape = makeShape(.minimal, 2)
        let matrix = try whole(shape, seed: 9)
        var partial = PartialMatrix(shape)
        for place in matrix.cells where place.column > 0 {
            var cell = try #require(matrix.cell(at: place))
            if place == CellCoordinate(row: 1, column: 2) {
                cell.replaceSubrange(64..<96, with: [UInt8](repeating: 0xff, count: 32))
            }
            try partial.insert(cell, at: place)
        }
        #expect(
            throws: ReconstructionError.notCanonical(CellCoordinate(row: 1, column: 2), element: 2)
        ) { try Reconstructor(shape: shape).rebuild(&partial) }
    }

    @Test func cancelling() throws {
        let shape = makeShape(.minimal, 16)
        let matrix = try whole(shape, seed: 10)
        var partial = matrix
        var lost = CellSet(shape)
        for row in 0..<shape.rows { lost.insert(CellCoordinate(row: row, column: row % 4)) }
        partial.remove(lost)
        var calls = 0
        #expect(throws: ReconstructionError.cancelled) {
            try Reconstructor(shape: shape).rebuild(&partial) { state in
                calls += 1
                #expect(state.missing == lost.count)
                return calls < 2
            }
        }
        #expect(calls == 2)
        #expect(partial.cells == lost.complement)
    }

    /// Cells come one by one in random order: what the state names is exactly what becomes
    /// recoverable, and rebuilding just that gives the matrix.
    @Test(arguments: [(Preset.minimal, 2), (.minimal, 8), (.mainnet, 2)])
    func oneByOne(preset: Preset, dataRows: Int) throws {
        let shape = makeShape(preset, dataRows)
        let matrix = try whole(shape, seed: 11)
        var random = TestRandom(seed: 12)
        let reconstructor = Reconstructor(shape: shape)
        for _ in 0..<3 {
            var (state, lines) = RebuildState.starting(with: CellSet(shape))
            #expect(lines.isEmpty)
            var partial = PartialMatrix(shape)
            for place in Array(CellSet.all(of: shape)).shuffled(using: &random) {
                if !partial.cells.contains(place) {
                    try partial.insert(try #require(matrix.cell(at: place)), at: place)
                }
                lines = state.insert(place)
                try reconstructor.rebuild(lines, of: &partial)
                if preset == .minimal || !lines.isEmpty {
                    #expect(state.recoverable == Decodability.closure(of: state.held))
                }
                #expect(partial.cells == state.recoverable)
                if state.isDecodable { break }
            }
            #expect(partial.isComplete)
            #expect(allBytes(partial) == allBytes(matrix))
        }
    }

    @Test func aLineWithTooFewCells() throws {
        let shape = makeShape(.minimal, 2)
        var partial = try whole(shape, seed: 13)
        partial.remove(CellSet(shape, (0..<3).map { CellCoordinate(row: 0, column: $0) }))
        #expect(throws: ReconstructionError.self) {
            try Reconstructor(shape: shape).rebuild([.row(0)], of: &partial)
        }
        try Reconstructor(shape: shape).rebuild([.column(1), .row(0)], of: &partial)
        #expect(partial.isComplete)
    }
}

@Suite("Partial matrices") struct PartialMatrixTests {
    @Test func copiesAreIndependent() throws {
        let shape = makeShape(.minimal, 1)
        let place = CellCoordinate(row: 1, column: 3)
        var a = PartialMatrix(shape)
        try a.insert([UInt8](repeating: 1, count: 128), proof: .infinity, at: place)
        var b = a
        b.remove(CellSet(shape, [place]))
        try b.insert([UInt8](repeating: 2, count: 128), at: place)
        #expect(a.cell(at: place)?.first == 1)
        #expect(b.cell(at: place)?.first == 2)
        #expect(a.proof(at: place) == .infinity)
        #expect(b.proof(at: place) == nil)
    }

    @Test func refusals() throws {
        let shape = makeShape(.minimal, 1)
        let place = CellCoordinate(row: 0, column: 0)
        var matrix = PartialMatrix(shape)
        #expect(throws: CellError.wrongLength(place, expected: 128, actual: 127)) {
            try matrix.insert([UInt8](repeating: 0, count: 127), at: place)
        }
        for outside in [(2, 0), (0, 4), (-1, 0), (0, -1)] {
            let place = CellCoordinate(row: outside.0, column: outside.1)
            #expect(throws: CellError.outside(place)) {
                try matrix.insert([UInt8](repeating: 0, count: 128), at: place)
            }
            #expect(matrix.cell(at: place) == nil)
        }
        #expect(try matrix.insert([UInt8](repeating: 0, count: 128), at: place))
        #expect(try !matrix.insert([UInt8](repeating: 0, count: 128), proof: .infinity, at: place))
        #expect(matrix.proof(at: place) == .infinity)
        #expect(throws: CellError.contradiction(place)) {
            try matrix.insert([UInt8](repeating: 1, count: 128), at: place)
        }
    }
}
