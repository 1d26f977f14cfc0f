import Availability
import DataMatrix

/// One node's samples of one block, and the fetch that gets them.
///
/// Drawn once, when the run is made, or taken over from the archive; the fetch asks for what is
/// missing again and again, of other peers first, and never for other cells. The lossy plan extends
/// the same sequence.
struct SampleRun: Sendable {
    /// The cells in the order of their draw.
    private(set) var sequence: SampleSequence
    var fetch: CellFetch
    /// How many samples may fail by now.
    private(set) var allowedMisses = 0
    /// How it ended, and when.
    private(set) var verdict = SamplingVerdict.pending
    private(set) var decided: UnixTime?
    private let maximumMisses: Int
    private let custody: ColumnGroups
    private var lastReport: SamplingReport?

    /// Draws the samples of a block, or takes over those that were drawn before.
    ///
    /// - Parameters:
    ///   - block: The block.
    ///   - record: What the archive has kept of its sampling.
    ///   - target: The miss probability to stay below, as the negative power of ten.
    ///   - settings: Pace, and the lossy plan.
    ///   - custody: Columns that need not be asked for, since this node completes them.
    ///   - random: The node's generator; not used if there is a record.
    init(
        of block: BlockCells, record: SampleRecord? = nil, target: Int, settings: NodeSettings,
        excluding custody: ColumnGroups = .none,
        using random: inout some RandomNumberGenerator
    ) {
        let plan = SamplingPlan(header: block.header.header, shape: block.shape, target: target)
        let kept = record.flatMap { SampleSequence(plan: plan, cells: $0.cells) }
        let sequence = kept ?? plan.draw(using: &random)
        self.sequence = sequence
        self.custody = custody
        maximumMisses = max(0, settings.allowedMisses)
        // What lies in the custody is settled by that; it must be complete anyway.
        fetch = CellFetch(
            sequence.cells.filter { !custody.contains(column: $0.column) },
            policy: CellFetch.Policy(
                cellsPerPeer: Limits.samplesPerPeer,
                cellsPerRequest: Limits.samplesPerPeer,
                requestsUnderWay: settings.sampleRequestsUnderWay,
                requestsPerPeer: 4,
                pauseMilliseconds: settings.samplePauseMilliseconds.lowerBound,
                maximumPauseMilliseconds: settings.samplePauseMilliseconds.upperBound))
        guard kept != nil, let record else { return }
        allowedMisses = record.allowedMisses
        verdict = record.verdict
        decided = record.decided
        for (cell, outcome) in zip(record.cells, record.outcomes) where outcome == .succeeded {
            fetch.obtained(cell, now: .min)
        }
    }

    /// Whether as many samples are here as the plan needs.
    var isComplete: Bool { fetch.wantedCount - fetch.doneCount <= allowedMisses }

    /// Whether every sample that is missing was asked of all that may hold it, in vain.
    var isExhausted: Bool {
        fetch.outcomes.allSatisfy { $0.outcome.verdict != .pending }
    }

    /// Takes up what a store holds of the block.
    mutating func obtained(_ held: CellSet, now: Int64) {
        for cell in sequence.cells where held.contains(cell) { fetch.obtained(cell, now: now) }
    }

    /// The lossy plan: if more samples have failed than may, the sequence is extended to what one
    /// more miss needs, as long as the node allows it.
    ///
    /// - Returns: Whether it was extended.
    mutating func extendIfNeeded(using random: inout some RandomNumberGenerator) -> Bool {
        guard allowedMisses < maximumMisses, !isComplete else { return false }
        let failed = failedCount
        guard failed > allowedMisses,
            let count = sequence.plan.samples(allowingMisses: allowedMisses + 1)
        else { return false }
        let before = sequence.cells.count
        sequence.extend(to: count, using: &random)
        allowedMisses += 1
        fetch.add(
            sequence.cells[before...].filter { !custody.contains(column: $0.column) })
        return true
    }

    private var failedCount: Int {
        fetch.outcomes.reduce(0) { count, sample in
            let verdict = sample.outcome.verdict
            return count + (verdict == .refused || verdict == .timedOut ? 1 : 0)
        }
    }

    /// Comes to a verdict, if there is a new one.
    ///
    /// - Parameters:
    ///   - isPastDeadline: Whether the block's last deadline is past.
    ///   - now: The present.
    /// - Returns: Whether the verdict has changed.
    mutating func decide(isPastDeadline: Bool, now: NodeTime) -> Bool {
        let new: SamplingVerdict
        if isComplete {
            new = .confident
        } else if isPastDeadline, isExhausted {
            new = .failed
        } else {
            return false
        }
        guard new != verdict, verdict != .confident else { return false }
        verdict = new
        decided = UnixTime(milliseconds: now.unixMilliseconds)
        return true
    }

    /// What the archive keeps of it.
    var record: SampleRecord {
        let outcomes = Dictionary(
            fetch.outcomes.map { ($0.cell, $0.outcome.verdict) },
            uniquingKeysWith: { one, _ in one }
        )
        return SampleRecord(
            cells: sequence.cells, outcomes: sequence.cells.map { outcomes[$0] ?? .pending },
            allowedMisses: allowedMisses, verdict: verdict, decided: decided)
    }

    /// Where the run stands.
    var report: SamplingReport {
        SamplingReport(
            drawn: fetch.wantedCount, succeeded: fetch.doneCount, failed: failedCount,
            isComplete: isComplete, allowedMisses: allowedMisses, peersAsked: fetch.askedPeers,
            groupsAsked: fetch.askedGroups, mostAskedOfOnePeer: fetch.mostAskedOfOnePeer)
    }

    /// The report, if anything in it has changed since it was last taken.
    mutating func changedReport() -> SamplingReport? {
        let report = self.report
        guard report != lastReport else { return nil }
        lastReport = report
        return report
    }
}
