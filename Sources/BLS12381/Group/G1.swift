public import CBLS12381

/// A point of G1 in Jacobian coordinates: cheap to add, not unique. Turn many into affine points at
/// once with `normalize`.
public struct G1: Sendable {
    @usableFromInline package var raw: bls_g1

    @inlinable package init(raw: bls_g1) { self.raw = raw }

    /// The point at infinity, the neutral element.
    @inlinable public static var zero: G1 { G1(raw: bls_g1()) }

    /// The same point as an affine one.
    public init(_ point: G1Affine) {
        var source = point.raw
        var raw = bls_g1()
        bls_g1_from_affine(&raw, &source)
        self.raw = raw
    }

    /// Whether this is the point at infinity.
    @inlinable public var isInfinity: Bool { bls_fp_vanishes(raw.z) != 0 }

    /// The sum; operands may be equal, opposite or infinite.
    public static func + (a: G1, b: G1) -> G1 {
        var (x, y, r) = (a.raw, b.raw, bls_g1())
        bls_g1_add(&r, &x, &y)
        return G1(raw: r)
    }

    /// The sum; operands may be equal, opposite or infinite.
    public static func + (a: G1, b: G1Affine) -> G1 {
        var (x, y, r) = (a.raw, b.raw, bls_g1())
        bls_g1_add_affine(&r, &x, &y)
        return G1(raw: r)
    }

    /// The difference.
    public static func - (a: G1, b: G1) -> G1 { a + (-b) }

    /// The difference.
    public static func - (a: G1, b: G1Affine) -> G1 { a + (-b) }

    /// Adds in place.
    public static func += (a: inout G1, b: G1) { a = a + b }

    /// Adds in place.
    public static func += (a: inout G1, b: G1Affine) { a = a + b }

    /// Subtracts in place.
    public static func -= (a: inout G1, b: G1) { a = a - b }

    /// The negative.
    public static prefix func - (a: G1) -> G1 { a.negated() }

    /// The negative.
    public func negated() -> G1 {
        var (x, r) = (raw, bls_g1())
        bls_g1_neg(&r, &x)
        return G1(raw: r)
    }

    /// Twice this point.
    public func doubled() -> G1 {
        var (x, r) = (raw, bls_g1())
        bls_g1_dbl(&r, &x)
        return G1(raw: r)
    }

    /// The point times a scalar, by the endomorphism.
    ///
    /// - Precondition: The point is in the subgroup of order r.
    public static func * (a: G1, scalar: Fr) -> G1 {
        var (x, r) = (a.raw, bls_g1())
        withUnsafeBytes(of: scalar.rawLimbs()) {
            bls_g1_mul(&r, &x, $0.assumingMemoryBound(to: UInt64.self).baseAddress)
        }
        return G1(raw: r)
    }

    /// The point times a scalar, by the endomorphism.
    ///
    /// - Precondition: The point is in the subgroup of order r.
    public static func * (scalar: Fr, a: G1) -> G1 { a * scalar }

    /// The same point by its coordinates; one inversion.
    public var affine: G1Affine {
        var (x, r) = (raw, bls_g1_affine())
        bls_g1_to_affine(&r, &x)
        return G1Affine(raw: r)
    }

    /// All points by their coordinates, with one inversion for all.
    public static func normalize(_ points: [G1]) -> [G1Affine] {
        [G1Affine](unsafeUninitializedCapacity: points.count) { buffer, initialized in
            points.withUnsafeBufferPointer { normalize($0, into: buffer) }
            initialized = points.count
        }
    }

    /// All points by their coordinates, with one inversion for all.
    ///
    /// - Precondition: `result` has room for as many.
    package static func normalize(
        _ points: UnsafeBufferPointer<G1>, into result: UnsafeMutableBufferPointer<G1Affine>
    ) {
        precondition(result.count >= points.count, "room for the results")
        guard let source = points.baseAddress, let target = result.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: bls_fp.self, capacity: points.count) { scratch in
            bls_g1_normalize(
                target.kernel, source.kernel, scratch.baseAddress, points.count)
        }
    }
}

extension G1: Equatable {
    /// Whether two points are equal, in whatever coordinates.
    public static func == (a: G1, b: G1) -> Bool {
        var (x, y) = (a.raw, b.raw)
        return bls_g1_equal(&x, &y) != 0
    }
}

// The same memory as the kernels see it: each structure has one stored property, of that type.

extension UnsafePointer<G1> {
    package var kernel: UnsafePointer<bls_g1> {
        UnsafeRawPointer(self).assumingMemoryBound(to: bls_g1.self)
    }
}

extension UnsafeMutablePointer<G1> {
    package var kernel: UnsafeMutablePointer<bls_g1> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: bls_g1.self)
    }
}

extension UnsafePointer<G1Affine> {
    package var kernel: UnsafePointer<bls_g1_affine> {
        UnsafeRawPointer(self).assumingMemoryBound(to: bls_g1_affine.self)
    }
}

extension UnsafeMutablePointer<G1Affine> {
    package var kernel: UnsafeMutablePointer<bls_g1_affine> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: bls_g1_affine.self)
    }
}
