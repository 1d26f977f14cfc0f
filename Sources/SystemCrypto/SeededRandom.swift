/// A generator that gives the same numbers for the same seed, on every platform and for ever.
///
/// Word `i` is bytes `8i ..< 8i + 8`, little-endian, of the ChaCha20 keystream under the seed as
/// key, with nonce zero and the block counter starting at zero. `specs/parameters.md` fixes this
/// and the two functions below, since erasure patterns and simulations are named by their seeds.
package struct SeededRandom: RandomNumberGenerator, Sendable {
    /// Bytes in a seed.
    package static let seedByteCount = 32

    /// 64-byte blocks computed at a time; no effect on the numbers.
    private static let blocksAhead = 16

    private let seed: [UInt8]
    private var nextBlock: UInt64 = 0
    private var words: [UInt64] = []
    private var position = 0

    /// The generator of a 32-byte seed. (A seed of another length is a programmer's error.)
    package init(seed: [UInt8]) {
        precondition(seed.count == Self.seedByteCount, "a seed has 32 bytes")
        self.seed = seed
    }

    /// The generator of a numbered seed: its 32 bytes are
    /// `SHA-256("damask-seed-v1" || number as 8 bytes little-endian)`.
    package init(number: UInt64) {
        var hash = SHA256()
        hash.update(Array("damask-seed-v1".utf8))
        hash.update(littleEndian: number)
        self.init(seed: hash.finalize())
    }

    package mutating func next() -> UInt64 {
        if position == words.count { refill() }
        defer { position += 1 }
        return words[position]
    }

    private mutating func refill() {
        let count = Self.blocksAhead * 8
        if words.isEmpty { words = [UInt64](repeating: 0, count: count) }
        words.withUnsafeMutableBytes { buffer in
            Backend.chaCha20Keystream(key: seed, firstBlock: nextBlock, into: buffer)
        }
        for index in words.indices { words[index] = UInt64(littleEndian: words[index]) }
        nextBlock += UInt64(Self.blocksAhead)
        position = 0
    }
}

extension RandomNumberGenerator {
    /// Draws a number uniformly: words are drawn until one lies below the largest multiple of
    /// `bound` that is at most 2^64, and the answer is that word modulo `bound`.
    ///
    /// The standard library's `random(in:using:)` leaves open how it draws; this does not, and what
    /// depends on a seed uses only this.
    ///
    /// - Parameter bound: At least 1.
    /// - Returns: A number in `0 ..< bound`.
    package mutating func uniform(below bound: UInt64) -> UInt64 {
        precondition(bound > 0, "no number is below zero")
        // 2^64 mod bound, so that words from 2^64 - excess on are drawn again.
        let excess = (UInt64.max % bound + 1) % bound
        while true {
            let word = next()
            if excess == 0 || word < 0 &- excess { return word % bound }
        }
    }

    /// A number uniform in `0 ..< bound`, as ``uniform(below:)-(UInt64)`` has it.
    package mutating func uniform(below bound: Int) -> Int {
        precondition(bound > 0, "no number is below zero")
        return Int(uniform(below: UInt64(bound)))
    }
}
