import BLS12381

/// Which symbols of a Reed-Solomon codeword are missing, and the numbers that rebuild them.
///
/// A codeword has `n = 2d` symbols: the values of a polynomial f of degree below `d` at the n-th
/// roots of unity x_i, in bit-reversed order. Let Z be the polynomial that vanishes at the missing
/// points, m of them. The product g = f Z has degree below d + m, which is at most n, and is known at
/// all points: f Z where f is known, zero where it is missing. Where Z is zero, g' = f Z', so
///
///     f(x) = x g'(x) / (x Z'(x))        at missing points,
///
/// and x g'(x) comes from the coefficients of g by multiplying each by its index. That takes two
/// transforms of size n, and one look at the coefficients of g from d + m on shows whether the known
/// values are those of any polynomial of degree below d: exactly if they are all zero.
///
/// The numbers depend on the pattern only. A cell has many symbols with the same pattern, and they
/// are all rebuilt together.
struct ErasurePattern: Sendable {
    /// The numbers of missing symbols, ascending.
    let missing: [Int]

    /// To each known symbol Z(x), to each missing one 1 / (x Z'(x)).
    let weights: [Fr]

    /// The pattern with these symbols missing.
    ///
    /// - Parameters:
    ///   - missing: Ascending, at most half of the domain's points.
    ///   - domain: The n points.
    init(missing: [Int], in domain: EvaluationDomain) {
        self.missing = missing
        let n = domain.size
        let points = domain.bitReversedRoots
        // All products at once: to each point x, the product of (x - y) over the missing y other
        // than x.
        var weights = [Fr](repeating: .one, count: n)
        for place in missing {
            let y = points[place]
            for i in 0..<n where i != place { weights[i] *= points[i] - y }
        }
        var inverses = missing.map { points[$0] * weights[$0] }
        Fr.invertAll(&inverses)
        for (place, inverse) in zip(missing, inverses) { weights[place] = inverse }
        self.weights = weights
    }
}
