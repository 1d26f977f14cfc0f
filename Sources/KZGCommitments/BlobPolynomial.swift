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

    /// The polynomial's value at any point, also one of the domain, without an inversion.
    ///
    /// With f(X) = e(X^2) + X o(X^2), the values at w and -w give e(w^2) = (f(w) + f(-w)) / 2 and
    /// o(w^2) = (f(w) - f(-w)) / 2w, and so those of e + z o at the squares: a polynomial with half as
    /// many coefficients, whose value at z^2 is f(z). In bit-reversed order w and -w are neighbours.
    func value(at z: Fr, verifier: KZGVerifier) -> Fr {
        var folded = values
        var power = z
        var count = values.count
        folded.withUnsafeMutableBufferPointer { folded in
            verifier.inversePoints.withUnsafeBufferPointer { inverses in
                while count > 1 {
                    count /= 2
                    for i in 0..<count {
                        let a = folded[2 * i]
                        let b = folded[2 * i + 1]
                        folded[i] = a + b + (a - b) * inverses[i] * power
                    }
                    power = power.squared()
                }
            }
        }
        return folded[0] * verifier.inverseBlobSize
    }

    /// The value y at z, and the quotient of f - y by X - z, as values over the same domain.
    func quotient(at z: Fr, verifier: KZGVerifier) -> (value: Fr, quotient: [Fr]) {
        let y = value(at: z, verifier: verifier)
        let points = verifier.blobPoints
        var inverses = points.map { z - $0 }
        let inside = inverses.firstIndex(where: \.isZero)
        Fr.invertAll(&inverses)
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
        let scale = verifier.inverseBlobSize * factor
        result.withUnsafeMutableBufferPointer {
            verifier.domain.unscaledIFFTFromBitReversed($0, block: 0)
            Fr.scale($0, by: scale)
        }
        return result
    }
}
