import SystemCrypto
import Testing

@Suite struct RandomSuite {
    /// Computed with another library's ChaCha20.
    @Test func seededWords() {
        var random = SeededRandom(number: 42)
        let words = (0..<512).map { _ in random.next() }
        #expect(
            words[..<4] == [
                0x2b70_9edb_0a0e_5b70, 0x99cb_e4a8_b491_c317, 0xa28c_2eba_094f_89a0,
                0xccd6_9229_fa0b_58a1,
            ])
        #expect(words[200] == 0xb9a6_f664_ce62_bd21)
        #expect(words[511] == 0xbe90_fed3_65ae_5e9d)
    }

    /// The bound 2^63 + 1 makes about half the words be drawn again.
    @Test func uniformNumbers() {
        var random = SeededRandom(number: 42)
        let bounds: [UInt64] = [
            1, 2, 10, 65536, 1 << 63 + 1, 1 << 63 + 1, .max, 1_000_003,
        ]
        #expect(
            bounds.map { random.uniform(below: $0) } == [
                0, 1, 4, 22689, 7_564_669_155_896_612_992, 6_931_918_546_811_195_475,
                7_196_895_882_258_958_880, 479_940,
            ])
    }

    @Test func uniformNumbersAreSpreadEvenly() {
        var random = SeededRandom(number: 1)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<70_000 { counts[random.uniform(below: 7)] += 1 }
        // Standard deviation about 93.
        for count in counts { #expect(abs(count - 10_000) < 500) }
    }

    @Test func seedsDiffer() {
        var a = SeededRandom(number: 0)
        var b = SeededRandom(number: 1)
        #expect(a.next() != b.next())
    }

    @Test func copiesContinueAlike() {
        var a = SeededRandom(seed: [UInt8](repeating: 7, count: 32))
        for _ in 0..<100 { _ = a.next() }
        var b = a
        for _ in 0..<1000 { #expect(a.next() == b.next()) }
    }

    @Test func portableKeystreamAgrees() {
        let key = SystemRandom.bytes(32)
        var random = SeededRandom(seed: key)
        var portable = [UInt64](repeating: 0, count: 1024)
        portable.withUnsafeMutableBytes {
            PortableChaCha20.keystream(key: key, firstBlock: 0, into: $0)
        }
        for word in portable { #expect(random.next() == UInt64(littleEndian: word)) }
    }

    @Test func systemRandomBytes() {
        #expect(SystemRandom.bytes(0) == [])
        #expect(SystemRandom.bytes(32).count == 32)
        #expect(SystemRandom.bytes(32) != SystemRandom.bytes(32))
        var source = SystemRandomNumberSource()
        #expect(source.next() != source.next())
    }
}
