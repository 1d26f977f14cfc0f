public import CBLS12381

/// An element `c0 + c1 v + c2 v^2` of the cubic extension of ``Fp2``, with v^3 = 1 + u.
public struct Fp6: Sendable {
    @usableFromInline package var raw: bls_fp6

    @inlinable package init(raw: bls_fp6) { self.raw = raw }

    /// The element `c0 + c1 v + c2 v^2`.
    public init(_ c0: Fp2, _ c1: Fp2, _ c2: Fp2) {
        raw = bls_fp6(c0: c0.raw, c1: c1.raw, c2: c2.raw)
    }

    /// The coefficient of 1.
    public var c0: Fp2 { Fp2(raw: raw.c0) }
    /// The coefficient of v.
    public var c1: Fp2 { Fp2(raw: raw.c1) }
    /// The coefficient of v^2.
    public var c2: Fp2 { Fp2(raw: raw.c2) }

    /// The neutral element of addition.
    public static let zero = Fp6(.zero, .zero, .zero)
    /// The neutral element of multiplication.
    public static let one = Fp6(.one, .zero, .zero)

    /// The sum.
    public static func + (a: Fp6, b: Fp6) -> Fp6 { Fp6(a.c0 + b.c0, a.c1 + b.c1, a.c2 + b.c2) }
    /// The difference.
    public static func - (a: Fp6, b: Fp6) -> Fp6 { Fp6(a.c0 - b.c0, a.c1 - b.c1, a.c2 - b.c2) }
    /// The negative.
    public static prefix func - (a: Fp6) -> Fp6 { Fp6(-a.c0, -a.c1, -a.c2) }

    /// The product.
    public static func * (a: Fp6, b: Fp6) -> Fp6 {
        var x = a.raw
        var y = b.raw
        var result = bls_fp6()
        bls_fp6_mul(&result, &x, &y)
        return Fp6(raw: result)
    }

    /// The inverse; zero for zero.
    public func inverse() -> Fp6 {
        var x = raw
        var result = bls_fp6()
        bls_fp6_inv(&result, &x)
        return Fp6(raw: result)
    }
}

extension Fp6: Equatable {
    /// Whether two elements are equal.
    public static func == (a: Fp6, b: Fp6) -> Bool {
        a.c0 == b.c0 && a.c1 == b.c1 && a.c2 == b.c2
    }
}
