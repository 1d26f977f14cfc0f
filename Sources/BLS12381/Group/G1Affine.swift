public import CBLS12381

/// A point of G1 by its coordinates: y^2 = x^3 + 4 over the base field.
///
/// The initializers from bytes let in points of the subgroup of order r only; the one from
/// coordinates checks nothing.
public struct G1Affine: Sendable {
    @usableFromInline package var raw: bls_g1_affine

    @inlinable package init(raw: bls_g1_affine) { self.raw = raw }

    /// The number of bytes of the compressed encoding.
    public static let byteCount = 48

    /// The point at infinity, the group's neutral element.
    @inlinable public static var infinity: G1Affine { G1Affine(raw: bls_g1_affine()) }

    /// The generator that everyone uses.
    public static var generator: G1Affine {
        G1Affine(
            x: Fp(
                montgomery: (
                    0x5cb3_8790_fd53_0c16, 0x7817_fc67_9976_fff5, 0x154f_95c7_143b_a1c1,
                    0xf0ae_6acd_f3d0_e747, 0xedce_6ecc_21db_f440, 0x1201_7741_9e0b_fb75
                )),
            y: Fp(
                montgomery: (
                    0xbaac_93d5_0ce7_2271, 0x8c22_631a_7918_fd8e, 0xdd59_5f13_5707_25ce,
                    0x51ac_5829_5040_5194, 0x0e1c_8c3f_ad00_59c0, 0x0bbc_3efc_5008_a26a
                )))
    }

    /// The point with these coordinates, unchecked. (0, 0) is the point at infinity.
    @inlinable package init(x: Fp, y: Fp) { raw = bls_g1_affine(x: x.raw, y: y.raw) }

    /// The first coordinate; zero for the point at infinity.
    @inlinable public var x: Fp { Fp(raw: raw.x) }

    /// The second coordinate; zero for the point at infinity.
    @inlinable public var y: Fp { Fp(raw: raw.y) }

    /// Whether this is the point at infinity.
    @inlinable public var isInfinity: Bool { x.isZero && y.isZero }

    /// Whether the coordinates satisfy the curve's equation; so does the point at infinity.
    public var isOnCurve: Bool {
        var copy = raw
        return bls_g1_is_on_curve(&copy) != 0
    }

    /// Whether a point of the curve is in the subgroup of order r.
    ///
    /// - Precondition: `isOnCurve`.
    public var isInSubgroup: Bool {
        var copy = raw
        return bls_g1_is_in_subgroup(&copy) != 0
    }

    /// The negative.
    @inlinable public static prefix func - (a: G1Affine) -> G1Affine { G1Affine(x: a.x, y: -a.y) }

    /// Parses a compressed point: 48 bytes, the first coordinate big-endian under three flag bits
    /// (compressed, infinity, the larger of the two second coordinates).
    ///
    /// Accepts one encoding of each point only.
    public init(compressed bytes: UnsafeRawBufferPointer) throws(PointError) {
        try self.init(compressedUncheckedSubgroup: bytes)
        guard isInSubgroup else { throw .notInSubgroup }
    }

    /// Parses a compressed point: 48 bytes, the first coordinate big-endian under three flag bits
    /// (compressed, infinity, the larger of the two second coordinates).
    ///
    /// Accepts one encoding of each point only.
    public init(compressed bytes: [UInt8]) throws(PointError) {
        var parsed: Result<G1Affine, PointError> = .failure(.badFlags)
        bytes.withUnsafeBytes { buffer in
            parsed = Result { () throws(PointError) in try G1Affine(compressed: buffer) }
        }
        self = try parsed.get()
    }

    /// Parses a compressed point without the subgroup's check, the most expensive part: for points
    /// that come from this program or are checked otherwise.
    package init(compressedUncheckedSubgroup bytes: UnsafeRawBufferPointer) throws(PointError) {
        guard bytes.count == G1Affine.byteCount, let base = bytes.baseAddress else {
            throw .wrongLength(actual: bytes.count, expected: G1Affine.byteCount)
        }
        var raw = bls_g1_affine()
        let code = bls_g1_decompress(&raw, base.assumingMemoryBound(to: UInt8.self))
        if let error = PointError(kernel: code) { throw error }
        self.raw = raw
    }

    /// Writes the compressed encoding.
    ///
    /// - Precondition: `bytes` has room for 48.
    public func writeCompressed(to bytes: UnsafeMutableRawBufferPointer) {
        precondition(bytes.count >= G1Affine.byteCount, "a compressed point has 48 bytes")
        var copy = raw
        bls_g1_compress(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), &copy)
    }

    /// The compressed encoding, 48 bytes.
    public var compressed: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: G1Affine.byteCount) { buffer, count in
            writeCompressed(to: UnsafeMutableRawBufferPointer(buffer))
            count = G1Affine.byteCount
        }
    }
}

extension G1Affine: Equatable, Hashable {
    /// Whether two points are equal.
    @inlinable public static func == (a: G1Affine, b: G1Affine) -> Bool {
        a.x == b.x && a.y == b.y
    }

    /// Feeds the coordinates to a hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(x)
        hasher.combine(y)
    }
}
