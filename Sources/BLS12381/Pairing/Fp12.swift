public import CBLS12381

/// An element `c0 + c1 w` of the quadratic extension of ``Fp6``, with w^2 = v: where pairings take
/// their values.
public struct Fp12: Sendable {
    @usableFromInline package var raw: bls_fp12

    @inlinable package init(raw: bls_fp12) { self.raw = raw }

    /// The element `c0 + c1 w`.
    public init(_ c0: Fp6, _ c1: Fp6) { raw = bls_fp12(c0: c0.raw, c1: c1.raw) }

    /// The coefficient of 1.
    public var c0: Fp6 { Fp6(raw: raw.c0) }
    /// The coefficient of w.
    public var c1: Fp6 { Fp6(raw: raw.c1) }

    /// The neutral element of multiplication.
    public static let one = Fp12(.one, .zero)

    /// The product.
    public static func * (a: Fp12, b: Fp12) -> Fp12 {
        var result = a
        result *= b
        return result
    }

    /// Multiplies in place.
    public static func *= (a: inout Fp12, b: Fp12) {
        var x = a.raw
        var y = b.raw
        bls_fp12_mul(&a.raw, &x, &y)
    }

    /// The square.
    public func squared() -> Fp12 {
        var result = self
        result.square()
        return result
    }

    /// Squares in place.
    public mutating func square() {
        withUnsafeMutablePointer(to: &raw) { bls_fp12_sqr($0, $0) }
    }

    /// Squares in place an element of the cyclotomic subgroup: one to whose order p^4 - p^2 + 1 is a
    /// multiple. Elsewhere the result means nothing.
    package mutating func squareInCyclotomicSubgroup() {
        withUnsafeMutablePointer(to: &raw) { bls_fp12_sqr_cyclotomic($0, $0) }
    }

    /// Multiplies in place by the line `a + b v + v w`.
    package mutating func multiply(line a: Fp2, _ b: Fp2) {
        var x = a.raw
        var y = b.raw
        bls_fp12_mul_line(&raw, &x, &y)
    }

    /// The inverse; zero for zero.
    public func inverse() -> Fp12 {
        var x = raw
        var result = bls_fp12()
        bls_fp12_inv(&result, &x)
        return Fp12(raw: result)
    }

    /// `c0 - c1 w`: this element to the power p^6, and the inverse in the cyclotomic subgroup.
    public func conjugate() -> Fp12 {
        var x = raw
        var result = bls_fp12()
        bls_fp12_conj(&result, &x)
        return Fp12(raw: result)
    }

    /// This element to the power p.
    public func frobenius() -> Fp12 {
        var x = raw
        var result = bls_fp12()
        bls_fp12_frobenius(&result, &x)
        return Fp12(raw: result)
    }

    /// This element to the power p^2.
    public func frobeniusSquared() -> Fp12 {
        var x = raw
        var result = bls_fp12()
        bls_fp12_frobenius2(&result, &x)
        return Fp12(raw: result)
    }

    /// This element to a power whose words are given, the least significant first.
    public func pow(limbs exponent: [UInt64]) -> Fp12 {
        var result = Fp12.one
        for word in exponent.reversed() {
            for bit in (0..<64).reversed() {
                result.square()
                if word >> UInt64(bit) & 1 == 1 { result *= self }
            }
        }
        return result
    }
}

extension Fp12: Equatable {
    /// Whether two elements are equal.
    public static func == (a: Fp12, b: Fp12) -> Bool {
        var x = a.raw
        var y = b.raw
        return bls_fp12_equal(&x, &y) != 0
    }
}
