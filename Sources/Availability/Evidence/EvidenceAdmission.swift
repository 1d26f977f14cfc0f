/// The checks of evidence that comes from the evidence topic, in the order of `specs/evidence.md`.
public struct EvidenceAdmission: Sendable {
    /// The network.
    public let parameters: NetworkParameters

    /// The checks of this network.
    public init(parameters: NetworkParameters) {
        self.parameters = parameters
    }

    /// What a node knows of the block or the lane that evidence is about.
    public struct Context: Sendable {
        /// The rows of the block known to be zeros, or nil if its header is not known. For a report.
        public var knownZeroRows: [Int]?
        /// Whether the block is available at this node. For a report.
        public var isAvailableHere: Bool
        /// Whether a report of this reporter on this header is kept already. For a report.
        public var hasReportOfReporter: Bool
        /// How many reports on the header are kept. For a report.
        public var reportCount: Int
        /// Whether the lane is closed by a proof already. For an equivocation proof.
        public var isLaneClosed: Bool

        /// What a node knows.
        public init(
            knownZeroRows: [Int]? = nil, isAvailableHere: Bool = false,
            hasReportOfReporter: Bool = false, reportCount: Int = 0, isLaneClosed: Bool = false
        ) {
            self.knownZeroRows = knownZeroRows
            self.isAvailableHere = isAvailableHere
            self.hasReportOfReporter = hasReportOfReporter
            self.reportCount = reportCount
            self.isLaneClosed = isLaneClosed
        }
    }

    /// Why evidence is dropped without blame.
    public enum IgnoreReason: String, Sendable, Hashable {
        /// The block's header is not known here.
        case unknownHeader = "header unknown"
        /// By this node's clock the last deadline has not passed.
        case deadlineNotPassed = "deadline not passed"
        /// The block is available here.
        case available = "block available here"
        /// This reporter's report is known, or the lane is closed already.
        case known = "known"
        /// Enough reports on the header are kept.
        case enough = "enough reports"
    }

    /// What to do with evidence.
    public enum Verdict: Sendable, Hashable {
        /// It holds: keep it and pass it on.
        case accept(Evidence)
        /// Drop it; no one is to blame.
        case ignore(IgnoreReason)
        /// No evidence: drop it and penalise the peer that sent it.
        case malformed(EvidenceError)
        /// Evidence that does not hold: drop it and penalise the peer that sent it.
        case reject(EvidenceVerdict)
    }

    /// Runs the checks on a message; what is cheap first, signatures last.
    ///
    /// - Parameters:
    ///   - message: The bytes of evidence.
    ///   - now: This node's clock.
    ///   - context: What the node knows of the block or the lane.
    /// - Returns: What to do.
    public func admit(
        _ message: [UInt8], now: UnixTime, context: (Evidence) -> Context
    ) -> Verdict {
        let evidence: Evidence
        do throws(EvidenceError) {
            evidence = try Evidence(encoded: message)
        } catch {
            return .malformed(error)
        }
        let known = context(evidence)
        let verdict: EvidenceVerdict
        switch evidence {
        case .withholding(let report):
            if let reason = reasonToIgnore(report, known, now) { return .ignore(reason) }
            verdict = report.verify(
                parameters: parameters, now: now, knownZeroRows: known.knownZeroRows)
        case .equivocation(let proof):
            if known.isLaneClosed { return .ignore(.known) }
            verdict = proof.verify(parameters: parameters)
        }
        return verdict.holds ? .accept(evidence) : .reject(verdict)
    }

    private func reasonToIgnore(
        _ report: WithholdingReport, _ known: Context, _ now: UnixTime
    ) -> IgnoreReason? {
        if known.knownZeroRows == nil { return .unknownHeader }
        if known.isAvailableHere { return .available }
        if known.hasReportOfReporter { return .known }
        if known.reportCount >= Limits.reportsPerHeader { return .enough }
        let slot = report.header.summary.slot
        guard let deadlines = parameters.deadlines(ofSlot: slot), now >= deadlines.withheld else {
            return .deadlineNotPassed
        }
        return nil
    }
}
