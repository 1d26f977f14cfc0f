import BLS12381

/// A small generator with a seed (SplitMix64), so that a failure can be repeated.
struct TestRandom: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// Bytes of which many are all zeros or all ones, where carries go wrong.
    mutating func roughBytes(_ count: Int) -> [UInt8] {
        var result: [UInt8] = []
        while result.count < count {
            switch next() % 4 {
            case 0: result += [UInt8](repeating: 0, count: 8)
            case 1: result += [UInt8](repeating: 0xff, count: 8)
            default: result += bytes(8)
            }
        }
        return [UInt8](result.prefix(count))
    }

    mutating func scalar() -> Fr { Fr(reducing: bytes(32)) }
}
