import DataMatrix
import KZGCommitments

/// A shape that exists, for tests.
func makeShape(_ preset: Preset, _ dataRows: Int) -> MatrixShape {
    guard let shape = try? MatrixShape(preset: preset, dataRows: dataRows) else {
        fatalError("no shape with \(dataRows) data rows")
    }
    return shape
}

/// A small generator (SplitMix64): the same numbers for the same seed.
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func fraction() -> Double { Double(next() >> 11) / Double(1 << 53) }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

/// Each cell with this probability.
func randomSet(_ shape: MatrixShape, density: Double, _ random: inout TestRandom) -> CellSet {
    var set = CellSet(shape)
    for row in 0..<shape.rows {
        for column in 0..<shape.columns where random.fraction() < density {
            set.insert(CellCoordinate(row: row, column: column))
        }
    }
    return set
}
