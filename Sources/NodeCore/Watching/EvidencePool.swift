import Availability
import DataMatrix
import LibP2P
import SSZ

/// The evidence that a node knows, its own and others': what is admitted, passed on, and served.
struct EvidencePool: Sendable {
    /// Attempt logs of own reports kept for those who ask.
    private static let maximumLogs = 16
    /// Blocks about which reports are remembered here; of others, the archive knows.
    private static let maximumBlocks = 1024
    /// Pieces of evidence that a restart takes up.
    private static let maximumRestored = 4096
    /// Bytes of an attempt log in one message of the answer.
    private static let bytesPerPart = 48 * 1024

    private let admission: EvidenceAdmission
    private var reporters = OrderedTable<BlockRoot, [NodeKey]>()
    private var closedLanes: Set<NodeKey> = []
    private var logs = OrderedTable<BlockRoot, AttemptLog>()

    init(parameters: NetworkParameters) {
        admission = EvidenceAdmission(parameters: parameters)
    }

    /// How many blocks, lanes and logs are remembered here.
    var counts: (blocks: Int, lanes: Int, logs: Int) {
        (reporters.count, closedLanes.count, logs.count)
    }

    /// Takes up what the archive kept.
    ///
    /// - Returns: The lanes that are closed, and where.
    mutating func restore(
        _ archive: any NodeArchive
    ) -> [(lane: NodeKey, height: UInt64)] {
        var closed: [(lane: NodeKey, height: UInt64)] = []
        for record in archive.evidence(limit: Self.maximumRestored) {
            remember(record)
            if case .equivocation(let proof) = record.evidence {
                closed.append((proof.sequencer, proof.height))
            }
        }
        return closed
    }

    // MARK: From others

    /// Evidence came by gossip.
    ///
    /// - Returns: The evidence, if it was admitted.
    @discardableResult
    mutating func receive(
        _ delivery: GossipDelivery, now: NodeTime,
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
                let known = knownReporters(root, kernel.archive)
                return EvidenceAdmission.Context(
                    knownZeroRows: kernel.archive.header(root)?.header.knownZeroRows,
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
            keep(evidence, isOwn: false, log: nil, kernel: &kernel)
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

    private func knownReporters(_ root: BlockRoot, _ archive: any NodeArchive) -> [NodeKey] {
        if let known = reporters[root] { return known }
        return archive.evidence(about: root).compactMap { record in
            if case .withholding(let report) = record.evidence { report.reporter } else { nil }
        }
    }

    private mutating func keep(
        _ evidence: Evidence, isOwn: Bool, log: AttemptLog?, kernel: inout NodeKernel
    ) {
        let record = EvidenceRecord(
            evidence: evidence, isOwn: isOwn,
            kept: UnixTime(milliseconds: kernel.now.unixMilliseconds), log: log)
        if case .withholding(let report) = evidence, reporters[report.header.root] == nil {
            reporters[report.header.root] = knownReporters(report.header.root, kernel.archive)
        }
        remember(record)
        kernel.archive.keep(record)
    }

    private mutating func remember(_ record: EvidenceRecord) {
        switch record.evidence {
        case .withholding(let report):
            let root = report.header.root
            var known = reporters[root] ?? []
            if !known.contains(report.reporter) { known.append(report.reporter) }
            reporters[root] = known
            if reporters.count > Self.maximumBlocks, let oldest = reporters.oldest {
                reporters[oldest] = nil
            }
            if record.isOwn, let log = record.log { remember(log, of: root) }
        case .equivocation(let proof):
            closedLanes.insert(proof.sequencer)
        }
    }

    private mutating func remember(_ log: AttemptLog, of root: BlockRoot) {
        logs[root] = log
        if logs.count > Self.maximumLogs, let oldest = logs.oldest { logs[oldest] = nil }
    }

    // MARK: Of this node's own

    /// Two headers of a lane at one height or slot: proof, published if the lane was open.
    mutating func equivocation(
        _ one: SignedHeader, _ other: SignedHeader, kernel: inout NodeKernel
    ) {
        guard !closedLanes.contains(one.header.sequencer),
            let proof = EquivocationProof(one.summary, other.summary)
        else { return }
        publish(.equivocation(proof), log: nil, kernel: &kernel)
    }

    /// A block is withheld: testimony, published with its log kept for those who ask.
    mutating func withholding(
        _ report: WithholdingReport, log: AttemptLog, kernel: inout NodeKernel
    ) {
        publish(.withholding(report), log: log, kernel: &kernel)
    }

    private mutating func publish(
        _ evidence: Evidence, log: AttemptLog?, kernel: inout NodeKernel
    ) {
        // Kept before it is out: what others have seen of this node's own it has itself.
        keep(evidence, isOwn: true, log: log, kernel: &kernel)
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
