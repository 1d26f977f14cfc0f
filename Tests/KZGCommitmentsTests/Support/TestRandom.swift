import BLS12381
import Foundation
import KZGCommitments

/// A small generator with a seed (SplitMix64), so that a failure can be repeated.
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    mutating func scalar() -> Fr { Fr(reducing: bytes(32)) }

    /// A blob of random elements, of which some kinds have structure: few different ones, many zeros,
    /// small or the largest there are.
    mutating func blob(_ preset: Preset) -> [UInt8] {
        let kind = next() % 8
        let some = [scalar(), .zero, .one, -.one]
        return (0..<preset.fieldElementsPerBlob).flatMap { _ -> [UInt8] in
            switch kind {
            case 0: some[Int(next() % 4)].bytes
            case 1: next() % 4 == 0 ? scalar().bytes : Fr.zero.bytes
            case 2: (-Fr(next() % 4)).bytes
            case 3: Fr(next() % 4).bytes
            default: scalar().bytes
            }
        }
    }

    /// A choice of `count` columns, ascending.
    mutating func columns(_ count: Int, _ preset: Preset) -> [Int] {
        Array((0..<preset.cellsPerExtendedBlob).shuffled(using: &self).prefix(count)).sorted()
    }
}

extension [UInt8] {
    /// The cell of a column, from all cells one after the other.
    func cell(_ column: Int, _ preset: Preset) -> [UInt8] {
        Array(self[column * preset.bytesPerCell..<(column + 1) * preset.bytesPerCell])
    }

    /// All cells, from all cells one after the other.
    func cells(_ preset: Preset) -> [[UInt8]] {
        (0..<count / preset.bytesPerCell).map { cell($0, preset) }
    }
}

/// A number that whoever runs the tests has set, or nil.
func environmentNumber(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
}
