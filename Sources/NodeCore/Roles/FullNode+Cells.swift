import Availability
import DataMatrix
import LibP2P
import SSZ

// From cells that came to cells that are verified, kept, extended, rebuilt.
extension FullNode {
    mutating func finished(_ token: WorkToken, _ result: WorkResult, now: NodeTime) {
        switch (kernel.finished(token), result) {
        case (.prepare(let root), .prepared(let verifier)):
            let admitted = headers.prepared(root, verifier, now: now, kernel: &kernel)
            if let admitted {
                begin(admitted, now: now)
            } else {
                for message in pending.take(root) {
                    kernel.verdict(message.token, .ignore(.unknownHeader))
                }
            }
        case (.verify(let root, let batch), .verified(let verdicts)):
            verifying -= 1
            verified(root, batch, verdicts, now: now)
        case (.extend(let root, let columns), .extended(let cells)):
            extending -= 1
            guard var block = blocks.take(root) else { return }
            block.extending.subtract(columns)
            take(cells, into: &block, now: now)
            block.unextendable.formUnion(
                columns.filter { block.cells.rowCount(inColumn: $0) < block.shape.rows })
            blocks.put(root, block)
        case (.rebuild(let root), .rebuilt(let rebuilt)):
            rebuilding -= 1
            guard var block = blocks.take(root) else { return }
            block.isRebuilding = false
            let before = block.cells.held.count
            let wasWanted = block.isWanted
            if let rebuilt { finish(rebuilt, &block, now: now) }
            if block.cells.held.count == before, !wasWanted || block.isWanted {
                block.heldAtVainRebuild = before
            }
            blocks.put(root, block)
        default:
            return
        }
    }

    // MARK: Headers

    private mutating func begin(_ admitted: AdmittedHeader, now: NodeTime) {
        if let other = admitted.equivocatesWith.flatMap({ headers.book[$0] }) {
            evidence.equivocation(other, admitted.signed, kernel: &kernel)
        }
        let root = admitted.root
        let cells = BlockCells(admitted)
        let columns = kernel.custody.columns(of: cells.shape.columns)
        var block = Block(
            cells: cells, custodyColumns: columns,
            recovery: RebuildState.starting(with: cells.held).state)
        if columns.count < cells.shape.dataColumns {
            block.run = SampleRun(
                of: cells, target: Int(kernel.parameters.samplingTarget),
                settings: kernel.settings, excluding: kernel.custody, using: &kernel.random)
        }
        let delay = kernel.settings.repairDelayMilliseconds
        block.repairDueAt =
            admitted.isLive
            ? kernel.moment(from: now, least: delay.lowerBound, most: delay.upperBound)
            : now.monotonic
        if wanted.remove(root) != nil {
            block.isWanted = true
            block.beginRepair(.wholeBlock, settings: kernel.settings)
        }
        store.open(root, shape: cells.shape)
        blocks[root] = block
        watch(admitted.signed, now: now)
        for message in pending.take(root) {
            admit(
                message.message, token: message.token, peer: message.peer,
                byteCount: message.byteCount)
        }
        makeRoom()
        for dropped in headers.prune(admitted.signed.header.sequencer) { forget(dropped) }
    }

    /// Drops the blocks of the lowest slots beyond the bound.
    private mutating func makeRoom() {
        while blocks.count > kernel.settings.maximumBlocks {
            guard
                let oldest = blocks.entries.min(by: {
                    $0.value.cells.header.header.slot < $1.value.cells.header.header.slot
                })?.key
            else { return }
            forget(oldest)
        }
    }

    mutating func forget(_ root: BlockRoot) {
        if var block = blocks.take(root) {
            for group in block.cells.queue.removeAll() { dropped(group) }
        }
        blocks[root] = nil
        store.removeBlock(root)
        watcher.forget(root)
        evidence.forget(root)
    }

    private mutating func dropped(_ group: CellGroup) {
        release(group)
        if case .gossip(let token, _) = group.source {
            kernel.verdict(token, .ignore(.tooOld))
        }
    }

    // MARK: Verification

    /// Forms batches while a worker is free.
    mutating func verifyWaiting(now: NodeTime) {
        for root in blocks.keys where verifying < kernel.settings.verificationsUnderWay {
            guard var block = blocks.take(root) else { continue }
            if !block.cells.queue.isEmpty {
                let (batch, stale, unwanted) = block.cells.queue.nextBatch(
                    held: block.cells.held, maximumCells: kernel.settings.cellsPerVerification,
                    expelled: expelled)
                for group in unwanted {
                    release(group)
                    if case .gossip(let token, _) = group.source {
                        kernel.verdict(token, .ignore(.quota))
                    }
                }
                for group in stale {
                    release(group)
                    for cell in group.cells { block.obtained(cell.coordinate, now: now) }
                    if case .gossip(let token, _) = group.source {
                        kernel.verdict(token, .ignore(.nothingNew))
                    }
                }
                if !batch.isEmpty {
                    verifying += 1
                    kernel.run(
                        .verify(
                            VerifyWork(
                                verifier: block.cells.verifier, groups: batch.map(\.cells))),
                        for: .verify(root, batch))
                }
            }
            blocks.put(root, block)
        }
    }

