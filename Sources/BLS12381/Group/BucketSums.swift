import CBLS12381

/// Buckets of points, and what both kinds of multi-scalar multiplication do with them: sums of the
/// points of each bucket, and the sum of the buckets with each one's number as its weight.
/// Used once: filled set by set, then finished.
struct BucketSums: ~Copyable {
    private let scratch = SumScratch()
    private let buckets: UnsafeMutablePointer<bls_g1_affine>
    private let offsets: UnsafeMutablePointer<UInt32>
    private let entries: UnsafeMutablePointer<UInt32>
    private let sets: Int
    private let bucketsPerSet: Int
    private let entryCapacity: Int
    private var filled = 0
    private var entryCount: UInt32 = 0

    /// - Parameters:
    ///   - sets: The number of sums to make.
    ///   - bucketsPerSet: A power of two.
    ///   - entries: The most points, each counted once for each digit, in all sets.
    init(sets: Int, bucketsPerSet: Int, entries: Int) {
        buckets = UnsafeMutableRawPointer.allocate(
            byteCount: sets * bucketsPerSet * MemoryLayout<bls_g1_affine>.stride,
            alignment: Int(BLS_ALIGNMENT)
        ).assumingMemoryBound(to: bls_g1_affine.self)
        offsets = .allocate(capacity: sets * bucketsPerSet + 1)
        self.entries = .allocate(capacity: entries)
        self.sets = sets
        self.bucketsPerSet = bucketsPerSet
        entryCapacity = entries
        offsets[0] = 0
    }

    deinit {
        UnsafeMutableRawPointer(buckets).deallocate()
        offsets.deallocate()
        entries.deallocate()
    }

    /// Puts points into the next set's buckets by their digits: place i has the point `first + i`.
    mutating func add(digits: UnsafeBufferPointer<Int16>, first: Int) {
        precondition(filled < sets && Int(entryCount) + digits.count <= entryCapacity)
        entryCount = bls_sort_digits(
            entries, offsets + filled * bucketsPerSet, digits.baseAddress, digits.count,
            UInt32(first), bucketsPerSet)
        filled += 1
    }

    /// The sum of each set: of bucket b's points b + 1 times. For all sets in order.
    ///
    /// - Parameters:
    ///   - rows: The points, none of which an entry names may be infinite.
    ///   - body: Takes each set's number and sum.
    func finish(rows: UnsafePointer<UInt64>, _ body: (Int, bls_g1) -> Void) {
        precondition(filled == sets)
        let count = sets * bucketsPerSet
        let lanes = bls_sum_scratch_for_lanes(scratch.kernel)
        let log = bucketsPerSet.trailingZeroBitCount
        // The buckets' contents, and behind them what adding them up takes.
        let words = count * RowStorage.words
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: (words + bls_lane_weigh_words(sets, Int32(log)))
                * MemoryLayout<UInt64>.stride,
            alignment: Int(BLS_ALIGNMENT)
        ).assumingMemoryBound(to: UInt64.self)
        defer { UnsafeMutableRawPointer(memory).deallocate() }
        bls_lane_sum_runs(memory, rows, entries, offsets, count, 0, lanes)
        var sums = [bls_g1](repeating: bls_g1(), count: sets)
        bls_lane_weigh_buckets(&sums, memory, sets, Int32(log), memory + words, lanes)
        for (i, sum) in sums.enumerated() { body(i, sum) }
    }

    /// The sum of each set: of bucket b's points b + 1 times. For all sets in order.
    func finish(points: UnsafePointer<bls_g1_affine>, _ body: (Int, bls_g1) -> Void) {
        precondition(filled == sets)
        bls_g1_sum_runs(buckets, points, entries, offsets, sets * bucketsPerSet, scratch.kernel)
        // Enough lanes to share an inversion, few enough that putting them together stays cheap.
        let most = Int(BLS_SUM_SLOTS) / 2
        var segmentsLog = 0
        while sets << segmentsLog < 64 && bucketsPerSet >> segmentsLog > 4 { segmentsLog += 1 }
        let step = most >> segmentsLog
        var done = 0
        while done < sets {
            let count = min(step, sets - done)
            withUnsafeTemporaryAllocation(of: bls_g1.self, capacity: count) { sums in
                bls_g1_weigh_buckets(
                    sums.baseAddress, buckets + done * bucketsPerSet, count, bucketsPerSet,
                    Int32(segmentsLog), scratch.kernel)
                for i in 0..<count { body(done + i, sums[i]) }
            }
            done += count
        }
    }
}
