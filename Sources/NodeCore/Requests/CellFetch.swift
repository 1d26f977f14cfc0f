package import Availability
package import DataMatrix
package import LibP2P

/// Fetches given cells of one block from several peers: whom to ask for what, what came of it, and
/// when to try again. Sampling and repair are two policies of it.
///
/// A wanted cell stays wanted: one that is not to be had stays wanted and is asked for again, of
/// other peers first. What arrives is verified in batches outside and reported back.
package struct CellFetch: Sendable {
    /// How to fetch.
    package struct Policy: Sendable, Hashable {
        /// Cells of the block to ask one peer for while other peers are left that may hold them.
        package var cellsPerPeer: Int?
        /// Cells in one request.
        package var cellsPerRequest: Int
        /// Requests under way in all.
        package var requestsUnderWay: Int
        /// Requests under way with one peer.
        package var requestsPerPeer: Int
        /// After all peers that may hold a cell were asked in vain: the pause before the next round,
        /// doubled each time up to the second number.
        package var pauseMilliseconds: UInt64
        package var maximumPauseMilliseconds: UInt64
    }

    /// A peer that may hold cells of the block.
    package struct Candidate: Sendable {
        package let peer: PeerID
        package let isOutbound: Bool
        package let addressGroup: AddressGroup
        /// The columns it custodies; nil if `claims` says more.
        package let custody: ColumnGroups
        /// The cells it says that it holds, if it was asked.
        package let claims: CellSet?

        func mayHold(_ cell: CellCoordinate) -> Bool {
            if let claims { return claims.contains(cell) }
            return custody.contains(column: cell.column)
        }
    }

    /// One request to make.
    package struct Assignment: Sendable, Hashable {
        package let peer: PeerID
        package let cells: [CellCoordinate]
    }

    private enum State: Sendable, Hashable {
        /// To be asked for, not before this moment.
        case waiting(until: Int64)
        /// Asked for.
        case underWay(OutboundRequestToken)
        /// Here, being verified.
        case unverified
        /// Here and verified.
        case done
    }

    private struct Want: Sendable {
        let cell: CellCoordinate
        var state: State
        /// Peers asked in this round.
        var asked: [PeerID] = []
        var outcome = SampleOutcome()
    }

    private struct OpenRequest: Sendable {
        let peer: PeerID
        var open: [Int]
        /// Cells that came by another way since they were asked for: the answer may have them too.
        var overtaken: [Int] = []
    }

    private let policy: Policy
    private var wants: [Want]
    private var places: [CellCoordinate: Int]
    private var requests = OrderedTable<OutboundRequestToken, OpenRequest>()
    private var askedOfPeer: [PeerID: Int] = [:]
    private var askedOfGroup: [AddressGroup: Int] = [:]
    /// How often something went wrong with a peer; who has fewer failures is asked first.
    package private(set) var failures: [PeerID: Int]
    /// When requests were last chosen.
    private var assignedAt = Int64.min
    /// How many wanted cells are verified.
    package private(set) var doneCount = 0

    /// A fetch of these cells, in this order (repeated ones count once).
    ///
    /// - Parameters:
    ///   - cells: The cells.
    ///   - policy: How to fetch.
    ///   - failures: What went wrong with peers before, as ``failures`` of an earlier fetch says.
    package init(_ cells: [CellCoordinate], policy: Policy, failures: [PeerID: Int] = [:]) {
        self.policy = policy
        self.failures = failures
        wants = []
        wants.reserveCapacity(cells.count)
        places = [:]
        add(cells)
    }

    /// Wants further cells, after those that are wanted already.
    package mutating func add(_ cells: [CellCoordinate]) {
        for cell in cells where places[cell] == nil {
            places[cell] = wants.count
            wants.append(Want(cell: cell, state: .waiting(until: .min)))
        }
    }

    /// How many cells are wanted, those that have come included.
    package var wantedCount: Int { wants.count }
    /// Whether everything has come.
    package var isDone: Bool { doneCount == wants.count }
    /// What came of each cell so far, in the order of the wanted cells.
    package var outcomes: [(cell: CellCoordinate, outcome: SampleOutcome)] {
        wants.map { ($0.cell, $0.outcome) }
    }
    /// How many distinct peers have given at least one verified cell.
    package var servingPeers: Int {
        Set(wants.compactMap { $0.outcome.servedBy }).count
    }
    /// The peers and address groups asked so far, for the view of their diversity.
    package var askedPeers: Int { askedOfPeer.count }
    package var askedGroups: Int { askedOfGroup.count }
    /// Most cells asked of any one peer.
    package var mostAskedOfOnePeer: Int { askedOfPeer.values.max() ?? 0 }
    /// Whether the request is one of this fetch.
    package func owns(_ token: OutboundRequestToken) -> Bool { requests[token] != nil }
    package var openRequests: [OutboundRequestToken] { requests.keys }

    // MARK: Asking

    /// Chooses requests to make now. The caller makes each, and reports its token with `opened`.
    package mutating func assign(
        candidates: [Candidate], now: Int64, using random: inout some RandomNumberGenerator
    ) -> [Assignment] {
        assignedAt = now
        var room = candidates.map { candidate in
            max(0, policy.requestsPerPeer - openCount(candidate.peer))
        }
        var batches = [[Int]](repeating: [], count: candidates.count)
        var requestsLeft = policy.requestsUnderWay - requests.count
        guard requestsLeft > 0 else { return [] }
        var roomInBatches = 0
        for place in wants.indices {
            // No further request, and no room in those begun: nothing more can be assigned.
            if requestsLeft == 0, roomInBatches == 0 { break }
            guard case .waiting(let moment) = wants[place].state, moment <= now else { continue }
            let eligible = candidates.indices.filter {
                candidates[$0].mayHold(wants[place].cell)
            }
            if eligible.isEmpty { continue }
            let fresh = eligible.filter { !wants[place].asked.contains(candidates[$0].peer) }
            if fresh.isEmpty {
                endRound(of: place, now: now)
                continue
            }
            guard
                let choice = best(
                    fresh, candidates: candidates, batches: batches, room: room,
                    requestsLeft: requestsLeft, using: &random)
            else { continue }
            if batches[choice].isEmpty {
                requestsLeft -= 1
                room[choice] -= 1
                roomInBatches += policy.cellsPerRequest
            }
            roomInBatches -= 1
            batches[choice].append(place)
            wants[place].asked.append(candidates[choice].peer)
            askedOfPeer[candidates[choice].peer, default: 0] += 1
            askedOfGroup[candidates[choice].addressGroup, default: 0] += 1
        }
        return candidates.indices.compactMap { index in
            guard !batches[index].isEmpty else { return nil }
            return Assignment(
                peer: candidates[index].peer, cells: batches[index].map { wants[$0].cell })
        }
    }

    /// The peer to ask: one that has not been asked for too many cells, dialled rather than dialling
    /// in, from the address group and then the peer asked least, at random among equals.
    private func best(
        _ fresh: [Int], candidates: [Candidate], batches: [[Int]], room: [Int], requestsLeft: Int,
        using random: inout some RandomNumberGenerator
    ) -> Int? {
        var choice: (index: Int, key: [Int])?
        var ties = 0
        for index in fresh {
            let candidate = candidates[index]
            let isOpen = !batches[index].isEmpty
            guard isOpen ? batches[index].count < policy.cellsPerRequest : room[index] > 0,
                isOpen || requestsLeft > 0
            else { continue }
            let asked = askedOfPeer[candidate.peer, default: 0]
            let key = [
                policy.cellsPerPeer.map { asked >= $0 ? 1 : 0 } ?? 0,
                failures[candidate.peer, default: 0],
                candidate.isOutbound ? 0 : 1,
                policy.cellsPerPeer == nil ? 0 : askedOfGroup[candidate.addressGroup, default: 0],
                asked,
            ]
            guard let current = choice else {
                choice = (index, key)
                ties = 1
                continue
            }
            if key == current.key {
                ties += 1
                if Int.random(in: 0..<ties, using: &random) == 0 { choice = (index, key) }
            } else if key.lexicographicallyPrecedes(current.key) {
                choice = (index, key)
                ties = 1
            }
        }
        // A peer over its share is asked only if none below it is left, not if those are just busy.
        if let cap = policy.cellsPerPeer, let choice, choice.key[0] == 1,
            fresh.contains(where: { askedOfPeer[candidates[$0].peer, default: 0] < cap })
        {
            return nil
        }
        return choice?.index
    }

    private mutating func endRound(of place: Int, now: Int64) {
        wants[place].asked = []
        let rounds = wants[place].outcome.rounds
        wants[place].outcome.rounds += 1
        let pause = policy.pauseMilliseconds << UInt64(min(rounds, 16))
        wants[place].state = .waiting(
            until: now.advanced(byMilliseconds: min(pause, policy.maximumPauseMilliseconds)))
    }

    private func openCount(_ peer: PeerID) -> Int {
        requests.entries.reduce(0) { $0 + ($1.value.peer == peer ? 1 : 0) }
    }

    /// An assignment became a request.
    package mutating func opened(_ assignment: Assignment, as token: OutboundRequestToken) {
        let open = assignment.cells.compactMap { places[$0] }
        requests[token] = OpenRequest(peer: assignment.peer, open: open)
        for place in open { wants[place].state = .underWay(token) }
    }

    // MARK: Answers

    /// Cells came, not verified yet.
    ///
    /// - Returns: Whether each was asked for in this request and had not come. If not, the answer is
    ///   a breach of the protocol and nothing of it is taken.
    package mutating func received(
        _ cells: [CellCoordinate], in token: OutboundRequestToken
    ) -> Bool {
        guard let places = settle(cells, in: token) else { return false }
        for place in places { wants[place].state = .unverified }
        return true
    }

    private mutating func settle(
        _ cells: [CellCoordinate], in token: OutboundRequestToken
    ) -> [Int]? {
        guard var request = requests[token] else { return nil }
        var settled: [Int] = []
        for cell in cells {
            guard let place = places[cell] else { return nil }
            if let position = request.open.firstIndex(of: place) {
                request.open.remove(at: position)
                settled.append(place)
            } else if let position = request.overtaken.firstIndex(of: place) {
                request.overtaken.remove(at: position)
            } else {
                return nil
            }
        }
        requests[token] = request
        return settled
    }

    /// How a request ended.
    package enum Ending: Sendable, Hashable {
        /// The answer is complete: what it left out, the peer does not hold.
        case complete
        /// No answer in time.
        case timedOut
        /// The peer is busy, the connection broke, the answer broke a rule.
        case brokenOff
    }

    /// The request is over. What it left open counts against the peer.
    ///
    /// - Returns: The cells left open.
    @discardableResult
    package mutating func closed(
        _ token: OutboundRequestToken, _ ending: Ending, now: Int64
    ) -> [CellCoordinate] {
        guard let request = requests[token] else { return [] }
        requests[token] = nil
        guard !request.open.isEmpty else { return [] }
        failures[request.peer, default: 0] += 1
        for place in request.open {
            switch ending {
            case .complete: wants[place].outcome.refusals += 1
            case .timedOut: wants[place].outcome.timeouts += 1
            case .brokenOff: wants[place].outcome.breaks += 1
            }
            wants[place].state = .waiting(until: now)
        }
        return request.open.map { wants[$0].cell }
    }

    /// The verdict on cells that came from a peer.
    package mutating func verified(
        _ cells: [CellCoordinate], from peer: PeerID, areValid: Bool, now: Int64
    ) {
        for cell in cells {
            guard let place = places[cell], wants[place].state == .unverified else { continue }
            if areValid {
                finish(place, servedBy: peer, at: now)
            } else {
                wants[place].outcome.invalid += 1
                wants[place].state = .waiting(until: now)
            }
        }
        if !areValid { failures[peer, default: 0] += 4 }
    }

    /// A wanted cell came by another way (gossip, extension), verified.
    package mutating func obtained(_ cell: CellCoordinate, now: Int64) {
        guard let place = places[cell], wants[place].state != .done else { return }
        if case .underWay(let token) = wants[place].state {
            _ = requests.modify(token) { request in
                request.open.removeAll { $0 == place }
                request.overtaken.append(place)
            }
        }
        finish(place, servedBy: nil, at: now)
    }

    private mutating func finish(_ place: Int, servedBy peer: PeerID?, at now: Int64) {
        wants[place].state = .done
        wants[place].outcome.servedBy = peer
        wants[place].outcome.succeededAt = now
        doneCount += 1
    }

    /// The next moment at which a waiting cell may be asked for again; nil if none waits for time.
    package var nextRetry: Int64? {
        var next: Int64?
        for want in wants {
            guard case .waiting(let moment) = want.state, moment > assignedAt else { continue }
            next = min(next ?? moment, moment)
        }
        return next
    }

    /// Whether nothing can be done now but wait: nothing is under way, nothing is being verified, and
    /// something is missing.
    package var isStalled: Bool {
        requests.isEmpty && !isDone
            && !wants.contains { want in
                want.state == .unverified
            }
    }

    /// The cells that have not come.
    package var missing: [CellCoordinate] {
        wants.compactMap { $0.state == .done ? nil : $0.cell }
    }
}
