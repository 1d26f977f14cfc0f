public import CBLS12381

/// An element of the base field of BLS12-381: an integer modulo the 381-bit prime p.
///
/// Stored in Montgomery form, always reduced. Nothing is constant-time.
public struct Fp: Sendable {
    @usableFromInline package var raw: bls_fp

    @inlinable package init(raw: bls_fp) { self.raw = raw }

    /// The number of bytes of the encoding, big-endian.
    public static let byteCount = 48

    /// The neutral element of addition.
    @inlinable public static var zero: Fp { Fp(raw: bls_fp()) }

    /// The neutral element of multiplication.
    @inlinable public static var one: Fp {
        Fp(
            raw: bls_fp(
                l: (
                    0x7609_0000_0002_fffd, 0xebf4_000b_c40c_0002, 0x5f48_9857_53c7_58ba,
                    0x77ce_5853_7052_5745, 0x5c07_1a97_a256_ec6d, 0x15f6_5ec3_fa80_e493
                )))
    }

    /// The element that is a small integer.
    public init(_ value: UInt64) {
        var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (value, 0, 0, 0, 0, 0)
        var raw = bls_fp()
        withUnsafeBytes(of: &words) {
            _ = bls_fp_from_words(&raw, $0.assumingMemoryBound(to: UInt64.self).baseAddress)
        }
        self.raw = raw
    }

    /// The element with the given words of its Montgomery form, the least significant first.
    ///
    /// - Precondition: They make a number below p: use this for constants only.
    @inlinable package init(
        montgomery l: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)
    ) {
        raw = bls_fp(l: l)
    }

    /// Parses 48 bytes, big-endian; nil if there is another number of them, or if the integer is
    /// not below p.
    public init?(canonical bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Fp.byteCount, let base = bytes.baseAddress else { return nil }
        var raw = bls_fp()
        guard bls_fp_from_bytes(&raw, base.assumingMemoryBound(to: UInt8.self)) == 1 else {
            return nil
        }
        self.raw = raw
    }

    /// Parses 48 bytes, big-endian; nil if there is another number of them, or if the integer is
    /// not below p.
    public init?(canonical bytes: [UInt8]) {
        guard let value = bytes.withUnsafeBytes({ Fp(canonical: $0) }) else { return nil }
        self = value
    }

    /// Writes the encoding, 48 bytes big-endian.
    ///
    /// - Precondition: `bytes` has room for 48.
    public func write(to bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count >= Fp.byteCount, "an element of the base field has 48 bytes")
        var copy = raw
        bls_fp_to_bytes(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), &copy)
    }

    /// The encoding, 48 bytes big-endian.
    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Fp.byteCount) { buffer, count in
            write(to: UnsafeMutableRawBufferPointer(buffer))
            count = Fp.byteCount
        }
    }

    /// Whether this is zero.
    @inlinable public var isZero: Bool { bls_fp_vanishes(raw) != 0 }

    /// Whether the integer is above (p - 1) / 2, and so the larger of this element and its negative.
    public var isLexicographicallyLargest: Bool {
        var copy = raw
        return bls_fp_is_large(&copy) != 0
    }

    /// The sum.
    @inlinable public static func + (a: Fp, b: Fp) -> Fp { Fp(raw: bls_fp_sum(a.raw, b.raw)) }

    /// The difference.
    @inlinable public static func - (a: Fp, b: Fp) -> Fp {
        Fp(raw: bls_fp_difference(a.raw, b.raw))
    }

    /// The product.
    @inlinable public static func * (a: Fp, b: Fp) -> Fp { Fp(raw: bls_fp_product(a.raw, b.raw)) }

    /// The negative.
    @inlinable public static prefix func - (a: Fp) -> Fp { Fp(raw: bls_fp_negative(a.raw)) }

    /// Adds in place.
    @inlinable public static func += (a: inout Fp, b: Fp) { a = a + b }

    /// Subtracts in place.
    @inlinable public static func -= (a: inout Fp, b: Fp) { a = a - b }

    /// Multiplies in place.
    @inlinable public static func *= (a: inout Fp, b: Fp) { a = a * b }

    /// The square.
    @inlinable public func squared() -> Fp { Fp(raw: bls_fp_square(raw)) }

    /// Twice this element.
    @inlinable public func doubled() -> Fp { Fp(raw: bls_fp_sum(raw, raw)) }

    /// The inverse; zero for zero.
    public func inverse() -> Fp {
        var copy = raw
        var result = bls_fp()
        bls_fp_inv(&result, &copy)
        return Fp(raw: result)
    }

    /// A square root, or nil if there is none.
    public func squareRoot() -> Fp? {
        var copy = raw
        var result = bls_fp()
        return bls_fp_sqrt(&result, &copy) == 1 ? Fp(raw: result) : nil
    }

    /// This element to a power whose words are given, the least significant first.
    public func pow(limbs exponent: [UInt64]) -> Fp {
        var result = Fp.one
        for word in exponent.reversed() {
            for bit in (0..<64).reversed() {
                result = result.squared()
                if word >> UInt64(bit) & 1 == 1 { result *= self }
            }
        }
        return result
    }

    /// Inverts every element in place; zeros stay zero. One inversion and three multiplications per
    /// element.
    public static func invertAll(_ elements: UnsafeMutableBufferPointer<Fp>) {
        guard let base = elements.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: bls_fp.self, capacity: elements.count) { scratch in
            base.withMemoryRebound(to: bls_fp.self, capacity: elements.count) {
                bls_fp_inv_all($0, scratch.baseAddress, elements.count)
            }
        }
    }
}

extension Fp: Equatable, Hashable {
    /// Whether two elements are equal.
    @inlinable public static func == (a: Fp, b: Fp) -> Bool { bls_fp_same(a.raw, b.raw) != 0 }

    /// Feeds the words to a hasher.
    public func hash(into hasher: inout Hasher) {
        withUnsafeBytes(of: raw) { hasher.combine(bytes: $0) }
    }
}
