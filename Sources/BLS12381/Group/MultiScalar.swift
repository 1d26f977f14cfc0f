import CBLS12381

/// Sums of points times scalars.
public enum MultiScalar {
    /// The sum of the points times the scalars.
    ///
    /// Pippenger's algorithm: each scalar is cut into signed digits, each point goes into the bucket
    /// of its digit, one set of buckets for each place. The endomorphism halves scalars above 128
    /// bits; short ones cost what they are long. Zero scalars and infinite points cost nothing.
    ///
    /// - Parameters:
    ///   - points: Points of the subgroup of order r. (Any of the curve, if no scalar has more than
    ///     128 bits.)
    ///   - scalars: As many.
    /// - Returns: The sum, infinite for no points.
    public static func sum(points: [G1Affine], scalars: [Fr]) -> G1 {
        precondition(points.count == scalars.count, "a scalar for each point")
        return points.withUnsafeBufferPointer { points in
            scalars.withUnsafeBufferPointer { sum(points: points, scalars: $0) }
        }
    }

    /// The sum of the points times the scalars, as above.
    ///
    /// - Precondition: There are as many scalars as points.
    public static func sum(
        points: UnsafeBufferPointer<G1Affine>, scalars: UnsafeBufferPointer<Fr>
    ) -> G1 {
        precondition(points.count == scalars.count, "a scalar for each point")
        var used: [G1Affine] = []
        var words: [UInt64] = []
        used.reserveCapacity(points.count)
        words.reserveCapacity(4 * points.count)
        var highest: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for i in points.indices where !scalars[i].isZero && !points[i].isInfinity {
            let k = scalars[i].rawLimbs()
            highest = (highest.0 | k.0, highest.1 | k.1, highest.2 | k.2, highest.3 | k.3)
            used.append(points[i])
            words.append(k.0)
            words.append(k.1)
            words.append(k.2)
            words.append(k.3)
        }
        guard !used.isEmpty else { return .zero }
        if highest.2 | highest.3 == 0 {
            let bits =
                highest.1 != 0
                ? 128 - highest.1.leadingZeroBitCount : 64 - highest.0.leadingZeroBitCount
            return used.withUnsafeBufferPointer {
                sum(points: $0, words: words, wordsPerScalar: 4, negative: nil, bits: bits)
            }
        }
        if used.count < 4 { return sumOneByOne(used, words) }

        let count = used.count
        var halves = [UInt64](repeating: 0, count: 4 * count)
        var negative = [UInt8](repeating: 0, count: 2 * count)
        bls_glv_split_each(&halves, &negative, words, count)
        let doubled = [G1Affine](unsafeUninitializedCapacity: 2 * count) { buffer, initialized in
            used.withUnsafeBufferPointer { used in
                bls_g1_endomorphism_each(
                    buffer.baseAddress?.kernel, used.baseAddress?.kernel, count)
            }
            initialized = 2 * count
        }
        return doubled.withUnsafeBufferPointer {
            sum(points: $0, words: halves, wordsPerScalar: 2, negative: negative, bits: 127)
        }
    }

    /// Few points: each on its own.
    private static func sumOneByOne(_ points: [G1Affine], _ words: [UInt64]) -> G1 {
        var result = G1.zero
        words.withUnsafeBufferPointer { words in
            guard let words = words.baseAddress else { return }
            for (i, point) in points.enumerated() {
                var source = G1(point).raw
                var product = bls_g1()
                bls_g1_mul(&product, &source, words + 4 * i)
                result += G1(raw: product)
            }
        }
        return result
    }

    /// The width of a digit for which the fewest additions are needed.
    static func width(count: Int, bits: Int) -> Int {
        func additions(_ width: Int) -> Int {
            let windows = (bits + width) / width
            return windows * (count + 1 << width) + windows * width
        }
        return (2...13).min { additions($0) < additions($1) } ?? 2
    }

    /// - Precondition: Every scalar is below 2^bits.
    private static func sum(
        points: UnsafeBufferPointer<G1Affine>, words: [UInt64], wordsPerScalar: Int,
        negative: [UInt8]?, bits: Int
    ) -> G1 {
        guard let base = points.baseAddress else { return .zero }
        let count = points.count
        let width = width(count: count, bits: bits)
        // One bit more than the scalars have, so that no carry is left.
        let windows = (bits + width) / width
        let digits = UnsafeMutableBufferPointer<Int16>.allocate(capacity: windows * count)
        defer { digits.deallocate() }
        if let negative {
            bls_signed_digits(
                digits.baseAddress, words, wordsPerScalar, negative, count, count,
                Int32(width), Int32(windows))
        } else {
            bls_signed_digits(
                digits.baseAddress, words, wordsPerScalar, nil, count, count,
                Int32(width), Int32(windows))
        }
        var buckets = BucketSums(
            sets: windows, bucketsPerSet: 1 << (width - 1), entries: windows * count)
        for window in 0..<windows {
            buckets.add(
                digits: UnsafeBufferPointer(
                    rebasing: digits[window * count..<(window + 1) * count]),
                first: 0)
        }
        var sums = [G1](repeating: .zero, count: windows)
        if Lanes.areActive {
            let rows = RowStorage(points)
            withExtendedLifetime(rows) {
                buckets.finish(rows: rows.rows) { sums[$0] = G1(raw: $1) }
            }
        } else {
            buckets.finish(points: base.kernel) { sums[$0] = G1(raw: $1) }
        }
        var result = G1.zero
        for window in (0..<windows).reversed() {
            for _ in 0..<width { result = result.doubled() }
            result += sums[window]
        }
        return result
    }
}
