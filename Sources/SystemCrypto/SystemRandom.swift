/// Bytes from the system's cryptographic random source.
package enum SystemRandom {
    /// `count` fresh bytes.
    package static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, written in
            Backend.fillRandom(UnsafeMutableRawBufferPointer(buffer))
            written = count
        }
    }
}

/// The system's cryptographic random source as a generator.
package struct SystemRandomNumberSource: RandomNumberGenerator, Sendable {
    /// A generator; all of them draw from the same source.
    package init() {}

    package mutating func next() -> UInt64 {
        var word: UInt64 = 0
        withUnsafeMutableBytes(of: &word) { Backend.fillRandom($0) }
        return word
    }
}
