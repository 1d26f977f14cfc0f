import BLS12381

/// The group law by its textbook formulas on coordinates: the reference for everything faster.
enum G1Reference {
    static func add(_ a: G1Affine, _ b: G1Affine) -> G1Affine {
        if a.isInfinity { return b }
        if b.isInfinity { return a }
        let slope: Fp
        if a.x == b.x {
            guard a.y == b.y else { return .infinity }
            let square = a.x * a.x
            slope = (square + square + square) * (a.y + a.y).inverse()
        } else {
            slope = (b.y - a.y) * (b.x - a.x).inverse()
        }
        let x = slope * slope - a.x - b.x
        return G1Affine(x: x, y: slope * (a.x - x) - a.y)
    }

    /// Double and add, over the bits of a big-endian number.
    static func multiply(_ a: G1Affine, by bytes: [UInt8]) -> G1Affine {
        var result = G1Affine.infinity
        for byte in bytes {
            for bit in (0..<8).reversed() {
                result = add(result, result)
                if byte >> UInt8(bit) & 1 == 1 { result = add(result, a) }
            }
        }
        return result
    }

    static func multiply(_ a: G1Affine, by scalar: Fr) -> G1Affine {
        multiply(a, by: scalar.bytes)
    }

    static func sum(points: [G1Affine], scalars: [Fr]) -> G1Affine {
        zip(points, scalars).reduce(.infinity) { add($0, multiply($1.0, by: $1.1)) }
    }
}

extension TestRandom {
    /// A point of the subgroup.
    mutating func point() -> G1Affine { (G1(.generator) * scalar()).affine }

    mutating func points(_ count: Int) -> [G1Affine] {
        let step = G1(point())
        var sum = G1(point())
        return G1.normalize(
            (0..<count).map { _ in
                sum = sum.doubled() + step
                return sum
            })
    }

    /// A point of the curve, almost surely outside the subgroup.
    mutating func curvePoint() -> G1Affine {
        while true {
            let x = Fp(next())
            if let y = (x * x * x + Fp(4)).squareRoot() { return G1Affine(x: x, y: y) }
        }
    }
}
