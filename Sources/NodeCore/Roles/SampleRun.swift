import Availability
import DataMatrix

/// One node's samples of one block, and the fetch that gets them.
///
/// Drawn once, when the run is made; the fetch asks for what is missing again and again, of other
/// peers first, and never for other cells.
struct SampleRun: Sendable {
    /// The cells in the order of their draw.
    let sequence: SampleSequence
    var fetch: CellFetch
    private var lastReport: SamplingReport?

    /// Draws the samples of a block.
    ///
    /// - Parameters:
    ///   - block: The block.
    ///   - target: The miss probability to stay below, as the negative power of ten.
    ///   - settings: Pace.
    ///   - custody: Columns that need not be asked for, since this node completes them.
    ///   - random: The node's generator.
    init(
        of block: BlockCells, target: Int, settings: NodeSettings,
        excluding custody: ColumnGroups = .none,
        using random: inout some RandomNumberGenerator
    ) {
        let plan = SamplingPlan(header: block.header.header, shape: block.shape, target: target)
        sequence = plan.draw(using: &random)
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
    }

    var isComplete: Bool { fetch.isDone }

    /// Where the run stands.
    var report: SamplingReport {
        let failed = fetch.outcomes.reduce(0) { count, sample in
            let verdict = sample.outcome.verdict
            return count + (verdict == .refused || verdict == .timedOut ? 1 : 0)
        }
        return SamplingReport(
            drawn: fetch.wantedCount, succeeded: fetch.doneCount, failed: failed,
            isComplete: isComplete, peersAsked: fetch.askedPeers,
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
