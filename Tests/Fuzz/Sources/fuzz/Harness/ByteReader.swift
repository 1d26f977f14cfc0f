/// The fuzzer's bytes as a source of decisions: past their end everything is zero.
struct ByteReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Whether all bytes have been used.
    var isAtEnd: Bool { position >= bytes.count }

    /// How many bytes are left.
    var remaining: Int { max(0, bytes.count - position) }

    mutating func byte() -> UInt8 {
        guard position < bytes.count else { return 0 }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func bit() -> Bool { byte() & 1 == 1 }

    mutating func uint16() -> UInt16 { UInt16(byte()) | UInt16(byte()) << 8 }

    mutating func uint32() -> UInt32 { UInt32(uint16()) | UInt32(uint16()) << 16 }

    mutating func uint64() -> UInt64 { UInt64(uint32()) | UInt64(uint32()) << 32 }

    /// A number from 0 to `bound - 1`, from as many bytes as it takes.
    mutating func below(_ bound: Int) -> Int {
        if bound <= 1 { return 0 }
        if bound <= 256 { return Int(byte()) % bound }
        if bound <= 65_536 { return Int(uint16()) % bound }
        return Int(uint32() & 0x7fff_ffff) % bound
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[below(elements.count)]
    }

    /// So many bytes, fewer if there are not as many left.
    mutating func take(_ count: Int) -> [UInt8] {
        let end = min(bytes.count, position + max(0, count))
        guard position < end else { return [] }
        defer { position = end }
        return Array(bytes[position..<end])
    }

    /// So many bytes, zeros at the end if there are not as many left.
    mutating func exactly(_ count: Int) -> [UInt8] {
        let taken = take(count)
        return taken + [UInt8](repeating: 0, count: count - taken.count)
    }

    /// All that is left.
    mutating func rest() -> [UInt8] { take(remaining) }
}

/// SplitMix64: many bytes from a seed of few.
struct FuzzRandom: RandomNumberGenerator {
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

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

private let manyBytes: [UInt8] = {
    var random = FuzzRandom(seed: 4)
    return random.bytes(1 << 20)
}()

/// So many bytes, up to half a MiB, others for another number.
func testBytes(_ count: Int, _ number: UInt8) -> [UInt8] {
    let start = Int(number) * 1021
    return Array(manyBytes[start..<(start + count)])
}
