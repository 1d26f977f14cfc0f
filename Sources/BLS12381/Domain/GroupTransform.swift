import CBLS12381

/// Fourier transforms whose coefficients and values are points of G1: what commitments and proofs
/// need where blobs need those over scalars.
///
/// The split-radix algorithm: it multiplies least, and a third of what it multiplies is by a fourth
/// root of unity, at half the price. Sizes up to 512 are meant. The roots are recoded once.
package struct GroupTransform: Sendable {
    /// The number of points.
    package let size: Int

    private let log: Int

    /// The powers of the primitive root from 0 to size - 1, recoded.
    private let twiddles: [bls_glv_recoded]

    /// The inverse of the size, and for the extension, w^j / size with w of twice the size.
    private let inverseSize: [bls_glv_recoded]
    private let extensionTwists: [bls_glv_recoded]

    /// blocks[k]: where the transforms of size 2^k begin that the whole consists of.
    private let blocks: [[Int]]

    /// - Parameter size: A power of two.
    package init(size: Int) {
        let double = EvaluationDomain(size: 2 * size)
        self.size = size
        log = size.trailingZeroBitCount
        let inverse = Fr(UInt64(size)).inverse()
        twiddles = GroupTransform.recode(
            Fr.powers(of: double.root * double.root, count: size))
        inverseSize = GroupTransform.recode([inverse])
        extensionTwists = GroupTransform.recode(
            Fr.powers(of: double.root, count: size, from: inverse))
        var blocks = [[Int]](repeating: [], count: log + 1)
        blocks[log] = [0]
        for k in stride(from: log, through: 1, by: -1) {
            for start in blocks[k] {
                blocks[k - 1].append(start)
                if k >= 2 {
                    blocks[k - 2].append(start + 1 << (k - 1))
                    blocks[k - 2].append(start + 3 << (k - 2))
                } else {
                    blocks[k - 1].append(start + 1)
                }
            }
        }
        self.blocks = blocks
    }

    private static func recode(_ scalars: [Fr]) -> [bls_glv_recoded] {
        scalars.map { scalar in
            var result = bls_glv_recoded()
            withUnsafeBytes(of: scalar.rawLimbs()) {
                bls_glv_recode(&result, $0.assumingMemoryBound(to: UInt64.self).baseAddress)
            }
            return result
        }
    }

    // MARK: One transform

    /// Turns coefficients into values in bit-reversed order, in place.
    ///
    /// - Precondition: `points.count` is `size`; all are in the subgroup of order r.
    package func fftToBitReversed(_ points: inout [G1Affine], threads: Int = 1) {
        onTiles(&points, 1, threads: threads) { $0.fft() }
    }

    /// Turns values in bit-reversed order into coefficients, in place.
    ///
    /// - Parameters:
    ///   - points: `size` points of the subgroup of order r.
    ///   - scaled: Whether to divide by `size`. If not, the result is `size` times the coefficients,
    ///     at a good deal less work: for values that were divided beforehand.
    ///   - threads: How many threads share the multiplications.
    package func ifftFromBitReversed(
        _ points: inout [G1Affine], scaled: Bool = true, threads: Int = 1
    ) {
        ifft(&points, width: 1, scaled: scaled, threads: threads)
    }

    /// Turns the first half of 2 `size` values in bit-reversed order into the second half, in place:
    /// the Reed-Solomon extension to twice the length.
    ///
    /// - Precondition: `points.count` is `size`; all are in the subgroup of order r.
    package func extend(_ points: inout [G1Affine]) { extendColumns(&points, width: 1) }

    // MARK: Many transforms, one in each column of a matrix

    /// `fftToBitReversed` in each column of a matrix of `size` rows, row by row in memory.
    ///
    /// - Precondition: `points.count` is `size * width`; all are in the subgroup of order r.
    package func fftColumnsToBitReversed(_ points: inout [G1Affine], width: Int) {
        onTiles(&points, width) { $0.fft() }
    }

    /// `ifftFromBitReversed` in each column of a matrix of `size` rows, row by row in memory.
    ///
    /// - Precondition: `points.count` is `size * width`; all are in the subgroup of order r.
    package func ifftColumnsFromBitReversed(
        _ points: inout [G1Affine], width: Int, scaled: Bool = true
    ) {
        ifft(&points, width: width, scaled: scaled, threads: 1)
    }

    private func ifft(_ points: inout [G1Affine], width: Int, scaled: Bool, threads: Int) {
        onTiles(&points, width, threads: threads) { tile in
            tile.ifft()
            if scaled {
                tile.multiply(rows: 0..<size, by: inverseSize) { _ in 0 }
            }
        }
    }

    /// `extend` in each column of a matrix of `size` rows, row by row in memory.
    ///
    /// - Precondition: `points.count` is `size * width`; all are in the subgroup of order r.
    package func extendColumns(_ points: inout [G1Affine], width: Int) {
        onTiles(&points, width) { tile in
            tile.ifft()
            tile.multiply(rows: 0..<size, by: extensionTwists) { $0 }
            tile.fft()
        }
    }

    private func onTiles(
        _ points: inout [G1Affine], _ width: Int, threads: Int = 1, _ body: (inout Tile) -> Void
    ) {
        precondition(width >= 0 && points.count == size * width, "columns of the transform's size")
        points.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            // As many columns at a time as keep the points in the second-level cache.
            let columns = max(1, min(width, 1024 / size))
            for first in stride(from: 0, to: width, by: columns) {
                var tile = Tile(
                    transform: self, points: base.kernel, stride: width,
                    columns: first..<min(first + columns, width), threads: threads)
                body(&tile)
            }
        }
    }

    /// Some columns of the matrix, and the lists of what is done next.
    private struct Tile: ~Copyable {
        let transform: GroupTransform
        let points: UnsafeMutablePointer<bls_g1_affine>
        let stride: Int
        let columns: Range<Int>
        /// Working memory, once per thread.
        let scratches: [SharedSumScratch]
        var upper: [UInt32] = []
        var lower: [UInt32] = []
        var which: [UInt32] = []

        init(
            transform: GroupTransform, points: UnsafeMutablePointer<bls_g1_affine>, stride: Int,
            columns: Range<Int>, threads: Int
        ) {
            self.transform = transform
            self.points = points
            self.stride = stride
            self.columns = columns
            scratches = (0..<max(1, threads)).map { _ in SharedSumScratch() }
        }

        mutating func fft() {
            for k in Swift.stride(from: transform.log, through: 1, by: -1) {
                butterflies(k)
                guard k >= 2 else { continue }
                fourthRoots(k, inverse: false)
                quarterButterflies(k)
                twists(k, inverse: false)
            }
        }

        mutating func ifft() {
            guard transform.log > 0 else { return }
            for k in 1...transform.log {
                if k >= 2 {
                    twists(k, inverse: true)
                    quarterButterflies(k)
                    fourthRoots(k, inverse: true)
                }
                butterflies(k)
            }
        }

        /// The first step of each transform of size 2^k: sums above, differences below.
        private mutating func butterflies(_ k: Int) {
            let half = 1 << (k - 1)
            upper.removeAll(keepingCapacity: true)
            lower.removeAll(keepingCapacity: true)
            for start in transform.blocks[k] {
                for j in 0..<half { addPair(start + j, start + j + half) }
            }
            run()
        }

        /// The same on the lower half, half as far apart.
        private mutating func quarterButterflies(_ k: Int) {
            let quarter = 1 << (k - 2)
            upper.removeAll(keepingCapacity: true)
            lower.removeAll(keepingCapacity: true)
            for start in transform.blocks[k] {
                for j in 0..<quarter {
                    addPair(start + 2 * quarter + j, start + 3 * quarter + j)
                }
            }
            run()
        }

        private mutating func fourthRoots(_ k: Int, inverse: Bool) {
            let quarter = 1 << (k - 2)
            upper.removeAll(keepingCapacity: true)
            for start in transform.blocks[k] {
                for j in 0..<quarter { addRow(start + 3 * quarter + j) }
            }
            onParts { points, index, _, count, scratch in
                bls_g1_mul_fourth_root_lanes(points, index, inverse ? 1 : 0, count, scratch)
            }
        }

        /// The two lower quarters times w^j and w^(3j), w of order 2^k.
        private mutating func twists(_ k: Int, inverse: Bool) {
            let quarter = 1 << (k - 2)
            let size = transform.size
            let step = size >> k
            upper.removeAll(keepingCapacity: true)
            which.removeAll(keepingCapacity: true)
            for start in transform.blocks[k] {
                for j in 1..<max(1, quarter) {
                    for (row, power) in [(2 * quarter, j), (3 * quarter, 3 * j)] {
                        addRow(start + row + j)
                        let exponent = power * step
                        let index = UInt32(inverse ? size - exponent : exponent)
                        for _ in columns { which.append(index) }
                    }
                }
            }
            multiply(by: transform.twiddles)
        }

        mutating func multiply(
            rows: Range<Int>, by scalars: [bls_glv_recoded], index: (Int) -> Int
        ) {
            upper.removeAll(keepingCapacity: true)
            which.removeAll(keepingCapacity: true)
            for row in rows {
                addRow(row)
                for _ in columns { which.append(UInt32(index(row))) }
            }
            multiply(by: scalars)
        }

        private func multiply(by scalars: [bls_glv_recoded]) {
            onParts { points, index, which, count, scratch in
                bls_g1_mul_lanes(points, index, scalars, which, count, scratch)
            }
        }

        /// Fewer points than this are not worth another thread.
        private static let pointsPerThread = 8

        /// Does something to the points in `upper`, whose scalars, if any, are those in `which`: on as
        /// many threads as there are, none of which touches another's points.
        private func onParts(
            _ body:
                @Sendable (
                    UnsafeMutablePointer<bls_g1_affine>, UnsafePointer<UInt32>?,
                    UnsafePointer<UInt32>?, Int, OpaquePointer
                ) -> Void
        ) {
            let count = upper.count
            let threads = max(1, min(scratches.count, count / Self.pointsPerThread))
            upper.withUnsafeBufferPointer { upper in
                which.withUnsafeBufferPointer { which in
                    nonisolated(unsafe) let points = points
                    nonisolated(unsafe) let upper = upper.baseAddress
                    nonisolated(unsafe) let which = which.baseAddress
                    nonisolated(unsafe) let scratches = scratches
                    Parallel.split(count, threads: threads) { thread, range in
                        body(
                            points, upper.map { $0 + range.lowerBound },
                            which.map { $0 + range.lowerBound }, range.count,
                            scratches[thread].kernel)
                    }
                }
            }
        }

        private mutating func addRow(_ row: Int) {
            for column in columns { upper.append(UInt32(row * stride + column)) }
        }

        private mutating func addPair(_ first: Int, _ second: Int) {
            for column in columns {
                upper.append(UInt32(first * stride + column))
                lower.append(UInt32(second * stride + column))
            }
        }

        private func run() {
            bls_g1_butterflies(points, upper, lower, upper.count, scratches[0].kernel)
        }
    }
}