    /// A group no longer waits: its bytes are given back to its peer's bound.
    private mutating func release(_ group: CellGroup) {
        queuedBytes -= group.byteCount
        kernel.peers.modify(group.source.peer) {
            $0.queuedBytes = max(0, $0.queuedBytes - group.byteCount)
        }
    }

    private mutating func verified(
        _ root: BlockRoot, _ batch: [CellGroup], _ verdicts: [Bool], now: NodeTime
    ) {
        for group in batch { release(group) }
        guard var block = blocks.take(root) else {
            // The block was dropped meanwhile; its messages are valid or not all the same.
            for (group, isValid) in zip(batch, verdicts) { settle(group, isValid, now: now) }
            return
        }
        block.cells.queue.finished(batch)
        for (group, isValid) in zip(batch, verdicts) {
            settle(group, isValid, now: now)
            if case .answer(_, let client) = group.source {
                block.answered(group, isValid: isValid, client: client, now: now)
            }
            if isValid { take(group.cells, into: &block, now: now) }
        }
        blocks.put(root, block)
    }

    /// The sender's part of a verdict.
    private mutating func settle(_ group: CellGroup, _ isValid: Bool, now: NodeTime) {
        let peer = group.source.peer
        if !isValid { chargeFailure(peer, cells: group.cells.count, now: now) }
        switch group.source {
        case .gossip(let token, _):
            kernel.verdict(token, isValid ? .accept : .reject(.invalidProof))
        case .answer:
            if !isValid { kernel.penalise(peer, .invalidProof) }
        }
    }

    /// Verification in vain is paid for; who cannot pay is left.
    private mutating func chargeFailure(_ peer: PeerID, cells: Int, now: NodeTime) {
        let isCovered =
            kernel.peers.modify(peer) { entry in
                entry.workBudget.take(UInt64(cells), now: now.monotonic)
            } ?? true
        guard !isCovered else { return }
        if expelled.count >= 1024 { expelled = [] }
        expelled.insert(peer)
        kernel.emit(.disconnect(peer, .invalidProof))
    }

    /// Verified cells are kept; what waited for them is told.
    private mutating func take(_ cells: [ProvenCell], into block: inout Block, now: NodeTime) {
        let new = cells.filter { !block.cells.held.contains($0.coordinate) }
        guard !new.isEmpty else { return }
        block.cells.hold(new)
        for cell in new {
            _ = block.recovery.insert(cell.coordinate)
            block.obtained(cell.coordinate, now: now)
        }
        for dropped in store.insert(new, of: block.root) where dropped != block.root {
            forget(dropped)
        }
    }

    // MARK: Extension and rebuilding

    /// Hands out what columns can be completed, and what must be rebuilt across rows.
    mutating func buildUp(_ block: inout Block, now: NodeTime) {
        let incomplete = block.incompleteColumns
        extend(&block, incomplete, now: now)
        rebuild(&block, incomplete, now: now)
    }

    private mutating func extend(_ block: inout Block, _ incomplete: [Int], now: NodeTime) {
        let half = block.shape.dataRows
        let ready = incomplete.filter {
            block.cells.rowCount(inColumn: $0) >= half && !block.extending.contains($0)
                && !block.unextendable.contains($0)
        }
        guard !ready.isEmpty else {
            block.extensionDueAt = nil
            return
        }
        let due =
            block.extensionDueAt
            ?? now.monotonic(afterMilliseconds: kernel.settings.extensionDelayMilliseconds)
        block.extensionDueAt = due
        guard due <= now.monotonic else { return }
        var next = ready[...]
        while extending < kernel.settings.extensionsUnderWay, !next.isEmpty {
            let columns = Array(next.prefix(kernel.settings.columnsPerExtension))
            next = next.dropFirst(columns.count)
            let cells = columns.map { column in
                block.cells.held.rows(inColumn: column).compactMap { row in
                    store.cell(CellCoordinate(row: row, column: column), of: block.root)
                }
            }
            block.extending.formUnion(columns)
            extending += 1
            kernel.run(
                .extend(
                    ExtendWork(
                        arithmetic: kernel.arithmetic, description: block.cells.description,
                        columns: zip(columns, cells).map {
                            ExtendWork.Column(number: $0, cells: $1)
                        })),
                for: .extend(block.root, columns))
        }
    }

