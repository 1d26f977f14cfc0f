import Availability
import DataMatrix
import LibP2P
import SSZ

/// The evidence that a node knows, its own and others': what is admitted, passed on, and served.
struct EvidencePool: Sendable {
    /// Attempt logs of own reports kept for those who ask.
    private static let maximumLogs = 16
    /// Bytes of an attempt log in one message of the answer.
    private static let bytesPerPart = 48 * 1024

    private let admission: EvidenceAdmission
    private var reporters = OrderedTable<BlockRoot, [NodeKey]>()
    private var closedLanes: Set<NodeKey> = []
    private var logs = OrderedTable<BlockRoot, AttemptLog>()

    init(parameters: NetworkParameters) {
        admission = EvidenceAdmission(parameters: parameters)
    }

    // MARK: From others

    /// Evidence came by gossip.
    ///
    /// - Returns: The evidence, if it was admitted.
    @discardableResult
    mutating func receive(
        _ delivery: GossipDelivery, headers: HeaderBook, now: NodeTime,
        kernel: inout NodeKernel, isAvailable: (BlockRoot) -> Bool
    ) -> Evidence? {
        let isWithinQuota =
            kernel.peers.modify(delivery.from) { peer in
                peer.evidenceBudget.take(1, now: now.monotonic)
            } ?? false
        guard isWithinQuota else {
            kernel.verdict(delivery.token, .ignore(.quota))
            return nil
        }
        let time = UnixTime(milliseconds: now.unixMilliseconds)
        let verdict = admission.admit(delivery.data, now: time) { evidence in
            switch evidence {
            case .withholding(let report):
                let root = report.header.root
                let known = reporters[root] ?? []
                return EvidenceAdmission.Context(
                    knownZeroRows: headers[root]?.header.knownZeroRows,
                    isAvailableHere: isAvailable(root),
                    hasReportOfReporter: known.contains(report.reporter),
                    reportCount: known.count)
            case .equivocation(let proof):
                return EvidenceAdmission.Context(
                    isLaneClosed: closedLanes.contains(proof.sequencer))
            }
        }
        switch verdict {
        case .accept(let evidence):
            kernel.verdict(delivery.token, .accept)
            keep(evidence)
            kernel.report(.evidence(EvidenceReport(evidence, isOwn: false)))
            return evidence
        case .ignore(let reason):
            kernel.verdict(
                delivery.token, .ignore(reason == .known ? .nothingNew : .notApplicable))
        case .malformed:
            kernel.verdict(delivery.token, .reject(.malformed))
        case .reject:
            kernel.verdict(delivery.token, .reject(.invalidEvidence))
        }
        return nil
    }

    private mutating func keep(_ evidence: Evidence) {
        switch evidence {
        case .withholding(let report):
            var known = reporters[report.header.root] ?? []
            known.append(report.reporter)
            reporters[report.header.root] = known
        case .equivocation(let proof):
            closedLanes.insert(proof.sequencer)
        }
    }

    // MARK: Of this node's own

    /// Two headers of a lane at one height or slot: proof, published if the lane was open.
    mutating func equivocation(
        _ one: SignedHeader, _ other: SignedHeader, kernel: inout NodeKernel
    ) {
        guard !closedLanes.contains(one.header.sequencer),
            let proof = EquivocationProof(one.summary, other.summary)
        else { return }
        publish(.equivocation(proof), kernel: &kernel)
    }

    /// A block is withheld: testimony, published with its log kept for those who ask.
    mutating func withholding(
        _ report: WithholdingReport, log: AttemptLog, kernel: inout NodeKernel
    ) {
        logs[report.header.root] = log
        if logs.count > Self.maximumLogs, let oldest = logs.oldest { logs[oldest] = nil }
        publish(.withholding(report), kernel: &kernel)
    }

    private mutating func publish(_ evidence: Evidence, kernel: inout NodeKernel) {
        keep(evidence)
        kernel.emit(
            .publish(
                Publication(
                    topic: kernel.names.name(of: .evidence), data: evidence.encoded,
                    reach: .everyone)))
        kernel.report(.evidence(EvidenceReport(evidence, isOwn: true)))
    }

    /// Forgets what concerns a block that left the window.
    mutating func forget(_ root: BlockRoot) {
        reporters[root] = nil
        logs[root] = nil
    }

    // MARK: Serving

    /// The attempt log behind a report of this node's: a status byte, then the log's encoding in
    /// parts.
    func answerAttempts(
        _ request: InboundRequest, kernel: inout NodeKernel, now: NodeTime
    ) {
        guard let question = try? AttemptLogRequest(encoded: request.body) else {
            kernel.refuseMalformed(request)
            return
        }
        guard let log = logs[question.headerRoot], log.hashTreeRoot == question.logRoot else {
            kernel.emit(.respond(request.token, [ResponseStatus.unknownHeader.rawValue]))
            kernel.emit(.finishResponse(request.token))
            return
        }
        let bytes = log.encoded
        guard kernel.charge(request.from, bytes: bytes.count, now: now) else {
            kernel.emit(.respond(request.token, [ResponseStatus.overBudget.rawValue]))
            kernel.emit(.finishResponse(request.token))
            return
        }
        kernel.emit(.respond(request.token, [ResponseStatus.ok.rawValue]))
        for start in stride(from: 0, to: bytes.count, by: Self.bytesPerPart) {
            let part = bytes[start..<min(start + Self.bytesPerPart, bytes.count)]
            kernel.emit(.respond(request.token, Array(part)))
        }
        kernel.emit(.finishResponse(request.token))
    }
}

extension EvidenceReport {
    init(_ evidence: Evidence, isOwn: Bool) {
        switch evidence {
        case .withholding(let report): root = report.header.root
        case .equivocation(let proof): root = proof.first.root
        }
        kind = evidence.kind
        sequencer = evidence.sequencer
        self.isOwn = isOwn
        self.evidence = evidence
    }
}
