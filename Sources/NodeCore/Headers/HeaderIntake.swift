import Availability
import DataMatrix
import KZGCommitments
import LibP2P
import SSZ

/// A header that passed all checks, its commitments' included, with what its block's cells are
/// verified with.
struct AdmittedHeader: Sendable {
    let signed: SignedHeader
    let description: BlockDescription
    let verifier: BlockVerifier
    /// Another header of the lane at the same height or slot.
    let equivocatesWith: BlockRoot?
    /// Whether it came while it was being gossiped, rather than by asking for the past.
    let isLive: Bool

    var root: BlockRoot { signed.root }
    var place: HeaderPlace { HeaderPlace(signed) }
}

/// How headers come in: the checks, the wait for parents, the wait for the check of commitments.
/// ``HeaderSync`` asks peers for those that are missing.
struct HeaderIntake: Sendable {
    private struct Pending: Sendable {
        let signed: SignedHeader
        let description: BlockDescription
        let equivocatesWith: BlockRoot?
        let token: GossipToken?
        /// Who sent it; nil for one that comes from the archive.
        let peer: PeerID?
    }

    private struct Orphan: Sendable {
        let message: [UInt8]
        let parent: BlockRoot
        let token: GossipToken?
        let peer: PeerID
        let expiresAt: Int64
    }

    /// Orphans kept at a time.
    private static let maximumOrphans = 64
    /// Headers whose commitments are being checked at a time.
    private static let maximumPreparing = 128
    /// Headers that leave the window are dropped so many at a time.
    private static let droppedAtOnce = 64

    private(set) var book: HeaderBook
    var sync = HeaderSync()
    private var preparing = OrderedTable<BlockRoot, Pending>()
    private var orphans: [Orphan] = []
    /// Below this slot all was dropped already.
    private var droppedBelow: UInt64 = 0

    init(parameters: NetworkParameters, settings: NodeSettings) {
        // The bound is for one lane; with many lanes there is less for each.
        let share = settings.maximumHeaders / max(1, parameters.sequencers.count)
        book = HeaderBook(
            parameters: parameters,
            maximumPerLane: max(1, min(settings.maximumHeadersPerLane, share)),
            checkpoints: settings.checkpoints)
    }

    /// Takes up what the archive kept.
    mutating func restore(kernel: inout NodeKernel) {
        for lane in kernel.parameters.sequencers.sorted() {
            let limit = min(kernel.settings.maximumHeadersPerLane, kernel.settings.maximumHeaders)
            book.restore(kernel.archive.newestPlaces(of: lane, limit: limit))
            book.trim(lane)
        }
    }

    // MARK: Coming in

    /// A header came, by gossip (with a token) or in an answer.
    mutating func receive(
        _ message: [UInt8], from peer: PeerID, token: GossipToken?, now: NodeTime,
        kernel: inout NodeKernel
    ) {
        switch book.admit(message, now: now) {
        case .reject:
            refuse(token, from: peer, .reject(.invalidHeader), kernel: &kernel)
        case .ignore(let error):
            refuse(token, from: peer, .ignore(IgnoreReason(error)), kernel: &kernel)
        case .hold(_, let parent):
            hold(
                Orphan(
                    message: message, parent: parent, token: token, peer: peer,
                    expiresAt: now.monotonic(
                        afterMilliseconds: UInt64(kernel.parameters.slotMilliseconds))),
                now: now, kernel: &kernel)
        case .accept(let signed, let other):
            guard preparing.count < Self.maximumPreparing else {
                refuse(token, from: peer, .ignore(.overloaded), kernel: &kernel)
                return
            }
            guard let description = signed.description(preset: kernel.parameters.preset) else {
                refuse(token, from: peer, .reject(.invalidHeader), kernel: &kernel)
                return
            }
            // In the book from now on, so that no copy and no variant is worked on beside it.
            book.insert(HeaderPlace(signed), equivocatesWith: other)
            sync.came(signed.header.sequencer)
            preparing[signed.root] = Pending(
                signed: signed, description: description, equivocatesWith: other, token: token,
                peer: peer)
            kernel.run(
                .prepare(PrepareWork(description: description, arithmetic: kernel.arithmetic)),
                for: .prepare(signed.root))
        }
    }

    private func refuse(
        _ token: GossipToken?, from peer: PeerID?, _ verdict: GossipVerdict,
        kernel: inout NodeKernel
    ) {
        if let token {
            kernel.verdict(token, verdict)
        } else if let peer, case .reject(let offence) = verdict {
            kernel.penalise(peer, offence)
        }
    }

    private mutating func hold(_ orphan: Orphan, now: NodeTime, kernel: inout NodeKernel) {
        guard orphans.count < Self.maximumOrphans,
            !orphans.contains(where: { $0.message == orphan.message })
        else {
            if let token = orphan.token { kernel.verdict(token, .ignore(.unknownParent)) }
            return
        }
        let isAskedFor = orphans.contains { $0.parent == orphan.parent }
        orphans.append(orphan)
        guard !isAskedFor else { return }
        ask(orphan.peer, for: orphan.parent, now: now, kernel: &kernel)
    }

