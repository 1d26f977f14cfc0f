/// The optimal ate pairing e: G1 x G2 -> Fp12.
///
/// Lines are evaluated at the untwisted point and scaled by factors from proper subfields, which the
/// final exponentiation takes to one. The exponent is three times (p^12 - 1) / r, so this pairing is
/// the cube of the textbook's; it is bilinear and not degenerate all the same.
public enum Pairing {
    /// e(P, Q).
    public static func pairing(_ p: G1Affine, _ q: G2Affine) -> Fp12 {
        finalExponentiation(millerLoop([(p, PreparedG2(q))]))
    }

    /// Whether the product of the pairs' pairings is one. The empty product is. All points must be in
    /// G1 and G2; pairs with a point at infinity count as one.
    public static func productIsOne(_ pairs: [(G1Affine, PreparedG2)]) -> Bool {
        finalExponentiation(millerLoop(pairs)) == .one
    }

    /// The product of the pairs' Miller functions, before the final exponentiation.
    package static func millerLoop(_ pairs: [(G1Affine, PreparedG2)]) -> Fp12 {
        // A line through T with slope s, scaled by w^3 / y_P: (s x_T - y_T) / y_P - s x_P / y_P v + v w.
        struct Argument {
            let inverseY: Fp
            let minusXOverY: Fp
            let lines: [PreparedG2.Line]
        }
        var arguments: [Argument] = []
        for (point, prepared) in pairs where !point.isInfinity && !prepared.lines.isEmpty {
            let inverse = point.y.inverse()
            arguments.append(
                Argument(
                    inverseY: inverse, minusXOverY: -(point.x * inverse), lines: prepared.lines))
        }
        guard !arguments.isEmpty else { return .one }

        var f = Fp12.one
        var next = 0
        func multiplyLines() {
            for argument in arguments {
                let line = argument.lines[next]
                f.multiply(
                    line: line.constant * argument.inverseY, line.slope * argument.minusXOverY)
            }
            next += 1
        }
        for bit in (0..<63).reversed() {
            if bit != 62 { f.square() }
            multiplyLines()
            if PreparedG2.loop >> UInt64(bit) & 1 == 1 { multiplyLines() }
        }
        // The parameter is negative: the inverse, up to what the final exponentiation removes.
        return f.conjugate()
    }

    /// f to the power 3 (p^12 - 1) / r.
    ///
    /// The first two factors, p^6 - 1 and p^2 + 1, lead into the cyclotomic subgroup. What is left is
    /// 3 (p^4 - p^2 + 1) / r = (x - 1)^2 (x + p)(x^2 + p^2 - 1) + 3, with x the curve's parameter.
    /// Hayashida, Hayasaka and Teruya, https://eprint.iacr.org/2020/875.
    package static func finalExponentiation(_ value: Fp12) -> Fp12 {
        var f = value.conjugate() * value.inverse()
        f = f.frobeniusSquared() * f

        var t = powerOfParameter(f) * f.conjugate()
        t = powerOfParameter(t) * t.conjugate()
        t = powerOfParameter(t) * t.frobenius()
        t = powerOfParameter(powerOfParameter(t)) * t.frobeniusSquared() * t.conjugate()

        var square = f
        square.squareInCyclotomicSubgroup()
        return t * square * f
    }

    /// An element of the cyclotomic subgroup to the power of the curve's (negative) parameter.
    private static func powerOfParameter(_ f: Fp12) -> Fp12 {
        var result = f
        for bit in (0..<63).reversed() {
            result.squareInCyclotomicSubgroup()
            if PreparedG2.loop >> UInt64(bit) & 1 == 1 { result *= f }
        }
        return result.conjugate()
    }
}
