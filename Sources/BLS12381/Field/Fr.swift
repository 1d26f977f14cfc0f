public import CBLS12381

/// An element of the scalar field of BLS12-381: an integer modulo the 255-bit prime r, the order of
/// the groups. Blobs consist of these.
///
/// Stored in Montgomery form, always reduced. Nothing is constant-time.
public struct Fr: Sendable {
    @usableFromInline package var raw: bls_fr

    @inlinable package init(raw: bls_fr) { self.raw = raw }

    /// The number of bytes of the encoding, big-endian.
    public static let byteCount = 32

    /// The neutral element of addition.
    @inlinable public static var zero: Fr { Fr(raw: bls_fr()) }

    /// The neutral element of multiplication.
    @inlinable public static var one: Fr {
        Fr(
            raw: bls_fr(
                l: (
                    0x0000_0001_ffff_fffe, 0x5884_b7fa_0003_4802, 0x998c_4fef_ecbc_4ff5,
                    0x1824_b159_acc5_056f
                )))
    }

    /// The element that is a small integer.
    public init(_ value: UInt64) {
        self.init(reducing: (value, 0, 0, 0))
    }

    /// The element that a 256-bit integer leaves modulo r; words, the least significant first.
    package init(reducing words: (UInt64, UInt64, UInt64, UInt64)) {
        var raw = bls_fr()
        withUnsafeBytes(of: words) {
            bls_fr_from_words_reducing(
                &raw, $0.assumingMemoryBound(to: UInt64.self).baseAddress)
        }
        self.raw = raw
    }

    /// Parses 32 bytes, big-endian; nil if there is another number of them, or if the integer is
    /// not below r.
    public init?(canonical bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Fr.byteCount, let base = bytes.baseAddress else { return nil }
        var raw = bls_fr()
        guard bls_fr_from_bytes(&raw, base.assumingMemoryBound(to: UInt8.self)) == 1 else {
            return nil
        }
        self.raw = raw
    }

    /// Parses 32 bytes, big-endian; nil if there is another number of them, or if the integer is
    /// not below r.
    public init?(canonical bytes: [UInt8]) {
        guard let value = bytes.withUnsafeBytes({ Fr(canonical: $0) }) else { return nil }
        self = value
    }

    /// The integer that 32 bytes are, big-endian, modulo r: for the outputs of hash functions.
    ///
    /// - Precondition: `bytes` has 32 elements.
    public init(reducing bytes: [UInt8]) {
        precondition(bytes.count == Fr.byteCount, "a scalar has 32 bytes")
        var raw = bls_fr()
        bls_fr_from_bytes_reducing(&raw, bytes)
        self.raw = raw
    }

    /// Writes the encoding, 32 bytes big-endian.
    ///
    /// - Precondition: `bytes` has room for 32.
    public func write(to bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count >= Fr.byteCount, "a scalar has 32 bytes")
        var copy = raw
        bls_fr_to_bytes(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), &copy)
    }

    /// The encoding, 32 bytes big-endian.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Fr.byteCount) { buffer, count in
            write(to: UnsafeMutableRawBufferPointer(buffer))
            count = Fr.byteCount
        }
    }

    /// The integer, below r, in 64-bit words, the least significant first.
    public func rawLimbs() -> (UInt64, UInt64, UInt64, UInt64) {
        var copy = raw
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &words) {
            bls_fr_to_words($0.assumingMemoryBound(to: UInt64.self).baseAddress, &copy)
        }
        return words
    }

    /// Whether this is zero.
    @inlinable public var isZero: Bool { bls_fr_vanishes(raw) != 0 }

    /// The sum.
    @inlinable public static func + (a: Fr, b: Fr) -> Fr { Fr(raw: bls_fr_sum(a.raw, b.raw)) }

    /// The difference.
    @inlinable public static func - (a: Fr, b: Fr) -> Fr {
        Fr(raw: bls_fr_difference(a.raw, b.raw))
    }

    /// The product.
    @inlinable public static func * (a: Fr, b: Fr) -> Fr { Fr(raw: bls_fr_product(a.raw, b.raw)) }

    /// The negative.
    @inlinable public static prefix func - (a: Fr) -> Fr { Fr(raw: bls_fr_negative(a.raw)) }

    /// Adds in place.
    @inlinable public static func += (a: inout Fr, b: Fr) { a = a + b }

    /// Subtracts in place.
    @inlinable public static func -= (a: inout Fr, b: Fr) { a = a - b }

    /// Multiplies in place.
    @inlinable public static func *= (a: inout Fr, b: Fr) { a = a * b }

    /// The square.
    @inlinable public func squared() -> Fr { Fr(raw: bls_fr_product(raw, raw)) }

    /// The inverse; zero for zero.
    public func inverse() -> Fr {
        var copy = raw
        var result = bls_fr()
        bls_fr_inv(&result, &copy)
        return Fr(raw: result)
    }

    /// This element to a power.
    public func pow(_ exponent: UInt64) -> Fr {
        var result = Fr.one
        for bit in (0..<(64 - exponent.leadingZeroBitCount)).reversed() {
            result = result.squared()
            if exponent >> UInt64(bit) & 1 == 1 { result *= self }
        }
        return result
    }

    /// This element to a power whose words are given, the least significant first.
    public func pow(limbs exponent: [UInt64]) -> Fr {
        var result = Fr.one
        for word in exponent.reversed() {
            for bit in (0..<64).reversed() {
                result = result.squared()
                if word >> UInt64(bit) & 1 == 1 { result *= self }
            }
        }
        return result
    }
}

extension Fr: Equatable, Hashable {
    /// Whether two elements are equal.
    @inlinable public static func == (a: Fr, b: Fr) -> Bool { bls_fr_same(a.raw, b.raw) != 0 }

    /// Feeds the words to a hasher.
    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes(of: raw) { hasher.combine(bytes: $0) }
    }
}
