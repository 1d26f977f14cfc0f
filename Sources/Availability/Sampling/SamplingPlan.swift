public import DataMatrix
import SystemCrypto

/// How many cells of a block a light node samples, and what that proves.
///
/// Only cells that are not known to be zeros are sampled; those of known zero rows count as held.
/// A block that cannot be rebuilt lacks at least ``smallestStoppingSet`` of the others, whatever
/// the decoder, so all `s` samples of a node find their cells with a probability of at most
/// `C(M - w, s) / C(M, s)`. That is the bound shown to users. It assumes that answers do not depend
/// on who asks; `specs/sampling.md` says what else it assumes.
public struct SamplingPlan: Sendable, Hashable {
    /// The matrix.
    public let shape: MatrixShape
    /// The rows that are known to be zeros, ascending.
    public let knownZeroRows: [Int]
    /// The target `t`: the bound must be at most `10^-t`.
    public let target: Int

    /// The rows that are not known to be zeros, ascending.
    private let rows: [Int]

    /// A plan for a block.
    ///
    /// - Parameters:
    ///   - shape: The matrix.
    ///   - knownZeroRows: ``BlockHeader/knownZeroRows``.
    ///   - target: ``NetworkParameters/samplingTarget`` or another, 1 to 18.
    public init(shape: MatrixShape, knownZeroRows: [Int], target: Int) {
        precondition((1...18).contains(target), "a sampling target is 1 to 18")
        self.shape = shape
        self.target = target
        let zero = Set(knownZeroRows)
        self.knownZeroRows = zero.sorted()
        rows = (0..<shape.rows).filter { !zero.contains($0) }
    }

    /// A plan for the block of a header.
    ///
    /// - Parameters:
    ///   - header: The header.
    ///   - shape: Its matrix.
    ///   - target: The target.
    public init(header: BlockHeader, shape: MatrixShape, target: Int) {
        self.init(shape: shape, knownZeroRows: header.knownZeroRows, target: target)
    }

    /// Cells that may be sampled, `M`.
    public var cellCount: Int { rows.count * shape.columns }

    /// The fewest cells that can be missing from a block that cannot be rebuilt, `w`; zero if every
    /// cell is known, so that nothing can be.
    public var smallestStoppingSet: Int { rows.isEmpty ? 0 : shape.smallestStoppingSet }

    /// The largest probability with which a node that finds all but at most `misses` of its samples
    /// takes a block for available that cannot be rebuilt.
    ///
    /// - Parameters:
    ///   - samples: How many distinct cells are sampled, at most ``cellCount``.
    ///   - misses: How many of them may fail.
    /// - Returns: The exact bound, `sum over i <= misses of C(w, i) C(M - w, s - i) / C(M, s)`; zero
    ///   if every cell is known.
    public func missProbability(samples: Int, allowingMisses misses: Int = 0) -> Double {
        precondition((0...cellCount).contains(samples) && misses >= 0)
        guard !rows.isEmpty else { return 0 }
        if misses == 0 {
            return Hypergeometric.none(
                population: cellCount, marked: smallestStoppingSet, draws: samples)
        }
        return Hypergeometric.atMost(
            misses, population: cellCount, marked: smallestStoppingSet, draws: samples)
    }

    /// The fewest samples with which the miss probability is at most `10^-target`.
    ///
    /// - Parameter misses: How many samples may fail: zero for the plain plan, more for a lossy one.
    ///   A node whose samples fail goes from one to the next and extends the same sequence.
    /// - Returns: The number of samples, or nil if so many failures prove nothing even with all
    ///   cells sampled.
    public func samples(allowingMisses misses: Int = 0) -> Int? {
        guard !rows.isEmpty else { return 0 }
        guard misses >= 0, misses < smallestStoppingSet else { return nil }
        let bound = (0..<target).reduce(1.0) { value, _ in value / 10 }
        // The probability falls as samples are added, so the smallest number is found by halving.
        var low = misses
        var high = cellCount
        while high - low > 1 {
            let middle = (low + high) / 2
            if missProbability(samples: middle, allowingMisses: misses) <= bound {
                high = middle
            } else {
                low = middle
            }
        }
        return high
    }

    /// The cell with this number among those that may be sampled, in row-major order.
    func coordinate(_ number: Int) -> CellCoordinate {
        CellCoordinate(row: rows[number / shape.columns], column: number % shape.columns)
    }

    /// Draws a node's samples for this block: as many as the plain plan needs.
    ///
    /// - Parameter random: The system's generator in a node, a seeded one in tests.
    /// - Returns: The start of a sequence, to be kept and never drawn again.
    public func draw(using random: inout some RandomNumberGenerator) -> SampleSequence {
        var sequence = SampleSequence(plan: self)
        sequence.extend(to: samples() ?? 0, using: &random)
        return sequence
    }
}

/// The cells that a node samples of one block, in the order in which they were drawn.
///
/// The sequence is drawn once and only ever extended. Drawing anew after a failure would let a
/// withholder be sampled until it passes.
public struct SampleSequence: Sendable, Hashable {
    /// The plan.
    public let plan: SamplingPlan
    /// The cells, distinct, none of a row known to be zeros.
    public private(set) var cells: [CellCoordinate]

    private var drawn: CellSet

    /// The empty sequence.
    public init(plan: SamplingPlan) {
        self.plan = plan
        cells = []
        drawn = CellSet(plan.shape)
    }

    /// A sequence as it was stored, or nil if the cells are not distinct or none that this plan
    /// samples.
    public init?(plan: SamplingPlan, cells: [CellCoordinate]) {
        self.init(plan: plan)
        let zero = Set(plan.knownZeroRows)
        for cell in cells {
            guard plan.shape.contains(cell), !zero.contains(cell.row), drawn.insert(cell) else {
                return nil
            }
        }
        self.cells = cells
    }

    /// Draws further cells, each uniformly among those not drawn yet, until there are `count` (or
    /// all there are).
    public mutating func extend(to count: Int, using random: inout some RandomNumberGenerator) {
        let count = min(count, plan.cellCount)
        while cells.count < count {
            let cell = plan.coordinate(random.uniform(below: plan.cellCount))
            if drawn.insert(cell) { cells.append(cell) }
        }
    }
}
