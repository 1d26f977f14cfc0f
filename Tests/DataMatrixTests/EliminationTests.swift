import BLS12381
import DataMatrix
import KZGCommitments
import Testing

/// The matrix as a system of linear equations: cells are unknowns, rows and columns give equations,
/// and Gaussian elimination says what follows from what is held. It knows nothing of rows and columns
/// in turn, of transforms, or of the reconstructor.
@Suite("Against Gaussian elimination") struct EliminationTests {
    /// The equations that hold within a codeword with these points: for each symbol of the second
    /// half, its Lagrange factors over the first half, and minus one for itself.
    private func equations(_ points: [Fr]) -> [[Fr]] {
        let half = points.count / 2
        return (half..<points.count).map { symbol in
            var factors = [Fr](repeating: .zero, count: points.count)
            for i in 0..<half {
                var factor = Fr.one
                for j in 0..<half where j != i {
                    factor *= (points[symbol] - points[j]) * (points[i] - points[j]).inverse()
                }
                factors[i] = factor
            }
            factors[symbol] = -Fr.one
            return factors
        }
    }

    /// Each missing cell that the held ones determine, from all equations of the matrix of one
    /// element to a cell; nil if the held cells contradict each other.
    private func solve(_ held: CellSet, _ values: [Fr]) -> [CellCoordinate: Fr]? {
        let shape = held.shape
        let (rows, columns) = (shape.rows, shape.columns)
        let missing = Array(held.complement)
        let unknown = Dictionary(uniqueKeysWithValues: missing.enumerated().map { ($1, $0) })
        var system: [[Fr]] = []
        func add(_ factors: [Fr], _ cells: [CellCoordinate]) {
            var equation = [Fr](repeating: .zero, count: missing.count + 1)
            for (factor, cell) in zip(factors, cells) {
                if let place = unknown[cell] {
                    equation[place] += factor
                } else {
                    equation[missing.count] -= factor * values[shape.index(of: cell)]
                }
            }
            system.append(equation)
        }
        for factors in equations(Naive.points(columns)) {
            for row in 0..<rows {
                add(factors, (0..<columns).map { CellCoordinate(row: row, column: $0) })
            }
        }
        for factors in equations(Naive.points(rows)) {
            for column in 0..<columns {
                add(factors, (0..<rows).map { CellCoordinate(row: $0, column: column) })
            }
        }
        var pivots: [Int] = []
        for place in missing.indices {
            let rank = pivots.count
            guard let found = system.indices[rank...].first(where: { !system[$0][place].isZero })
            else { continue }
            system.swapAt(rank, found)
            let inverse = system[rank][place].inverse()
            system[rank] = system[rank].map { $0 * inverse }
            for other in system.indices where other != rank && !system[other][place].isZero {
                let factor = system[other][place]
                system[other] = zip(system[other], system[rank]).map { $0 - factor * $1 }
            }
            pivots.append(place)
        }
        // An equation without unknowns that does not hold.
        if system[pivots.count...].contains(where: { !$0[missing.count].isZero }) { return nil }
        var solved: [CellCoordinate: Fr] = [:]
        for (rank, place) in pivots.enumerated() {
            // Determined unless an unknown without a pivot takes part.
            let free = missing.indices.contains { $0 != place && !system[rank][$0].isZero }
            if !free { solved[missing[place]] = system[rank][missing.count] }
        }
        return solved
    }

    /// The cells of a minimal matrix as one element each: in each row the cells' elements at the first
    /// place of their transforms, which are a codeword of the row code, as they are of the column code.
    private func remainders(_ matrix: PartialMatrix) throws -> [Fr] {
        // A cell's values sum up, over its coset, to four times the constant coefficient of the
        // remainder there; that coefficient is a polynomial in the coset's constant.
        let quarter = Fr(4).inverse()
        return try CellSet.all(of: matrix.shape).map { place in
            let cell = try #require(matrix.cell(at: place))
            return try stride(from: 0, to: 128, by: 32).reduce(Fr.zero) {
                $0 + (try #require(Fr(canonical: Array(cell[$1..<($1 + 32)]))))
            } * quarter
        }
    }

    private func wholeMatrix(_ dataRows: Int, seed: UInt64) throws -> PartialMatrix {
        let shape = makeShape(.minimal, dataRows)
        var random = TestRandom(seed: seed)
        var matrix = try dataQuadrant(randomBlobs(shape, &random), shape)
        try Reconstructor(shape: shape).rebuild(&matrix)
        return matrix
    }

    /// Wherever the closure completes, elimination gives the same values. Beyond the closure it solves
    /// exactly 16 patterns of the smallest shape.
    @Test func everyPatternThatIsNearlyStuck() throws {
        let matrix = try wholeMatrix(2, seed: 71)
        let values = try remainders(matrix)
        let shape = matrix.shape
        var beyond = 0
        for pattern in 0..<65_536 {
            let held = try #require(
                CellSet(shape, bytes: (0..<4).map { UInt8(pattern >> (4 * $0) & 15) }))
            // Fewer than four cells never suffice, and elimination is slow.
            guard held.count >= 4, held.count <= 7 else { continue }
            let decodable = Decodability.isDecodable(held)
            if decodable, pattern % 7 != 0 { continue }
            let solved = try #require(solve(held, values))
            if decodable {
                #expect(solved.count == 16 - held.count)
            } else if solved.count == 16 - held.count {
                beyond += 1
            }
            for (place, value) in solved { #expect(value == values[shape.index(of: place)]) }
        }
        #expect(beyond == 16)
    }

    @Test func randomPatternsOfATallerMatrix() throws {
        let matrix = try wholeMatrix(8, seed: 72)
        let values = try remainders(matrix)
        var random = TestRandom(seed: 73)
        for _ in 0..<12 {
            let held = randomSet(matrix.shape, density: 0.5 + 0.2 * random.fraction(), &random)
            let solved = try #require(solve(held, values))
            for (place, value) in solved {
                #expect(value == values[matrix.shape.index(of: place)])
            }
            for place in Decodability.closure(of: held).subtracting(held) {
                #expect(solved[place] != nil)
            }
        }
    }
}
