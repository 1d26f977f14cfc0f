import Availability
package import LibP2P
import SSZ
import SystemCrypto

/// Peers that others recommend: with a PRUNE, or because they were asked.
extension ConnectionManager {
    // MARK: asking

    /// Asks some peers whom they know, if that is of use.
    mutating func ask(_ gaps: Gaps, now: Instant) {
        let isRefreshDue = lastAsk + settings.refreshInterval <= now
        // A network can be smaller than the node's wishes: questions that bring nobody new are asked
        // less and less often.
        let pause = min(
            settings.busyRound * (1 << min(vainQuestions, 16)), settings.longestAskPause)
        guard gaps.isAny && lastAsk + pause <= now || isRefreshDue else { return }
        var able = peers.keys.filter { id in
            guard let peer = peers[id] else { return false }
            return peer.answersQuestions && peer.score >= 0
                && (peer.askedAt.map { $0 + settings.askInterval <= now } ?? true)
        }
        guard !able.isEmpty else { return }
        let known = candidates(now: now)
        let isUnknown = gaps.short.groups.contains { group in
            !known.contains { $0.groups.contains(group) }
        }
        let isUrgent =
            isUnknown || gaps.isShortOfPeers && known.count < settings.enoughCandidates
        guard isUrgent || isRefreshDue else { return }
        let count = isUrgent ? settings.asksPerRound : 1
        vainQuestions = min(vainQuestions + 1, 32)
        for _ in 0..<count where !able.isEmpty {
            let peer = able.remove(at: random.uniform(below: able.count))
            _ = peers.modify(peer) { $0.askedAt = now }
            lastAsk = now
            counters.asked += 1
            // Half of the questions are for any nodes, so that answers also bring peers that nobody
            // chose for this node's needs.
            let groups = isUnknown && random.uniform(below: 2) == 0 ? gaps.short : .none
            directives.append(.ask(peer, PeersRequest(groups: groups).encoded))
        }
    }

    /// The answer to a question of this node's.
    package mutating func answered(_ peer: PeerID, _ body: [UInt8], now: Instant) {
        guard peers[peer] != nil else { return }
        guard let answer = try? PeersResponse(encoded: body) else {
            directives.append(.penalise(peer, .malformed))
            return
        }
        for known in answer.peers {
            guard take(known.record, custody: known.custody, named: nil, from: peer, now: now)
            else { return }
        }
        round(now: now)
    }

    /// Peers that a peer recommended with a PRUNE. The router has checked that it is in good standing.
    package mutating func exchanged(
        _ records: [PeerExchangeRecord], from peer: PeerID, now: Instant
    ) {
        guard peers[peer] != nil else { return }
        for recommended in records {
            guard let record = recommended.signedRecord else {
                counters.recordsRefused += 1
                continue
            }
            guard take(record, custody: nil, named: recommended.peer, from: peer, now: now)
            else { return }
        }
        round(now: now)
    }

    /// Takes one record; false if no further one is to be taken from this sender now.
    private mutating func take(
        _ envelope: [UInt8], custody: CustodyRecord?, named: PeerID?, from peer: PeerID,
        now: Instant
    ) -> Bool {
        guard let sender = peers[peer] else { return false }
        guard peers.modify(peer, { $0.records.take(now: now) }) == true else {
            counters.recordsOverQuota += 1
            return false
        }
        let record: SignedPeerRecord
        do {
            if let here = try known(envelope) {
                record = here
            } else {
                record = try SignedPeerRecord(verifying: envelope)
            }
        } catch {
            counters.recordsRefused += 1
            switch error {
            case .unsupportedKeyType, .wrongPayloadType: return true
            default:
                directives.append(.penalise(peer, .malformed))
                return false
            }
        }
        guard named == nil || record.peer == named else {
            counters.recordsRefused += 1
            directives.append(.penalise(peer, .malformed))
            return false
        }
        let verdict = book.add(
            record.peer, addresses: record.addresses, record: record,
            from: AddressSource(peer, at: sender.remote), now: now)
        switch verdict {
        case .added, .renewed:
            counters.recordsTaken += 1
            vainQuestions = 0
        case .known: break
        case .itself: return true
        case .unusable, .crowded:
            counters.recordsRefused += 1
            return true
        }
        guard let custody, custody != book[record.peer]?.custody else { return true }
        guard custody.networkID == networkID else { return true }
        guard custody.node.typed == record.peer.publicKey?.encoded, custody.isSignatureValid
        else {
            directives.append(.penalise(peer, .malformed))
            return false
        }
        book.setCustody(custody, of: record.peer)
        return true
    }

    /// The record that an envelope holds, if it is here already, byte for byte: then its signature need
    /// not be checked again.
    private func known(_ envelope: [UInt8]) throws(PeerRecordError) -> SignedPeerRecord? {
        let opened = try SignedEnvelope(
            decoding: envelope, limit: SignedPeerRecord.maximumBytes)
        let record = book[opened.publicKey.peerID]?.record
        return record?.envelope == envelope ? record : nil
    }

    // MARK: answering

    /// What to answer a question for peers.
    package enum Answer: Sendable, Hashable {
        /// This, and the end.
        case peers([UInt8])
        /// Reset: the peer asks too often.
        case overBudget
        /// Reset and penalise: the question does not decode.
        case malformed
    }

    /// Answers a question for peers: with those that are connected or were reached before, whose
    /// addresses the asker may be told.
    package mutating func answer(_ body: [UInt8], from peer: PeerID, now: Instant) -> Answer {
        guard let asker = peers[peer], peers.modify(peer, { $0.answers.take(now: now) }) == true
        else {
            counters.refusedQuestions += 1
            return .overBudget
        }
        guard let question = try? PeersRequest(encoded: body) else {
            counters.refusedQuestions += 1
            return .malformed
        }
        let scope = asker.remote.scopeOfPeer
        var able: [(record: SignedPeerRecord, custody: CustodyRecord?)] = []
        for entry in book.entries where entry.peer != peer {
            guard let record = entry.record, !record.addresses.isEmpty, record.scope >= scope,
                entry.isConnected && (peers[entry.peer]?.score ?? 0) >= 0
                    || entry.standing == .proven && entry.failures == 0
            else { continue }
            if question.groups != .none, entry.groups.bits & question.groups.bits == 0 { continue }
            able.append((record, entry.custody))
        }
        var crowds: [IPAddress: Int] = [:]
        var chosen: [KnownPeer] = []
        while !able.isEmpty, chosen.count < Limits.peersPerAnswer {
            let next = able.remove(at: random.uniform(below: able.count))
            let groups = Set(
                next.record.addresses.compactMap(\.ipAddress).filter { !$0.isLoopback }
                    .map(\.group))
            guard groups.allSatisfy({ crowds[$0, default: 0] < settings.answeredPerGroup }) else {
                continue
            }
            for group in groups { crowds[group, default: 0] += 1 }
            chosen.append(KnownPeer(record: next.record.envelope, custody: next.custody))
        }
        counters.answered += 1
        return .peers(PeersResponse(chosen).encoded)
    }
}