    /// A block whose header the archive keeps is needed in memory again: its verifier is made anew.
    ///
    /// - Returns: Whether it will come, by `prepared`.
    mutating func load(_ root: BlockRoot, kernel: inout NodeKernel) -> Bool {
        guard preparing[root] == nil else { return true }
        guard preparing.count < Self.maximumPreparing,
            let signed = kernel.archive.header(root),
            let description = signed.description(preset: kernel.parameters.preset)
        else { return false }
        preparing[root] = Pending(
            signed: signed, description: description, equivocatesWith: nil, token: nil, peer: nil)
        kernel.run(
            .prepare(PrepareWork(description: description, arithmetic: kernel.arithmetic)),
            for: .prepare(root))
        return true
    }

    /// The check of a header's commitments is done.
    ///
    /// - Returns: The header, if it holds.
    mutating func prepared(
        _ root: BlockRoot, _ verifier: BlockVerifier?, now: NodeTime, kernel: inout NodeKernel
    ) -> AdmittedHeader? {
        guard let pending = preparing[root] else { return nil }
        preparing[root] = nil
        guard let verifier else {
            book.remove(root)
            refuse(
                pending.token, from: pending.peer, .reject(.invalidHeader), kernel: &kernel)
            return nil
        }
        if let token = pending.token { kernel.verdict(token, .accept) }
        if pending.peer != nil {
            kernel.archive.keep(pending.signed)
            kernel.report(.header(HeaderReport(pending.signed)))
            readmitChildren(of: root, now: now, kernel: &kernel)
        }
        return AdmittedHeader(
            signed: pending.signed, description: pending.description, verifier: verifier,
            equivocatesWith: pending.equivocatesWith,
            isLive: pending.token != nil)
    }

    /// What waited for this parent comes in again.
    private mutating func readmitChildren(
        of root: BlockRoot, now: NodeTime, kernel: inout NodeKernel
    ) {
        let children = orphans.filter { $0.parent == root }
        orphans.removeAll { $0.parent == root }
        for child in children {
            receive(
                child.message, from: child.peer, token: child.token, now: now, kernel: &kernel)
        }
    }

    /// Whether the header's commitments are being checked.
    func isPreparing(_ root: BlockRoot) -> Bool { preparing[root] != nil }

    /// How many headers' commitments are being checked.
    var preparingCount: Int { preparing.count }

    /// How many headers wait for their parents.
    var orphanCount: Int { orphans.count }

    /// A header that is known, whether its commitments are checked yet or not.
    func signed(_ root: BlockRoot, kernel: NodeKernel) -> SignedHeader? {
        preparing[root]?.signed ?? kernel.archive.header(root)
    }

    /// Closes a lane at a height, on proof that came from elsewhere.
    mutating func close(_ lane: NodeKey, at height: UInt64) {
        book.close(lane, at: height)
    }

    /// Takes in a header that this node itself has signed.
    mutating func adopt(_ signed: SignedHeader, kernel: inout NodeKernel) {
        book.insert(HeaderPlace(signed))
        kernel.archive.keep(signed)
    }

    /// Asks a peer for a header by its root.
    func ask(
        _ peer: PeerID, for root: BlockRoot, now: NodeTime, kernel: inout NodeKernel
    ) {
        guard let request = try? HeadersByRootRequest(roots: [root]) else { return }
        _ = kernel.request(
            peer, .headersByRoot, body: request.encoded, for: .headersByRoot([root]), now: now)
    }

    // MARK: Bounds

    /// Drops what has left the window, in memory and in the archive, some at a time.
    ///
    /// - Returns: The roots dropped: their cells, samples and states are not needed any more.
    mutating func prune(now: NodeTime, kernel: inout NodeKernel) -> [BlockRoot] {
        let floor = kernel.windowFloor(now)
        guard floor > droppedBelow else { return [] }
        let old = kernel.archive.places(belowSlot: floor, limit: Self.droppedAtOnce)
        if old.count < Self.droppedAtOnce { droppedBelow = floor }
        for place in old { kernel.archive.drop(place.root) }
        book.drop(old.map(\.root))
        return old.map(\.root)
    }

    /// Forgets the lowest headers of a lane that has too many in memory.
    mutating func trim(_ lane: NodeKey) {
        book.trim(lane)
    }

    // MARK: Time

    /// Gives up orphans whose time is over.
    mutating func tick(now: NodeTime, kernel: inout NodeKernel) {
        for orphan in orphans where orphan.expiresAt <= now.monotonic {
            if let token = orphan.token { kernel.verdict(token, .ignore(.unknownParent)) }
        }
        orphans.removeAll { $0.expiresAt <= now.monotonic }
    }

    var nextDeadline: Int64? { orphans.map(\.expiresAt).min() }
}

extension SignedHeader {
    /// What the header says of its block's data; nil if it contradicts itself.
    func description(preset: Preset) -> BlockDescription? {
        guard let shape = try? header.shape(preset: preset) else { return nil }
        return try? BlockDescription(
            shape: shape, commitments: header.commitments, index: header.index)
    }
}

extension HeaderReport {
    init(_ signed: SignedHeader) {
        let header = signed.header
        self.init(
            root: signed.root, sequencer: header.sequencer, height: header.height,
            slot: header.slot, dataRows: Int(header.dataRows))
    }
}

extension IgnoreReason {
    /// The reason for which a header was not looked at further.
    init(_ error: HeaderError) {
        switch error {
        case .slotInFuture: self = .fromTheFuture
        case .slotTooOld: self = .tooOld
        case .enoughAtHeight, .enoughAtSlot: self = .enoughAtHeight
        default: self = .nothingNew
        }
    }
}
