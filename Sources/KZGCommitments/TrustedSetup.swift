package import BLS12381
internal import CTrustedSetup

/// The ceremony's points, from the data compiled in. scripts/make-trusted-setup.py made and checked
/// it; nothing is checked again here, where the start of every process would pay for it.
package enum TrustedSetup {
    /// [tau^i]G1 for i in 0..<count.
    ///
    /// - Precondition: `count` is at most 4096.
    package static func monomialG1(_ count: Int) -> [G1Affine] {
        precondition(count <= 4096)
        return points(UnsafeRawBufferPointer(start: trusted_setup_g1_monomial(), count: 96 * count))
    }

    /// The commitments to the Lagrange polynomials of the 4096th roots of unity, in natural order.
    package static func lagrangeG1() -> [G1Affine] {
        points(
            UnsafeRawBufferPointer(
                start: trusted_setup_g1_lagrange(), count: Int(trusted_setup_g1_lagrange_size)))
    }

    /// FK20's points for ``Preset/mainnet``: see `FK20`.
    package static func fk20() -> [G1Affine] {
        points(
            UnsafeRawBufferPointer(
                start: trusted_setup_fk20(), count: Int(trusted_setup_fk20_size)))
    }

    /// [tau^exponent]G2.
    ///
    /// - Precondition: `exponent` is at most 64.
    package static func monomialG2(_ exponent: Int) -> G2Affine {
        precondition((0...64).contains(exponent))
        let bytes = UnsafeRawBufferPointer(
            start: trusted_setup_g2_monomial() + 192 * exponent, count: 192)
        let c = (0..<4).map { coordinate(bytes.part(48 * $0, 48)) }
        return G2Affine(x: Fp2(c[0], c[1]), y: Fp2(c[2], c[3]))
    }

    private static func points(_ bytes: UnsafeRawBufferPointer) -> [G1Affine] {
        (0..<bytes.count / 96).map {
            G1Affine(
                x: coordinate(bytes.part(96 * $0, 48)),
                y: coordinate(bytes.part(96 * $0 + 48, 48)))
        }
    }

    private static func coordinate(_ bytes: UnsafeRawBufferPointer) -> Fp {
        // The data is locked by hash: a coordinate that is not canonical can't occur.
        Fp(canonical: bytes) ?? .zero
    }
}
