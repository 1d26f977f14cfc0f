/// A point of the twist y^2 = x^3 + 4 (1 + u) over ``Fp2`` in Jacobian coordinates: (X / Z^2, Y / Z^3).
///
/// G2's points are few and fixed here (a setup has a handful), so this is the plain arithmetic.
public struct G2: Sendable {
    let x: Fp2
    let y: Fp2
    let z: Fp2

    init(x: Fp2, y: Fp2, z: Fp2) {
        self.x = x
        self.y = y
        self.z = z
    }

    /// The same point.
    public init(_ point: G2Affine) {
        self = point.isInfinity ? .zero : G2(x: point.x, y: point.y, z: .one)
    }

    /// The point at infinity.
    public static let zero = G2(x: .one, y: .one, z: .zero)

    /// Whether this is the point at infinity.
    public var isZero: Bool { z.isZero }

    /// Twice this point.
    public func doubled() -> G2 {
        let xx = x.squared()
        let yy = y.squared()
        let s = (x * yy).doubled().doubled()
        let m = xx.doubled() + xx
        let nextX = m.squared() - s.doubled()
        let nextY = m * (s - nextX) - yy.squared().doubled().doubled().doubled()
        return G2(x: nextX, y: nextY, z: (y * z).doubled())
    }

    /// The sum; any two points.
    public static func + (a: G2, b: G2) -> G2 {
        if a.isZero { return b }
        if b.isZero { return a }
        let zz1 = a.z.squared()
        let zz2 = b.z.squared()
        let u1 = a.x * zz2
        let s1 = a.y * zz2 * b.z
        let h = b.x * zz1 - u1
        let d = b.y * zz1 * a.z - s1
        if h.isZero { return d.isZero ? a.doubled() : .zero }
        let hh = h.squared()
        let hhh = h * hh
        let v = u1 * hh
        let x = d.squared() - hhh - v.doubled()
        return G2(x: x, y: d * (v - x) - s1 * hhh, z: a.z * b.z * h)
    }

    /// The negative.
    public static prefix func - (a: G2) -> G2 { G2(x: a.x, y: -a.y, z: a.z) }

    /// The difference.
    public static func - (a: G2, b: G2) -> G2 { a + -b }

    /// The point times a scalar.
    public static func * (point: G2, scalar: Fr) -> G2 {
        let words = scalar.rawLimbs()
        return point.multiplied(limbs: [words.0, words.1, words.2, words.3])
    }

    /// The point times an integer whose words are given, the least significant first.
    public func multiplied(limbs: [UInt64]) -> G2 {
        var result = G2.zero
        for word in limbs.reversed() {
            for bit in (0..<64).reversed() {
                result = result.doubled()
                if word >> UInt64(bit) & 1 == 1 { result = result + self }
            }
        }
        return result
    }

    /// The same point in affine coordinates.
    public var affine: G2Affine {
        guard !isZero else { return .infinity }
        let inverse = z.inverse()
        let square = inverse.squared()
        return G2Affine(x: x * square, y: y * square * inverse)
    }
}

extension G2: Equatable {
    /// Whether two values are the same point, whatever their coordinates.
    public static func == (a: G2, b: G2) -> Bool {
        if a.isZero || b.isZero { return a.isZero && b.isZero }
        let zz1 = a.z.squared()
        let zz2 = b.z.squared()
        return a.x * zz2 == b.x * zz1 && a.y * zz2 * b.z == b.y * zz1 * a.z
    }
}
