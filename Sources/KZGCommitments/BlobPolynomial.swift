internal import BLS12381

/// A blob as a polynomial of degree below n: its values at the n-th roots of unity, in the blob's
/// (bit-reversed) order.
struct BlobPolynomial {
    /// The values.
    private(set) var values: [Fr]

    /// Parses a blob.
    ///
    /// - Parameters:
    ///   - blob: The bytes.
    ///   - preset: The sizes.
    ///   - index: The position that an error names.
    /// - Throws: ``KZGError`` if there are too many or too few bytes, or an element is not canonical.
    init(
        _ blob: UnsafeRawBufferPointer, preset: Preset, index: Int = 0
    ) throws(KZGError) {
        guard blob.count == preset.bytesPerBlob else {
            throw .wrongLength(
                of: .blob, index: index, expected: preset.bytesPerBlob, actual: blob.count)
        }
        var failed: Int?
        values = [Fr](unsafeUninitializedCapacity: preset.fieldElementsPerBlob) { buffer, count in
            count = preset.fieldElementsPerBlob
            failed = Fr.parse(blob, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        }
        if let failed { throw .notCanonical(of: .blob, index: index, element: failed) }
    }

    /// The polynomial's value at any point: the barycentric formula, which is (z^n - 1) / n times the
    /// sum of v_i w_i / (z - w_i).
    func value(at z: Fr, verifier: KZGVerifier) -> Fr {
        let points = verifier.blobPoints
        var quotients = points.map { z - $0 }
        if let index = quotients.firstIndex(where: \.isZero) { return values[index] }
        Fr.invertAll(&quotients)
        return value(at: z, inverses: quotients, points: points)
    }

    /// The value at a point outside the domain, given the inverses of z - w_i.
    private func value(at z: Fr, inverses: [Fr], points: [Fr]) -> Fr {
        var sum = Fr.zero
        for i in values.indices { sum += values[i] * points[i] * inverses[i] }
        let n = UInt64(points.count)
        return sum * (z.pow(n) - .one) * Fr(n).inverse()
    }

    /// The value y at z, and the quotient of f - y by X - z, as values over the same domain.
    func quotient(at z: Fr, verifier: KZGVerifier) -> (value: Fr, quotient: [Fr]) {
        let points = verifier.blobPoints
        var inverses = points.map { z - $0 }
        let inside = inverses.firstIndex(where: \.isZero)
        Fr.invertAll(&inverses)
        let y = inside.map { values[$0] } ?? value(at: z, inverses: inverses, points: points)
        // (f_i - y) / (w_i - z); where w_i is z itself the inverse is zero for now.
        var quotient = values
        for i in values.indices { quotient[i] = (y - values[i]) * inverses[i] }
        if let inside {
            // At z = w_m the quotient is f'(w_m): the sum over i of (f_i - y) w_i / (z (z - w_i)).
            var sum = Fr.zero
            for i in values.indices { sum += quotient[i] * points[i] }
            quotient[inside] = -sum * z.inverse()
        }
        return (y, quotient)
    }

    /// The coefficients times a factor, the constant one first.
    func coefficients(verifier: KZGVerifier, factor: Fr = .one) -> [Fr] {
        var result = values
        let scale = Fr(UInt64(values.count)).inverse() * factor
        result.withUnsafeMutableBufferPointer {
            verifier.domain.unscaledIFFTFromBitReversed($0, block: 0)
            Fr.scale($0, by: scale)
        }
        return result
    }
}
