/// A point of the twist y^2 = x^3 + 4 (1 + u) over ``Fp2``, in affine coordinates.
public struct G2Affine: Sendable, Equatable {
    /// The first coordinate; zero for the point at infinity.
    public let x: Fp2
    /// The second coordinate; zero for the point at infinity.
    public let y: Fp2

    /// A point from coordinates that are known to be right.
    package init(x: Fp2, y: Fp2) {
        self.x = x
        self.y = y
    }

    /// The number of bytes of the encoding.
    public static let byteCount = 96

    /// The point at infinity. No point of the curve has these coordinates.
    public static let infinity = G2Affine(x: .zero, y: .zero)

    /// Whether this is the point at infinity.
    public var isInfinity: Bool { x.isZero && y.isZero }

    /// The right-hand side's constant, 4 (1 + u).
    private static let b = Fp2(Fp(4), Fp(4))

    /// Whether the coordinates satisfy the curve's equation, or this is the point at infinity.
    public var isOnCurve: Bool {
        isInfinity || y.squared() == x.squared() * x + G2Affine.b
    }

    /// Whether the point's order divides r: whether it is in G2.
    ///
    /// The endomorphism psi (untwist, Frobenius, twist) acts on G2, and on no other point, as the
    /// curve's parameter does. Scott, https://eprint.iacr.org/2021/1130.
    ///
    /// - Precondition: The point is on the curve.
    public var isInSubgroup: Bool {
        let image = G2Affine(
            x: x.conjugate() * G2Affine.psiX, y: y.conjugate() * G2Affine.psiY)
        return G2(image) == -G2(self).multiplied(limbs: [PreparedG2.loop])
    }

    /// (1 + u)^-((p - 1) / 3) and (1 + u)^-((p - 1) / 2).
    private static let psiX = xi.pow(limbs: thirdOfPMinusOne).inverse()
    private static let psiY = xi.pow(limbs: halfOfPMinusOne).inverse()
    private static let xi = Fp2(.one, .one)
    private static let thirdOfPMinusOne: [UInt64] = [
        0x9354_ffff_ffff_e38e, 0x0a39_5554_e5c6_aaaa, 0xcd10_4635_a790_520c,
        0xcc27_c3d6_fbd7_063f, 0x1909_37e7_6bc3_e447, 0x08ab_05f8_bdd5_4cde,
    ]
    private static let halfOfPMinusOne: [UInt64] = [
        0xdcff_7fff_ffff_d555, 0x0f55_ffff_58a9_ffff, 0xb398_6950_7b58_7b12,
        0xb23b_a5c2_79c2_895f, 0x258d_d3db_21a5_d66b, 0x0d00_88f5_1cbf_f34d,
    ]

    /// The generator that all implementations use.
    public static let generator = G2Affine(
        x: Fp2(
            Fp(
                montgomery: (
                    0xf5f2_8fa2_0294_0a10, 0xb3f5_fb26_87b4_961a, 0xa1a8_93b5_3e2a_e580,
                    0x9894_999d_1a3c_aee9,
                    0x6f67_b763_1863_366b, 0x0581_9192_4350_bcd7
                )),
            Fp(
                montgomery: (
                    0xa5a9_c075_9e23_f606, 0xaaa0_c59d_bccd_60c3, 0x3bb1_7e18_e286_7806,
                    0x1b1a_b6cc_8541_b367,
                    0xc2b6_ed0e_f215_8547, 0x1192_2a09_7360_edf3
                ))),
        y: Fp2(
            Fp(
                montgomery: (
                    0x4c73_0af8_6049_4c4a, 0x597c_fa1f_5e36_9c5a, 0xe7e6_856c_aa0a_635a,
                    0xbbef_b5e9_6e0d_495f,
                    0x07d3_a975_f0ef_25a2, 0x0083_fd8e_7e80_dae5
                )),
            Fp(
                montgomery: (
                    0xadc0_fc92_df64_b05d, 0x18aa_270a_2b14_61dc, 0x86ad_ac6a_3be4_eba0,
                    0x7949_5c4e_c93d_a33a,
                    0xe717_5850_a43c_caed, 0x0b2b_c2a1_63de_1bf2
                ))))
}

extension G2Affine {
    /// Parses a compressed point: 96 bytes, `x.c1` before `x.c0`, with the three flags of all such
    /// encodings (compressed, infinity, y is the larger root) in the first byte's top bits.
    ///
    /// - Throws: ``PointError``, in this order of checks: length, flags, canonical coordinates, curve,
    ///   subgroup.
    public init(compressed bytes: [UInt8]) throws(PointError) {
        guard bytes.count == G2Affine.byteCount else {
            throw .wrongLength(actual: bytes.count, expected: G2Affine.byteCount)
        }
        let flags = bytes[0] >> 5
        guard flags & 0b100 != 0 else { throw .badFlags }
        if flags & 0b010 != 0 {
            guard bytes[0] == 0xc0, bytes.dropFirst().allSatisfy({ $0 == 0 }) else {
                throw .badFlags
            }
            self = .infinity
            return
        }
        var first = [UInt8](bytes[0..<48])
        first[0] &= 0x1f
        guard let c1 = Fp(canonical: first), let c0 = Fp(canonical: [UInt8](bytes[48...])) else {
            throw .notCanonical
        }
        let x = Fp2(c0, c1)
        guard let root = (x.squared() * x + G2Affine.b).squareRoot() else { throw .notOnCurve }
        let isLargest = flags & 0b001 != 0
        self.init(x: x, y: root.isLexicographicallyLargest == isLargest ? root : -root)
        guard isInSubgroup else { throw .notInSubgroup }
    }

    /// The compressed point: 96 bytes.
    public var compressed: [UInt8] {
        guard !isInfinity else { return [0xc0] + [UInt8](repeating: 0, count: 95) }
        var bytes = x.c1.bytes + x.c0.bytes
        bytes[0] |= y.isLexicographicallyLargest ? 0b1010_0000 : 0b1000_0000
        return bytes
    }
}
