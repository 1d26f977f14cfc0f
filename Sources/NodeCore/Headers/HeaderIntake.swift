import Availability
import DataMatrix
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
}

/// How headers come in: the checks, the wait for parents, the wait for the check of commitments, and
/// asking peers for headers that are missing.
struct HeaderIntake: Sendable {
    private struct Pending: Sendable {
        let signed: SignedHeader
        let description: BlockDescription
        let equivocatesWith: BlockRoot?
        let token: GossipToken?
        let peer: PeerID
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
    /// Headers asked for in one request for a range.
    private static let headersPerRange: UInt64 = 32

    private(set) var book: HeaderBook
    private var preparing = OrderedTable<BlockRoot, Pending>()
    private var orphans: [Orphan] = []
    private var rangesUnderWay: Set<NodeKey> = []
    /// Peers whose last answer to a request for a range brought nothing.
    private var fruitless: Set<PeerID> = []
    private var rangeFruit: Set<NodeKey> = []

    init(parameters: NetworkParameters, settings: NodeSettings) {
        book = HeaderBook(
            parameters: parameters, maximumPerLane: settings.maximumHeadersPerLane)
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
            guard
                let shape = try? signed.header.shape(preset: kernel.parameters.preset),
                let description = try? BlockDescription(
                    shape: shape, commitments: signed.header.commitments,
                    index: signed.header.index)
            else {
                refuse(token, from: peer, .reject(.invalidHeader), kernel: &kernel)
                return
            }
            // In the book from now on, so that no copy and no variant is worked on beside it.
            book.insert(signed, equivocatesWith: other)
            rangeFruit.insert(signed.header.sequencer)
            preparing[signed.root] = Pending(
                signed: signed, description: description, equivocatesWith: other, token: token,
                peer: peer)
            kernel.run(
                .prepare(PrepareWork(description: description, arithmetic: kernel.arithmetic)),
                for: .prepare(signed.root))
        }
    }

    private func refuse(
        _ token: GossipToken?, from peer: PeerID, _ verdict: GossipVerdict,
        kernel: inout NodeKernel
    ) {
        if let token {
            kernel.verdict(token, verdict)
        } else if case .reject(let offence) = verdict {
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
        guard !isAskedFor, let request = try? HeadersByRootRequest(roots: [orphan.parent])
        else { return }
        _ = kernel.request(
            orphan.peer, .headersByRoot, body: request.encoded,
            for: .headersByRoot([orphan.parent]), now: now)
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
        let header = pending.signed.header
        kernel.report(
            .header(
                HeaderReport(
                    root: root, sequencer: header.sequencer, height: header.height,
                    slot: header.slot, dataRows: Int(header.dataRows))))
        // What waited for this parent comes in again.
        let children = orphans.filter { $0.parent == root }
        orphans.removeAll { $0.parent == root }
        for child in children {
            receive(
                child.message, from: child.peer, token: child.token, now: now, kernel: &kernel)
        }
        return AdmittedHeader(
            signed: pending.signed, description: pending.description, verifier: verifier,
            equivocatesWith: pending.equivocatesWith,
            isLive: pending.token != nil)
    }

    /// Whether the header is known, or its commitments are being checked.
    func isPreparing(_ root: BlockRoot) -> Bool { preparing[root] != nil }

    /// Drops the lowest headers of lanes that have too many; returns their roots.
    mutating func prune(_ lane: NodeKey) -> [BlockRoot] {
        book.prune(lane)
    }

    /// Closes a lane at a height, on proof that came from elsewhere.
    mutating func close(_ lane: NodeKey, at height: UInt64) {
        book.close(lane, at: height)
    }

    /// Takes in a header that this node itself has signed.
    mutating func adopt(_ signed: SignedHeader) {
        book.insert(signed, equivocatesWith: nil)
    }

    // MARK: Asking

    /// A peer says how high a lane is: ask it for what is missing above this node's own head.
    mutating func peerHas(
        height: UInt64, of lane: NodeKey, peer: PeerID, now: NodeTime, kernel: inout NodeKernel
    ) {
        guard kernel.parameters.lists(lane), !rangesUnderWay.contains(lane) else { return }
        // Who claims a head and has nothing to show for it gives others a turn.
        guard fruitless.remove(peer) == nil else { return }
        let window = max(1, kernel.settings.headersFetchedBack)
        let first: UInt64
        if let head = book.head(of: lane)?.header.height {
            guard height > head else { return }
            first = head + 1
        } else {
            first = height >= window ? height - window + 1 : 0
        }
        let count = min(Self.headersPerRange, height - first + 1)
        guard
            let request = try? HeadersByRangeRequest(
                sequencer: lane, start: first, count: UInt16(count))
        else { return }
        let token = kernel.request(
            peer, .headersByRange, body: request.encoded, for: .headersByRange(lane), now: now)
        if token != nil { rangesUnderWay.insert(lane) }
    }

    /// A request for a range is over.
    mutating func rangeClosed(_ lane: NodeKey, _ peer: PeerID) {
        rangesUnderWay.remove(lane)
        if rangeFruit.remove(lane) == nil { fruitless.insert(peer) }
    }

    /// Asks a peer for a header by its root.
    func ask(
        _ peer: PeerID, for root: BlockRoot, now: NodeTime, kernel: inout NodeKernel
    ) {
        guard let request = try? HeadersByRootRequest(roots: [root]) else { return }
        _ = kernel.request(
            peer, .headersByRoot, body: request.encoded, for: .headersByRoot([root]), now: now)
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
