import Availability
import LibP2P
import SSZ

// Who a peer is: both sides ask, and a request carries the asker's own status.
extension NodeKernel {
    /// This node's status.
    func status(heads book: HeaderBook, now: NodeTime) -> StatusMessage? {
        let lanes = parameters.sequencers.sorted().compactMap { lane -> LaneHead? in
            book.head(of: lane).map {
                LaneHead(sequencer: lane, height: $0.height, slot: $0.slot, root: $0.root)
            }
        }
        return try? StatusMessage(
            networkID: parameters.networkID, role: role, custody: custodyRecord, lanes: lanes)
    }

    /// Asks a peer for its status.
    mutating func askStatus(of peer: PeerID, heads book: HeaderBook, now: NodeTime) {
        guard let status = status(heads: book, now: now) else { return }
        peers.askedStatus(of: peer, now: now.monotonic)
        _ = request(peer, .status, body: status.encoded, for: .status, now: now)
    }

    /// A peer told its status.
    ///
    /// - Returns: The status, if the peer is of use.
    mutating func statusCame(
        _ bytes: [UInt8], from peer: PeerID, now: NodeTime
    ) -> StatusMessage? {
        guard let status = try? StatusMessage(encoded: bytes) else {
            penalise(peer, .malformed)
            return nil
        }
        guard status.networkID == parameters.networkID else {
            emit(.disconnect(peer, .foreignNetwork))
            return nil
        }
        var groups = ColumnGroups.none
        if let record = status.custody {
            // A record of another node, or an altered one, is a lie about who keeps what.
            guard record.networkID == parameters.networkID,
                record.node.typed == peer.publicKey?.encoded, record.isSignatureValid
            else {
                penalise(peer, .malformed)
                return nil
            }
            groups = record.groups
        }
        let isNew =
            peers.modify(peer) { entry in
                defer {
                    entry.role = status.role
                    entry.statusAt = now.monotonic
                    entry.answeredAt = now.monotonic
                }
                return entry.role != status.role
            } ?? false
        let isOtherCustody = peers.setCustody(groups, of: peer)
        if isNew || isOtherCustody {
            if let record = status.custody { report(.custody(peer, record)) }
            report(.peer(peer, status.role, groups))
            updateWishes()
        }
        return status
    }

    /// Peers whose status is due to be asked for again.
    func statusDue(now: NodeTime) -> [PeerID] {
        guard let next = nextStatus, next <= now.monotonic else { return [] }
        let interval = Int64(clamping: settings.statusIntervalMilliseconds)
        let (span, overflow) = interval.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? [] : peers.askedStatus(by: now.monotonic - span)
    }

    /// The next moment at which a status is due.
    var nextStatus: Int64? {
        peers.earliestStatusAsked?.advanced(
            byMilliseconds: settings.statusIntervalMilliseconds)
    }
}