    /// Rebuilds if someone asked for the whole block, or if a column of the custody cannot be had
    /// from peers and cannot be completed from its own cells, but follows from others.
    private mutating func rebuild(_ block: inout Block, _ incomplete: [Int], now: NodeTime) {
        let half = block.shape.dataRows
        let isSettled = block.repair?.isSettled ?? false
        let isInVain = block.heldAtVainRebuild.map { $0 >= block.cells.held.count } ?? false
        let isNeeded =
            isInVain
            ? false
            : block.isWanted
                ? block.recovery.isDecodable
                : isSettled
                    && incomplete.contains { column in
                        block.cells.rowCount(inColumn: column) < half
                            && block.recovery.recoverable.count(inColumn: column)
                                == block.shape.rows
                    }
        guard isNeeded, !block.isRebuilding else {
            block.rebuildDueAt = nil
            return
        }
        let delay = kernel.settings.rebuildDelayMilliseconds
        let due =
            block.rebuildDueAt
            ?? (block.isWanted
                ? now.monotonic
                : kernel.moment(from: now, least: delay.lowerBound, most: delay.upperBound))
        block.rebuildDueAt = due
        guard due <= now.monotonic, rebuilding == 0 else { return }
        block.rebuildDueAt = nil
        block.isRebuilding = true
        rebuilding += 1
        let cells = block.cells.sendable.compactMap { store.cell($0, of: block.root) }
        kernel.run(
            .rebuild(
                RebuildWork(
                    arithmetic: kernel.arithmetic, description: block.cells.description,
                    cells: cells,
                    // The others complete themselves, each from its own cells; and as long as cells
                    // may still come, none is given up.
                    columns: isSettled
                        ? incomplete.filter { block.cells.rowCount(inColumn: $0) < half } : [],
                    wantsAll: block.isWanted)),
            for: .rebuild(block.root))
    }

    private mutating func finish(
        _ rebuilt: RebuiltBlock, _ block: inout Block, now: NodeTime
    ) {
        let half = block.shape.dataRows
        let scarce = Set(
            block.custodyColumns.filter { block.cells.rowCount(inColumn: $0) < half })
        let before = block.cells.held
        take(rebuilt.columns, into: &block, now: now)
        if block.isWanted, let whole = rebuilt.block {
            block.isWanted = false
            kernel.report(.rebuilt(block.root, whole))
        }
        reseed(rebuilt.columns, scarce: scarce, before: before, block)
    }

    /// Gossips data cells of columns that had too few cells to be completed by anyone from what this
    /// node had seen: others are likely to lack them too.
    private mutating func reseed(
        _ cells: [ProvenCell], scarce: Set<Int>, before: CellSet, _ block: Block
    ) {
        guard kernel.settings.reseeds else { return }
        let missed = cells.filter {
            scarce.contains($0.coordinate.column)
                && !block.shape.isParity(row: $0.coordinate.row)
                && !before.contains($0.coordinate)
        }
        let byColumn = Dictionary(grouping: missed) { $0.coordinate.column }
        for column in byColumn.keys.sorted() {
            let ordered = (byColumn[column] ?? []).sorted { $0.coordinate < $1.coordinate }
            let topic = kernel.names.name(
                of: .columns(group: NetworkNames.group(ofColumn: column)))
            for message in ColumnChunks.messages(ordered, root: block.root) {
                kernel.emit(
                    .publish(
                        Publication(topic: topic, data: message.encoded, reach: .everyone)))
            }
        }
    }
}

extension FullNode.Block {
    /// A cell is held now, however it came.
    mutating func obtained(_ cell: CellCoordinate, now: NodeTime) {
        run?.fetch.obtained(cell, now: now.monotonic)
        repair?.obtained(cell, now: now.monotonic)
    }

    /// The verdict on an answer's cells, for the fetch that asked for them.
    mutating func answered(
        _ group: CellGroup, isValid: Bool, client: FetchClient, now: NodeTime
    ) {
        switch client {
        case .sampling:
            run?.fetch.verified(
                group.cells.map(\.coordinate), from: group.source.peer, areValid: isValid,
                now: now.monotonic)
        case .repair, .probe:
            repair?.verified(group, isValid: isValid, client: client, now: now)
        }
    }

    mutating func beginRepair(_ goal: RepairGoal, settings: NodeSettings) {
        repairDueAt = nil
        if repair == nil {
            repair = Repair(goal: goal, settings: settings)
        } else {
            repair?.raise(to: goal)
        }
    }
}
