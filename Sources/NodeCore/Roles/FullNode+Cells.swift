import Availability
import DataMatrix
import LibP2P
import SSZ

// From cells that came to cells that are verified, kept, extended, rebuilt.
extension FullNode {
    mutating func done(_ purpose: WorkPurpose, _ result: WorkResult, now: NodeTime) {
        switch (purpose, result) {
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

    mutating func begin(_ admitted: AdmittedHeader, now: NodeTime) {
        let root = admitted.root
        loading.remove(root)
        guard blocks[root] == nil else { return }
        if let other = admitted.equivocatesWith.flatMap({ headers.signed($0, kernel: kernel) }) {
            evidence.equivocation(other, admitted.signed, kernel: &kernel)
        }
        var block = makeBlock(admitted, now: now)
        let delay = kernel.settings.repairDelayMilliseconds
        if admitted.isLive {
            block.isLive = true
            block.repairDueAt = kernel.moment(
                from: now, least: delay.lowerBound, most: delay.upperBound)
        } else {
            block.isWaiting = true
        }
        if wanted.remove(root) != nil {
            block.isWaiting = false
            block.isWanted = true
            block.beginRepair(.wholeBlock, settings: kernel.settings)
        }
        blocks[root] = block
        watch(admitted.signed, now: now)
        for message in pending.take(root) {
            admit(
                message.message, token: message.token, peer: message.peer,
                byteCount: message.byteCount)
        }
        makeRoom()
    }

    /// The block with what the store and the archive have of it.
    private mutating func makeBlock(_ admitted: AdmittedHeader, now: NodeTime) -> Block {
        let root = admitted.root
        var cells = BlockCells(admitted)
        let columns = kernel.custody.columns(of: cells.shape.columns)
        store.open(root, shape: cells.shape)
        if let held = store.held(of: root), held.shape == cells.shape { cells.restore(held) }
        var block = Block(
            cells: cells, custodyColumns: columns,
            recovery: RebuildState.starting(with: cells.held).state)
        guard columns.count < cells.shape.dataColumns else { return block }
        let record = kernel.archive.samples(of: root)
        var run = SampleRun(
            of: cells, record: record, target: kernel.samplingTarget, settings: kernel.settings,
            excluding: kernel.custody, using: &kernel.random)
        // Before anyone is asked: a restart must find the same samples.
        if record?.cells != run.sequence.cells { kernel.archive.keep(run.record, of: root) }
        run.obtained(cells.held, now: now.monotonic)
        block.run = run
        return block
    }

    /// Takes blocks out of memory beyond the bound, those first that need nothing any more, the
    /// lowest slots first. They stay in the archive and the store; those that are not available come
    /// back.
    private mutating func makeRoom() {
        while blocks.count > kernel.settings.maximumBlocks {
            let victim = blocks.entries.min { a, b in
                (rank(a.value), a.value.cells.header.header.slot, a.key)
                    < (rank(b.value), b.value.cells.header.header.slot, b.key)
            }
            guard let victim else { return }
            release(victim.key)
            if !victim.value.isAvailable { backlog.add(HeaderPlace(victim.value.cells.header)) }
        }
    }

    private func rank(_ block: Block) -> Int {
        if block.isWanted { return 3 }
        if block.isAvailable { return block.repair == nil ? 0 : 1 }
        return block.isWaiting ? 1 : 2
    }

    /// Out of memory, but not forgotten.
    private mutating func release(_ root: BlockRoot) {
        if var block = blocks.take(root) {
            for group in block.cells.queue.removeAll() { dropped(group) }
            if let record = block.run?.record { kernel.archive.keep(record, of: root) }
        }
        blocks[root] = nil
        watcher.forget(root)
    }

    mutating func forget(_ root: BlockRoot) {
        if var block = blocks.take(root) {
            for group in block.cells.queue.removeAll() { dropped(group) }
        }
        blocks[root] = nil
        wanted.remove(root)
        watcher.forget(root)
        evidence.forget(root)
    }

    // MARK: From the archive

    /// Brings a block that is known into memory.
    ///
    /// - Returns: Whether it will come.
    mutating func load(_ root: BlockRoot) -> Bool {
        guard headers.load(root, kernel: &kernel) else { return false }
        loading.insert(root)
        return true
    }

    /// Brings blocks back into memory that are not available, as long as places are free.
    mutating func catchUp(now: NodeTime) {
        let open = blocks.entries.count { !$0.value.isLive && !$0.value.isGivenUp }
        var places = kernel.settings.backBlocksAtOnce - open - loading.count
        while places > 0 {
            let blocks = blocks
            let headers = headers
            let loading = loading
            guard
                let next = backlog.next(
                    kernel.archive, now: now.monotonic,
                    isOut: { root in
                        blocks[root] != nil || headers.isPreparing(root) || loading.contains(root)
                    })
            else { return }
            if load(next.root) { places -= 1 }
        }
    }

    /// Of blocks past their time, the newest are repaired first, some at a time.
    mutating func takeTurns(now: NodeTime) {
        let back = blocks.entries.filter { !$0.value.isLive && !$0.value.isGivenUp }
        var places =
            kernel.settings.backBlocksAtOnce - back.count { !$0.value.isWaiting }
        guard places > 0 else { return }
        let waiting = back.filter { $0.value.isWaiting }.sorted { a, b in
            (a.value.cells.header.header.slot, a.key) > (b.value.cells.header.header.slot, b.key)
        }
        for (root, _) in waiting {
            guard places > 0 else { return }
            places -= 1
            _ = blocks.modify(root) { block in
                block.isWaiting = false
                if block.repairDueAt == nil { block.repairDueAt = now.monotonic }
            }
        }
    }

    /// At the start: blocks that are said to be available, but whose custody the store does not have
    /// (any more), are taken up again. Some of the newest are looked at; for others, a damaged store
    /// says so itself (`lose`).
    mutating func checkStore(now: NodeTime) {
        for lane in kernel.parameters.sequencers.sorted() {
            let newest = kernel.archive.newestPlaces(
                of: lane, limit: kernel.settings.maximumBlocks)
            for place in newest {
                let state = kernel.archive.state(of: place.root)?.state
                guard state == .available || state == .recovered, !hasCustody(place.root) else {
                    continue
                }
                setState(.unknown, of: place.root)
            }
        }
    }

    private func hasCustody(_ root: BlockRoot) -> Bool {
        guard
            let description = kernel.archive.header(root)?.description(
                preset: kernel.parameters.preset)
        else { return true }
        let shape = description.shape
        let known = description.zeroCells
        let held = store.held(of: root) ?? CellSet(shape)
        guard held.shape == shape else { return false }
        let all = held.union(known)
        return kernel.custody.columns(of: shape.columns).allSatisfy {
            all.count(inColumn: $0) == shape.rows
        }
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
            // Given up to stay within the store's bound: not fetched again.
            release(dropped)
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
        let cells = rebuildInput(block).compactMap { store.cell($0, of: block.root) }
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

    /// The cells to rebuild from: half of each data row, its first ones, if each has as many; all
    /// that are held if not. So no more is read into memory than needed.
    private func rebuildInput(_ block: Block) -> [CellCoordinate] {
        let shape = block.shape
        var input: [CellCoordinate] = []
        for row in 0..<shape.dataRows where !block.cells.zeroRows.contains(row) {
            let columns = block.cells.held.columns(inRow: row)
            guard columns.count >= shape.dataColumns else { return Array(block.cells.sendable) }
            input += columns.prefix(shape.dataColumns).map {
                CellCoordinate(row: row, column: $0)
            }
        }
        return input
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
    /// Whether it need not be waited for: it is here, or all that peers claim to hold does not
    /// suffice for now.
    var isGivenUp: Bool { isAvailable || repair?.stuck != nil }

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
