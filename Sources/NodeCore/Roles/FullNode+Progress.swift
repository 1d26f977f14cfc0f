import Availability
import DataMatrix
import LibP2P

// What follows from what is held: repair, samples, availability, the watcher's states.
extension FullNode {
    /// Whatever can be done now is done.
    mutating func advance(now: NodeTime) {
        verifyWaiting(now: now)
        takeTurns(now: now)
        for root in blocks.keys {
            guard var block = blocks.take(root) else { continue }
            if isSettled(block) {
                blocks.put(root, block)
                continue
            }
            sample(&block, now: now)
            buildUp(&block, now: now)
            repair(&block, now: now)
            judge(&block, now: now)
            blocks.put(root, block)
        }
        followWatcher(now: now)
        catchUp(now: now)
    }

    /// Nothing is left to do for the block unless something new comes.
    private func isSettled(_ block: Block) -> Bool {
        block.isAvailable && block.repair == nil && !block.isWanted && block.repairDueAt == nil
            && block.lastPossession?.cells == block.cells.sendableCount
            && block.incompleteColumns.isEmpty
    }

    private mutating func sample(_ block: inout Block, now: NodeTime) {
        guard var run = block.run, run.verdict != .confident else { return }
        block.run = nil
        if run.extendIfNeeded(using: &kernel.random) {
            kernel.archive.keep(run.record, of: block.root)
        }
        if !run.isComplete, !block.isWaiting {
            kernel.pursue(
                &run.fetch, of: block.root, for: .sampling, candidates: kernel.custodians(),
                now: now)
        }
        let slot = block.cells.header.header.slot
        if run.decide(isPastDeadline: kernel.isPastDeadline(slot: slot, now: now), now: now) {
            kernel.archive.keep(run.record, of: block.root)
        }
        if let report = run.changedReport() { kernel.report(.sampling(block.root, report)) }
        block.run = run
    }

    private mutating func repair(_ block: inout Block, now: NodeTime) {
        let isComplete = block.incompleteColumns.isEmpty
        if let due = block.repairDueAt, due <= now.monotonic {
            block.repairDueAt = nil
            if !isComplete { block.beginRepair(.custody, settings: kernel.settings) }
        }
        guard var repair = block.repair else { return }
        block.repair = nil
        let isReached =
            repair.goal == .custody ? isComplete : isComplete && block.recovery.isDecodable
        guard !isReached || repair.testimony.isUnderWay else { return }
        let outcome = repair.advance(
            block.cells, columns: block.custodyColumns, now: now, kernel: &kernel)
        if outcome == .stuck, let missing = repair.stuck {
            kernel.report(.stuck(block.root, missing))
        }
        // What this node has not looked at yet may be what is missing; and while it is behind, it can't
        // tell others' silence from its own.
        if repair.isAccusing, !repair.testimony.isUnderWay, !isBehind(block), !kernel.isBehind,
            repair.stuckAt > kernel.behindUntil
        {
            watcher.found(
                Watcher.Findings(
                    stuck: repair.stuck, refusingPeers: repair.testimony.denyingPeers,
                    askedPeers: repair.testimony.askedCount, madeAt: repair.stuckAt),
                of: block.root, now: now.unixMilliseconds)
        }
        block.repair = repair
    }

    /// Whether the block is available here, and what of it is held.
    private mutating func judge(_ block: inout Block, now: NodeTime) {
        let complete = block.custodyColumns.count - block.incompleteColumns.count
        let possession = PossessionReport(
            cells: block.cells.sendableCount, completeColumns: complete,
            custodyColumns: block.custodyColumns.count,
            isDecodable: block.recovery.isDecodable)
        if possession != block.lastPossession {
            block.lastPossession = possession
            kernel.report(.possession(block.root, possession))
        }
        guard !block.isAvailable, complete == block.custodyColumns.count,
            block.recovery.isDecodable || (block.run?.isComplete ?? false)
        else { return }
        block.isAvailable = true
        block.isWaiting = false
        watcher.becameAvailable(block.root, now: now.unixMilliseconds)
    }

    mutating func reportPossession(_ root: BlockRoot) {
        guard var block = blocks.take(root) else { return }
        judge(&block, now: kernel.now)
        blocks.put(root, block)
    }

    // MARK: The watcher

    /// Whether cells of the block wait here to be looked at, or are being computed.
    func isBehind(_ block: Block) -> Bool {
        !block.cells.queue.isIdle || !block.extending.isEmpty || block.isRebuilding
            || pending.holds(block.root)
    }

    /// As long as blocks are watched, a timer shows whether this node's own loop is on time.
    mutating func watchOwnLag(now: NodeTime) {
        if let due = heartbeatDueAt, due <= now.monotonic {
            kernel.now = now
            if now.monotonic - due > Self.maximumLag { kernel.fellBehind() }
            heartbeatDueAt = nil
        }
        if heartbeatDueAt == nil, watcher.hasOpen {
            heartbeatDueAt = now.monotonic(
                afterMilliseconds: Self.heartbeatMilliseconds)
        }
    }

    private static var heartbeatMilliseconds: UInt64 { 500 }
    /// Nanoseconds by which a timer is late on a node that keeps up.
    private static var maximumLag: Int64 { 500_000_000 }

    mutating func watch(_ signed: SignedHeader, now: NodeTime) {
        guard let start = kernel.parameters.start(ofSlot: signed.header.slot) else { return }
        // In good standing: up before the slot began, and enough peers answer.
        let span = Int64(3 * kernel.settings.statusIntervalMilliseconds) * 1_000_000
        let answering = kernel.peers.answering(since: now.monotonic - span)
        let wasUp = (kernel.startedAt?.unixMilliseconds ?? .max) <= start.milliseconds
        watcher.seen(
            signed.root, slotStart: start.milliseconds,
            wasReady: wasUp && answering >= Int(kernel.parameters.reportPeers),
            earlier: kernel.archive.state(of: signed.root)?.state,
            now: now.unixMilliseconds)
    }

    private mutating func followWatcher(now: NodeTime) {
        watcher.tick(now: now.unixMilliseconds)
        for action in watcher.drain() {
            switch action {
            case .changed(let root, let state):
                setState(state, of: root)
                kernel.report(.state(root, state))
                if state == .unknown || state == .available || state == .recovered {
                    _ = blocks.modify(root) { $0.repair?.isAccusing = false }
                }
            case .probe(let root):
                guard var block = blocks.take(root) else { continue }
                block.beginRepair(.wholeBlock, settings: kernel.settings)
                block.repair?.isAccusing = true
                repair(&block, now: now)
                blocks.put(root, block)
            case .report(let root):
                report(root, now: now)
            }
        }
    }

    /// Writes, signs and publishes the withholding report.
    private mutating func report(_ root: BlockRoot, now: NodeTime) {
        guard let block = blocks[root], let repair = block.repair, let stuck = repair.stuck,
            let watchedFrom = watcher.time(of: .pending, root: root),
            let deadlines = kernel.parameters.deadlines(ofSlot: block.cells.header.header.slot)
        else { return }
        // A header may come a little before its slot by this clock; it was watched from the slot on.
        let from = max(watchedFrom, deadlines.start.milliseconds)
        let log = repair.testimony.log
        guard
            let report = try? WithholdingReport(
                header: block.cells.header.summary, missing: stuck, log: log,
                watchedFrom: UnixTime(milliseconds: from),
                reported: UnixTime(milliseconds: now.unixMilliseconds), key: kernel.identity.key)
        else { return }
        evidence.withholding(report, log: log, kernel: &kernel)
    }
}
