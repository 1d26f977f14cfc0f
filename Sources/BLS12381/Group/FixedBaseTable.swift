import CBLS12381

/// Multiples of fixed points, for one or many sums of them with ever new scalars.
///
/// For each point P and each place w of a digit, the table has 2^(width * w) P, and its image under
/// the endomorphism, so that the digits of all places share one set of buckets: no doublings at all
/// and few buckets to add up. It takes 192 bytes times 128 / width for each point.
package struct FixedBaseTable: Sendable {
    /// The number of sums.
    package let sets: Int

    /// The number of points of each sum.
    package let pointsPerSet: Int

    /// The bits of a digit.
    package let window: Int

    /// The number of digits of half a scalar.
    private let windows: Int

    /// Set by set, place by place, point by point: the multiple and its image. As points, or as rows
    /// where the process uses lanes.
    private enum Multiples {
        case points(PointStorage)
        case rows(RowStorage, infinite: [Int])
    }
    private let multiples: Multiples

    /// The memory of the table in bytes.
    package var byteCount: Int {
        switch multiples {
        case .points(let storage): storage.count * MemoryLayout<G1Affine>.stride
        case .rows(let storage, _):
            storage.count * RowStorage.words * MemoryLayout<UInt64>.stride
        }
    }

    /// Builds the table: 128 doublings for each point.
    ///
    /// - Parameters:
    ///   - points: Points of the subgroup, those of the first sum first. Any of them may be infinite.
    ///   - sets: The number of sums; it divides the number of points.
    ///   - window: The bits of a digit, from 2 to 15. About 13 for one sum of 4096 points, 8 for many
    ///     of 64.
    package init(points: [G1Affine], sets: Int = 1, window: Int) {
        precondition(sets > 0 && points.count % sets == 0, "sets of one size")
        precondition(2...15 ~= window, "a digit of 2 to 15 bits")
        self.sets = sets
        self.window = window
        let count = points.count / sets
        let windows = (127 + window) / window
        precondition(2 * points.count * windows < 1 << 31, "indices fit 31 bits")
        pointsPerSet = count
        self.windows = windows
        let size = 2 * points.count * windows
        if Lanes.areActive {
            let rows = RowStorage(count: size, isTable: true) { base in
                for set in 0..<sets {
                    Self.fill(
                        base + RowStorage.words * 2 * set * count * windows,
                        points: points[set * count..<(set + 1) * count], window: window,
                        windows: windows)
                }
            }
            multiples = .rows(rows, infinite: points.indices.filter { points[$0].isInfinity })
        } else {
            let storage = PointStorage(count: size) { base in
                for set in 0..<sets {
                    Self.fill(
                        base + 2 * set * count * windows,
                        points: points[set * count..<(set + 1) * count], window: window,
                        windows: windows)
                }
            }
            multiples = .points(storage)
        }
    }

    private static func fill(
        _ target: UnsafeMutablePointer<UInt64>, points: ArraySlice<G1Affine>, window: Int,
        windows: Int
    ) {
        let count = points.count
        withUnsafeTemporaryAllocation(
            byteCount: count * RowStorage.words * MemoryLayout<UInt64>.stride,
            alignment: Int(BLS_ALIGNMENT)
        ) { memory in
            points.withUnsafeBufferPointer { points in
                let rows = memory.bindMemory(to: UInt64.self).baseAddress
                guard let base = points.baseAddress, let rows else { return }
                bls_lane_rows_from_points(rows, base.kernel, count)
                for w in 0..<windows {
                    bls_lane_endomorphism(target + RowStorage.words * 2 * w * count, rows, count)
                    guard w + 1 < windows else { break }
                    bls_lane_double_rows(rows, rows, Int32(window), count)
                }
            }
        }
    }

    private static func fill(
        _ target: UnsafeMutablePointer<G1Affine>, points: ArraySlice<G1Affine>, window: Int,
        windows: Int
    ) {
        let count = points.count
        guard count > 0 else { return }
        var place = Array(points)
        withUnsafeTemporaryAllocation(of: bls_g1.self, capacity: count) { jacobian in
            withUnsafeTemporaryAllocation(of: bls_fp.self, capacity: count) { scratch in
                place.withUnsafeMutableBufferPointer { place in
                    guard let base = place.baseAddress else { return }
                    for w in 0..<windows {
                        bls_g1_endomorphism_each(
                            (target + 2 * w * count).kernel, UnsafePointer(base).kernel, count)
                        guard w + 1 < windows else { break }
                        bls_g1_double_each(
                            jacobian.baseAddress, UnsafePointer(base).kernel, Int32(window), count)
                        bls_g1_normalize(
                            base.kernel, jacobian.baseAddress, scratch.baseAddress, count)
                    }
                }
            }
        }
    }

    /// The sum of the points times the scalars, for a table of one set.
    ///
    /// - Precondition: `sets` is 1, and there is a scalar for each point.
    package func sum(scalars: [Fr]) -> G1 {
        precondition(sets == 1, "one sum")
        return sums(scalars: scalars)[0]
    }

    /// All sums: of each set's points times the scalars at the same places.
    ///
    /// - Parameters:
    ///   - scalars: A scalar for each point.
    ///   - threads: How many threads share the sets.
    /// - Returns: The sums, set by set.
    /// - Precondition: There is a scalar for each point.
    package func sums(scalars: [Fr], threads: Int = 1) -> [G1] {
        precondition(scalars.count == sets * pointsPerSet, "a scalar for each point")
        if threads <= 1 {
            return scalars.withUnsafeBufferPointer { sums(scalars: $0, ofSets: 0..<sets) }
        }
        return [G1](unsafeUninitializedCapacity: sets) { result, count in
            // Each thread writes its own part.
            nonisolated(unsafe) let result = result
            Parallel.split(sets, threads: threads) { _, range in
                let some = scalars[
                    range.lowerBound * pointsPerSet..<range.upperBound * pointsPerSet]
                let part = some.withUnsafeBufferPointer { sums(scalars: $0, ofSets: range) }
                for (set, sum) in zip(range, part) { result.initializeElement(at: set, to: sum) }
            }
            count = sets
        }
    }

    /// Some of the sums, so that several threads can share the work.
    ///
    /// - Parameters:
    ///   - scalars: A scalar for each point of these sets.
    ///   - range: The sets.
    /// - Returns: The sums of these sets.
    package func sums(scalars: UnsafeBufferPointer<Fr>, ofSets range: Range<Int>) -> [G1] {
        precondition(range.lowerBound >= 0 && range.upperBound <= sets, "sets of the table")
        precondition(scalars.count == range.count * pointsPerSet, "a scalar for each point")
        var result = [G1](repeating: .zero, count: range.count)
        let perSet = 2 * pointsPerSet
        let entries = perSet * windows
        guard let scalars = scalars.baseAddress, entries > 0 else { return result }
        var buckets = BucketSums(
            sets: range.count, bucketsPerSet: 1 << (window - 1), entries: entries * range.count)
        var words = [UInt64](repeating: 0, count: 4 * pointsPerSet)
        var halves = [UInt64](repeating: 0, count: 4 * pointsPerSet)
        var negative = [UInt8](repeating: 0, count: perSet)
        var digits = [Int16](repeating: 0, count: entries)
        // The rows' kernel does not look for infinite points: a scalar of 0 leaves them out.
        let infinite: [Int] = if case .rows(_, let infinite) = multiples { infinite } else { [] }
        for (i, set) in range.enumerated() {
            bls_fr_to_words_each(&words, (scalars + i * pointsPerSet).kernel, pointsPerSet)
            for point in infinite where point / pointsPerSet == set {
                for k in 0..<4 { words[4 * (point % pointsPerSet) + k] = 0 }
            }
            bls_glv_split_each(&halves, &negative, words, pointsPerSet)
            bls_signed_digits(
                &digits, halves, 2, negative, perSet, perSet, Int32(window), Int32(windows))
            digits.withUnsafeBufferPointer { buckets.add(digits: $0, first: set * entries) }
        }
        switch multiples {
        case .points(let storage):
            withExtendedLifetime(storage) {
                buckets.finish(points: storage.points.kernel) { result[$0] = G1(raw: $1) }
            }
        case .rows(let storage, _):
            withExtendedLifetime(storage) {
                buckets.finish(rows: storage.rows) { result[$0] = G1(raw: $1) }
            }
        }
        return result
    }
}
