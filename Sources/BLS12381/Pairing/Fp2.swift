public import CBLS12381

/// An element `c0 + c1 u` of the quadratic extension of the base field, with u^2 = -1: the
/// coordinates of G2.
public struct Fp2: Sendable {
    @usableFromInline package var raw: bls_fp2

    @inlinable package init(raw: bls_fp2) { self.raw = raw }

    /// The element `c0 + c1 u`.
    @inlinable public init(_ c0: Fp, _ c1: Fp) { raw = bls_fp2(c0: c0.raw, c1: c1.raw) }

    /// The coefficient of 1.
    @inlinable public var c0: Fp { Fp(raw: raw.c0) }

    /// The coefficient of u.
    @inlinable public var c1: Fp { Fp(raw: raw.c1) }

    /// The neutral element of addition.
    public static let zero = Fp2(.zero, .zero)

    /// The neutral element of multiplication.
    public static let one = Fp2(.one, .zero)

    /// Whether this is zero.
    public var isZero: Bool { c0.isZero && c1.isZero }

    /// The sum.
    public static func + (a: Fp2, b: Fp2) -> Fp2 { Fp2(a.c0 + b.c0, a.c1 + b.c1) }

    /// The difference.
    public static func - (a: Fp2, b: Fp2) -> Fp2 { Fp2(a.c0 - b.c0, a.c1 - b.c1) }

    /// The negative.
    public static prefix func - (a: Fp2) -> Fp2 { Fp2(-a.c0, -a.c1) }

    /// The product.
    public static func * (a: Fp2, b: Fp2) -> Fp2 {
        var x = a.raw
        var y = b.raw
        var result = bls_fp2()
        bls_fp2_mul(&result, &x, &y)
        return Fp2(raw: result)
    }

    /// The product with an element of the base field.
    public static func * (a: Fp2, b: Fp) -> Fp2 { Fp2(a.c0 * b, a.c1 * b) }

    /// Adds in place.
    public static func += (a: inout Fp2, b: Fp2) { a = a + b }

    /// Subtracts in place.
    public static func -= (a: inout Fp2, b: Fp2) { a = a - b }

    /// Multiplies in place.
    public static func *= (a: inout Fp2, b: Fp2) { a = a * b }

    /// The square.
    public func squared() -> Fp2 {
        var x = raw
        var result = bls_fp2()
        bls_fp2_sqr(&result, &x)
        return Fp2(raw: result)
    }

    /// Twice this element.
    public func doubled() -> Fp2 { self + self }

    /// `c0 - c1 u`, which is this element to the power p.
    public func conjugate() -> Fp2 { Fp2(c0, -c1) }

    /// The inverse; zero for zero.
    public func inverse() -> Fp2 {
        var x = raw
        var result = bls_fp2()
        bls_fp2_inv(&result, &x)
        return Fp2(raw: result)
    }

    /// A square root, or nil if there is none.
    public func squareRoot() -> Fp2? {
        var x = raw
        var result = bls_fp2()
        return bls_fp2_sqrt(&result, &x) == 1 ? Fp2(raw: result) : nil
    }

    /// This element to a power whose words are given, the least significant first.
    public func pow(limbs exponent: [UInt64]) -> Fp2 {
        var result = Fp2.one
        for word in exponent.reversed() {
            for bit in (0..<64).reversed() {
                result = result.squared()
                if word >> UInt64(bit) & 1 == 1 { result *= self }
            }
        }
        return result
    }

    /// Whether this is the larger of this element and its negative: by `c1`, then by `c0`.
    public var isLexicographicallyLargest: Bool {
        c1.isZero ? c0.isLexicographicallyLargest : c1.isLexicographicallyLargest
    }

    /// Inverts every element in place, with one inversion; zeros stay zero.
    public static func invertAll(_ elements: inout [Fp2]) {
        var product = Fp2.one
        var prefixes: [Fp2] = []
        prefixes.reserveCapacity(elements.count)
        for element in elements {
            prefixes.append(product)
            if !element.isZero { product *= element }
        }
        var inverse = product.inverse()
        for index in elements.indices.reversed() where !elements[index].isZero {
            let element = elements[index]
            elements[index] = inverse * prefixes[index]
            inverse *= element
        }
    }
}

extension Fp2: Equatable, Hashable {
    /// Whether two elements are equal.
    public static func == (a: Fp2, b: Fp2) -> Bool { a.c0 == b.c0 && a.c1 == b.c1 }

    /// Feeds the coefficients to a hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(c0)
        hasher.combine(c1)
    }
}
