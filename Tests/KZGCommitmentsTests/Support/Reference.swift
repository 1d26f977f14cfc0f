import BLS12381
import KZGCommitments

/// The scheme by its definitions, without a fast algorithm anywhere: sums over all points, evaluation
/// term by term, Lagrange's interpolation, proofs by long division.
struct Reference {
    let preset: Preset
    /// [tau^i]G1.
    let setup: [G1]

    init(_ preset: Preset) {
        self.preset = preset
        setup = TrustedSetup.monomialG1(preset.fieldElementsPerBlob).map { G1($0) }
    }

    static func root(order: Int) -> Fr { EvaluationDomain(size: order).root }

    static func bits(_ count: Int) -> Int { count.trailingZeroBitCount }

    /// The index with its bits in reverse, one by one.
    static func reversed(_ index: Int, count: Int) -> Int {
        (0..<bits(count)).reduce(0) { $0 << 1 | (index >> $1) & 1 }
    }

    /// The points of the extended domain in the order of the extended blob's elements.
    var extendedPoints: [Fr] {
        let size = preset.fieldElementsPerExtendedBlob
        let root = Reference.root(order: size)
        return (0..<size).map { root.pow(UInt64(Reference.reversed($0, count: size))) }
    }

    /// The points of a blob's elements, in the blob's order.
    var blobPoints: [Fr] {
        let size = preset.fieldElementsPerBlob
        let root = Reference.root(order: size)
        return (0..<size).map { root.pow(UInt64(Reference.reversed($0, count: size))) }
    }

    static func elements(_ bytes: [UInt8]) -> [Fr] {
        stride(from: 0, to: bytes.count, by: 32).map {
            Fr(canonical: Array(bytes[$0..<$0 + 32])) ?? .zero
        }
    }

    /// The coefficients of the polynomial of degree below the number of points that takes the values.
    static func interpolate(_ points: [Fr], _ values: [Fr]) -> [Fr] {
        // The product of all X - x, then each basis polynomial by dividing one factor out.
        var product = [Fr.one]
        for x in points {
            var next = [Fr](repeating: .zero, count: product.count + 1)
            for (i, c) in product.enumerated() {
                next[i + 1] += c
                next[i] -= c * x
            }
            product = next
        }
        var result = [Fr](repeating: .zero, count: points.count)
        for (x, y) in zip(points, values) where !y.isZero {
            let basis = divide(product, byPower: 1, minus: x)
            let scale = y * evaluate(basis, at: x).inverse()
            for i in basis.indices { result[i] += basis[i] * scale }
        }
        return result
    }

    /// The quotient by X^power - constant.
    static func divide(_ coefficients: [Fr], byPower power: Int, minus constant: Fr) -> [Fr] {
        guard coefficients.count > power else { return [] }
        var rest = coefficients
        var quotient = [Fr](repeating: .zero, count: coefficients.count - power)
        for i in quotient.indices.reversed() {
            quotient[i] = rest[i + power]
            rest[i] += quotient[i] * constant
        }
        return quotient
    }

    static func evaluate(_ coefficients: [Fr], at x: Fr) -> Fr {
        coefficients.reversed().reduce(.zero) { $0 * x + $1 }
    }

    func coefficients(_ blob: [UInt8]) -> [Fr] {
        Reference.interpolate(blobPoints, Reference.elements(blob))
    }

    func commit(_ coefficients: [Fr]) -> Bytes48? {
        var sum = G1.zero
        for (point, scalar) in zip(setup, coefficients) { sum += point * scalar }
        return Bytes48(sum.affine.compressed)
    }

    func commitment(_ blob: [UInt8]) -> KZGCommitment? {
        commit(coefficients(blob)).map { KZGCommitment($0) }
    }

    func proof(_ blob: [UInt8], at z: Fr) -> (proof: KZGProof?, value: Fr) {
        let f = coefficients(blob)
        let quotient = Reference.divide(f, byPower: 1, minus: z)
        return (commit(quotient).map { KZGProof($0) }, Reference.evaluate(f, at: z))
    }

    func extended(_ blob: [UInt8]) -> [UInt8] {
        let f = coefficients(blob)
        return extendedPoints.flatMap { Reference.evaluate(f, at: $0).bytes }
    }

    func cellProofs(_ blob: [UInt8]) -> [KZGProof?] {
        let f = coefficients(blob)
        let size = preset.fieldElementsPerCell
        let points = extendedPoints
        return (0..<preset.cellsPerExtendedBlob).map { column in
            let constant = points[column * size].pow(UInt64(size))
            return commit(Reference.divide(f, byPower: size, minus: constant)).map { KZGProof($0) }
        }
    }

    /// The row from cells, by interpolation through the elements of as many as are needed.
    func recovered(columns: [Int], cells: [[UInt8]]) -> [UInt8] {
        let size = preset.fieldElementsPerCell
        let all = extendedPoints
        var points: [Fr] = []
        var values: [Fr] = []
        for (column, cell) in zip(columns, cells).prefix(preset.cellsPerBlob) {
            points += all[column * size..<(column + 1) * size]
            values += Reference.elements(cell)
        }
        let f = Reference.interpolate(points, values)
        return all.flatMap { Reference.evaluate(f, at: $0).bytes }
    }
}

/// Provers and references that the suites share.
enum Shared {
    static let presets: [Preset] = [
        .minimal,
        Preset(name: "one", fieldElementsPerBlob: 16, fieldElementsPerCell: 1),
        Preset(name: "two", fieldElementsPerBlob: 4, fieldElementsPerCell: 2),
        Preset(name: "wide", fieldElementsPerBlob: 32, fieldElementsPerCell: 16),
        Preset(name: "middle", fieldElementsPerBlob: 64, fieldElementsPerCell: 8),
    ].compactMap { $0 }
    static let provers = Dictionary(
        uniqueKeysWithValues: presets.map { ($0, KZGProver(preset: $0)) })
    static let references = Dictionary(
        uniqueKeysWithValues: presets.map { ($0, Reference($0)) })
    static let mainnet = KZGProver()

    static func prover(_ preset: Preset) -> KZGProver {
        provers[preset] ?? (preset == .mainnet ? mainnet : KZGProver(preset: preset))
    }

    static func reference(_ preset: Preset) -> Reference { references[preset] ?? Reference(preset) }
}
