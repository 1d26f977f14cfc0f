package import Availability
package import DataMatrix
package import SSZ

/// Watches how blocks become available, or do not: `pending` to `available`, or through `late` and
/// `suspected` to `withheld`, and `recovered`.
///
/// Deadlines count from the start of a block's slot, on the wall clock. A block is *watched from the
/// start* if this node ran before its slot began, was in good standing then (enough distinct peers
/// that had answered), and had the header before the first deadline. Only such a block can become
/// late; any other that does not turn up ends as unknown. Each further step also needs that the
/// missing cells cannot be rebuilt from all that peers claim to hold, and that enough distinct
/// peers were asked for them, so that a node that is cut off accuses nobody.
package struct Watcher: Sendable {
    /// The deadlines and thresholds.
    package struct Rules: Sendable, Hashable {
        package var lateMilliseconds: UInt64
        package var suspectedMilliseconds: UInt64
        package var withheldMilliseconds: UInt64
        /// Distinct peers that must have been asked for missing cells, and have answered.
        package var minimumPeers: Int
        /// Past the last deadline: how long to go on trying to meet the conditions.
        package var graceMilliseconds: UInt64

        /// Rules of these spans, in milliseconds.
        package init(
            late: UInt64, suspected: UInt64, withheld: UInt64, minimumPeers: Int, grace: UInt64
        ) {
            lateMilliseconds = late
            suspectedMilliseconds = suspected
            withheldMilliseconds = withheld
            self.minimumPeers = minimumPeers
            graceMilliseconds = grace
        }

        /// The network's rules.
        package init(_ parameters: NetworkParameters) {
            lateMilliseconds = UInt64(parameters.lateMilliseconds)
            suspectedMilliseconds = UInt64(parameters.suspectedMilliseconds)
            withheldMilliseconds = UInt64(parameters.withheldMilliseconds)
            minimumPeers = Int(parameters.reportPeers)
            graceMilliseconds = 10 * UInt64(parameters.slotMilliseconds)
        }
    }

    /// What the node knows about a block's missing part.
    package struct Findings: Sendable {
        /// The cells that cannot be rebuilt from what this node holds and all that peers claim to
        /// hold; nil while the answers of the round are not in.
        package var stuck: CellSet?
        /// Distinct peers that were asked for missing cells and said that they do not hold them.
        package var refusingPeers: Int
        /// Distinct peers asked for them in all.
        package var askedPeers: Int
        /// When the claims were weighed (wall clock).
        package var madeAt: UInt64

        package init(
            stuck: CellSet? = nil, refusingPeers: Int = 0, askedPeers: Int = 0, madeAt: UInt64 = 0
        ) {
            self.madeAt = madeAt
            self.stuck = stuck
            self.refusingPeers = refusingPeers
            self.askedPeers = askedPeers
        }
    }

    /// What follows from a step.
    package enum Action: Sendable, Hashable {
        /// The block's state changed.
        case changed(Bytes32, BlockState)
        /// Ask peers for what is missing, and go on until the block is settled.
        case probe(Bytes32)
        /// Write the report: the block is withheld.
        case report(Bytes32)
    }

    private struct Watch: Sendable {
        let slotStart: UInt64
        let isFromTheStart: Bool
        var state: BlockState
        var findings = Findings()
        /// When the states were entered, wall clock.
        var times: [BlockState: UInt64] = [:]
    }

    private let rules: Rules
    private var watches = OrderedTable<Bytes32, Watch>()
    private var actions: [Action] = []

    package init(rules: Rules) {
        self.rules = rules
    }

    /// What followed from the last calls.
    package mutating func drain() -> [Action] {
        defer { actions = [] }
        return actions
    }

    /// Whether any block is still watched: pending, late or suspected.
    package var hasOpen: Bool {
        watches.entries.contains { [.pending, .late, .suspected].contains($0.value.state) }
    }

    /// How many blocks are known here.
    package var count: Int { watches.count }

    /// Where a block stands; nil if it is not known here.
    package func state(of root: Bytes32) -> BlockState? { watches[root]?.state }

    /// When a block entered a state (wall clock); nil if it never did.
    package func time(of state: BlockState, root: Bytes32) -> UInt64? {
        watches[root]?.times[state]
    }

    /// A header was admitted.
    ///
    /// - Parameters:
    ///   - root: Its root.
    ///   - slotStart: When its slot began (wall clock, milliseconds).
    ///   - wasReady: Whether the node was up and in good standing when the slot began.
    ///   - earlier: What an archive says of it: a block that was available or withheld stays that.
    ///   - now: The present.
    package mutating func seen(
        _ root: Bytes32, slotStart: UInt64, wasReady: Bool, earlier: BlockState? = nil, now: UInt64
    ) {
        guard watches[root] == nil else { return }
        if let earlier, [.available, .recovered, .withheld].contains(earlier) {
            watches[root] = Watch(
                slotStart: slotStart, isFromTheStart: false, state: earlier, times: [:])
            return
        }
        let (deadline, overflow) = slotStart.addingReportingOverflow(rules.lateMilliseconds)
        let isFromTheStart = wasReady && !overflow && now < deadline
        let state: BlockState = isFromTheStart ? .pending : .unknown
        watches[root] = Watch(
            slotStart: slotStart, isFromTheStart: isFromTheStart, state: state,
            times: [state: now])
        actions.append(.changed(root, state))
    }

    /// The block is available here, by this node's own checks.
    package mutating func becameAvailable(_ root: Bytes32, now: UInt64) {
        guard let watch = watches[root] else { return }
        switch watch.state {
        case .available, .recovered: return
        case .pending, .unknown, .late: enter(.available, root, now: now)
        case .suspected, .withheld: enter(.recovered, root, now: now)
        }
    }

    /// What the node found out about a block's missing part.
    package mutating func found(_ findings: Findings, of root: Bytes32, now: UInt64) {
        _ = watches.modify(root) { $0.findings = findings }
        step(root, now: now)
    }

    /// Time has passed.
    package mutating func tick(now: UInt64) {
        for root in watches.keys { step(root, now: now) }
    }

    /// The next deadline on the wall clock.
    package func nextDeadline(after now: UInt64) -> UInt64? {
        var next: UInt64?
        for (_, watch) in watches.entries {
            let span: UInt64
            switch watch.state {
            case .pending: span = rules.lateMilliseconds
            case .late: span = rules.suspectedMilliseconds
            case .suspected: span = rules.withheldMilliseconds
            default: continue
            }
            for moment in [
                saturatingSum(watch.slotStart, span), endOfGrace(watch),
            ] where moment > now {
                next = min(next ?? moment, moment)
                break
            }
        }
        return next
    }

    /// Forgets a block that left the window.
    package mutating func forget(_ root: Bytes32) {
        watches[root] = nil
    }

    private mutating func step(_ root: Bytes32, now: UInt64) {
        guard let watch = watches[root] else { return }
        switch watch.state {
        case .pending:
            guard now >= saturatingSum(watch.slotStart, rules.lateMilliseconds) else { return }
            enter(.late, root, now: now)
            actions.append(.probe(root))
        case .late:
            if now >= saturatingSum(watch.slotStart, rules.suspectedMilliseconds),
                isConfirmed(
                    watch.findings, since: saturatingSum(watch.slotStart, rules.lateMilliseconds))
            {
                enter(.suspected, root, now: now)
                step(root, now: now)
            } else if now >= endOfGrace(watch) {
                enter(.unknown, root, now: now)
            }
        case .suspected:
            if now >= saturatingSum(watch.slotStart, rules.withheldMilliseconds),
                isConfirmed(
                    watch.findings,
                    since: saturatingSum(watch.slotStart, rules.suspectedMilliseconds))
            {
                enter(.withheld, root, now: now)
                actions.append(.report(root))
            } else if now >= endOfGrace(watch) {
                enter(.unknown, root, now: now)
            }
        case .available, .withheld, .recovered, .unknown:
            return
        }
    }

    /// Each step needs findings from after the deadline before it: what was missing then may be
    /// there by now.
    private func isConfirmed(_ findings: Findings, since moment: UInt64) -> Bool {
        guard let stuck = findings.stuck, findings.madeAt >= moment else { return false }
        return !stuck.isEmpty && findings.refusingPeers >= rules.minimumPeers
    }

    private func endOfGrace(_ watch: Watch) -> UInt64 {
        saturatingSum(
            saturatingSum(watch.slotStart, rules.withheldMilliseconds), rules.graceMilliseconds)
    }

    private mutating func enter(_ state: BlockState, _ root: Bytes32, now: UInt64) {
        _ = watches.modify(root) { watch in
            watch.state = state
            watch.times[state] = now
        }
        actions.append(.changed(root, state))
    }
}

/// The sum, or the largest number.
func saturatingSum(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
}
