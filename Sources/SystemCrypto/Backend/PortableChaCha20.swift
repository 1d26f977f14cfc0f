/// The ChaCha20 keystream (RFC 8439 section 2.3, with the original 64-bit counter and nonce).
///
/// Serves ``SeededRandom`` where the platform's library has no bare stream cipher; a generator of
/// reproducible numbers, never a cipher for secrets. Tests compare it with libsodium's.
package enum PortableChaCha20 {
    /// Writes whole blocks of keystream.
    ///
    /// - Parameters:
    ///   - key: 32 bytes.
    ///   - firstBlock: The number of the first block.
    ///   - output: A multiple of 64 bytes.
    package static func keystream(
        key: [UInt8], firstBlock: UInt64, into output: UnsafeMutableRawBufferPointer
    ) {
        precondition(key.count == 32 && output.count % 64 == 0)
        var state: [UInt32] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]
        for word in 0..<8 {
            state.append(
                (0..<4).reduce(0) { $0 | UInt32(key[word * 4 + $1]) << UInt32(8 * $1) })
        }
        state += [0, 0, 0, 0]
        for block in 0..<(output.count / 64) {
            let counter = firstBlock &+ UInt64(block)
            state[12] = UInt32(truncatingIfNeeded: counter)
            state[13] = UInt32(truncatingIfNeeded: counter >> 32)
            var x = state
            for _ in 0..<10 {
                quarterRound(&x, 0, 4, 8, 12)
                quarterRound(&x, 1, 5, 9, 13)
                quarterRound(&x, 2, 6, 10, 14)
                quarterRound(&x, 3, 7, 11, 15)
                quarterRound(&x, 0, 5, 10, 15)
                quarterRound(&x, 1, 6, 11, 12)
                quarterRound(&x, 2, 7, 8, 13)
                quarterRound(&x, 3, 4, 9, 14)
            }
            for word in 0..<16 {
                output.storeBytes(
                    of: (x[word] &+ state[word]).littleEndian,
                    toByteOffset: block * 64 + word * 4, as: UInt32.self)
            }
        }
    }

    private static func quarterRound(
        _ x: inout [UInt32], _ a: Int, _ b: Int, _ c: Int, _ d: Int
    ) {
        func rotated(_ value: UInt32, by count: UInt32) -> UInt32 {
            value << count | value >> (32 - count)
        }
        x[a] &+= x[b]
        x[d] = rotated(x[d] ^ x[a], by: 16)
        x[c] &+= x[d]
        x[b] = rotated(x[b] ^ x[c], by: 12)
        x[a] &+= x[b]
        x[d] = rotated(x[d] ^ x[a], by: 8)
        x[c] &+= x[d]
        x[b] = rotated(x[b] ^ x[c], by: 7)
    }
}
