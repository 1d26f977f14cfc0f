package import SystemCrypto

/// The one number that a run follows from. Every purpose has a generator of its own, so that one
/// that draws more or less leaves the others as they were.
package struct SimulationSeed: Hashable, Sendable {
    /// The number, as users see it.
    package let number: UInt64

    /// The seed with this number.
    package init(_ number: UInt64) {
        self.number = number
    }

    /// The 32 bytes for a purpose:
    /// `SHA-256("damask-simulation-v1" || number || index || purpose)`, numbers as 8 bytes
    /// little-endian.
    package func bytes(_ purpose: String, _ index: Int = 0) -> [UInt8] {
        var hash = SHA256()
        hash.update(Array("damask-simulation-v1".utf8))
        hash.update(littleEndian: number)
        hash.update(littleEndian: UInt64(truncatingIfNeeded: index))
        hash.update(Array(purpose.utf8))
        return hash.finalize()
    }

    /// A generator for a purpose, good enough for what nodes draw in secret.
    package func generator(_ purpose: String, _ index: Int = 0) -> SeededRandom {
        SeededRandom(seed: bytes(purpose, index))
    }

    /// A fast generator for a purpose: for delays, losses and the like.
    package func fastGenerator(_ purpose: String, _ index: Int = 0) -> FastRandom {
        FastRandom(state: bytes(purpose, index).prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}

/// SplitMix64: a small generator for what no adversary looks at.
package struct FastRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that starts from this state.
    package init(state: UInt64) {
        self.state = state
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ (word >> 30)) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ (word >> 27)) &* 0x94d0_49bb_1331_11eb
        return word ^ (word >> 31)
    }

    /// True with this probability.
    package mutating func chance(_ probability: Double) -> Bool {
        probability > 0 && Double(next() >> 11) * 0x1p-53 < probability
    }

    /// A number uniform in a range.
    package mutating func uniform(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + Int64(uniform(below: UInt64(range.upperBound - range.lowerBound) + 1))
    }

    /// Shuffles in place, after Fisher and Yates.
    package mutating func shuffle<Element>(_ elements: inout [Element]) {
        guard elements.count > 1 else { return }
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, uniform(below: last + 1))
        }
    }

    /// So many distinct numbers below a bound, in ascending order.
    package mutating func distinct(_ count: Int, below bound: Int) -> [Int] {
        var all = Array(0..<bound)
        shuffle(&all)
        return all.prefix(count).sorted()
    }
}
