import Availability
import LibP2P
import SSZ

/// Asking peers for headers that are missing: first what is above this node's own head, the newest
/// first if that is much; then, in the background, what is missing below, down to the window's end.
///
/// One request to a lane at a time. Peers that claim a height and have nothing to show for it give
/// others a turn, until they claim something else.
struct HeaderSync: Sendable {
    private struct Range: Sendable {
        let peer: PeerID
        let heights: ClosedRange<UInt64>
        /// Whether it fills a gap downwards: the answer is taken in from its end, since each header
        /// is known only as the parent of the one above.
        let isDownward: Bool
        var messages: [[UInt8]] = []
        var isFruitful = false
    }

    private struct Claim: Sendable {
        var heights: [NodeKey: UInt64] = [:]
        /// Lanes for which its last answer brought nothing, with the height that was claimed.
        var isFruitless: Set<NodeKey> = []
    }

    /// Headers asked for in one request.
    static let headersPerRange: UInt64 = 32

    private var ranges = OrderedTable<NodeKey, Range>()
    private var claims = OrderedTable<PeerID, Claim>()

    /// How many peers' claims are kept.
    var claimCount: Int { claims.count }

    /// A peer told the height of a lane.
    mutating func peerHas(height: UInt64, of lane: NodeKey, peer: PeerID) {
        var claim = claims[peer] ?? Claim()
        if claim.heights.updateValue(height, forKey: lane) != height {
            claim.isFruitless.remove(lane)
        }
        claims[peer] = claim
    }

    /// The peer has gone.
    mutating func forget(_ peer: PeerID) {
        claims[peer] = nil
    }

    /// A header of the lane was admitted.
    mutating func came(_ lane: NodeKey) {
        _ = ranges.modify(lane) { $0.isFruitful = true }
    }

    /// A header came in an answer.
    ///
    /// - Returns: Whether it is taken in now; else it waits for the others.
    mutating func holds(_ message: [UInt8], of lane: NodeKey) -> Bool {
        ranges.modify(lane) { range in
            guard range.isDownward, range.messages.count < Int(Self.headersPerRange) else {
                return false
            }
            range.messages.append(message)
            return true
        } ?? false
    }

    /// A request is over.
    ///
    /// - Returns: The headers that waited, in the order in which they are to be taken in.
    mutating func closed(_ lane: NodeKey) -> [[UInt8]] {
        guard let range = ranges[lane] else { return [] }
        return range.messages.reversed()
    }

    /// What waited has been taken in.
    mutating func settled(_ lane: NodeKey) {
        guard let range = ranges[lane] else { return }
        ranges[lane] = nil
        if !range.isFruitful {
            _ = claims.modify(range.peer) { _ = $0.isFruitless.insert(lane) }
        }
    }

    /// The next request to make of each lane that has none under way.
    mutating func next(
        lanes: [NodeKey], book: HeaderBook, now: NodeTime, kernel: inout NodeKernel
    ) {
        guard !claims.isEmpty else { return }
        let time = UnixTime(milliseconds: now.unixMilliseconds)
        // A height needs a slot of its own, so no honest claim is above the present slot.
        let highest = saturatingSum(kernel.parameters.slot(at: time) ?? 0, 1)
        for lane in lanes where ranges[lane] == nil {
            guard let (peer, heights, isDownward) = choose(lane, book, highest, kernel, now)
            else { continue }
            let count = UInt16(clamping: heights.upperBound - heights.lowerBound + 1)
            guard
                let request = try? HeadersByRangeRequest(
                    sequencer: lane, start: heights.lowerBound, count: count),
                kernel.request(
                    peer, .headersByRange, body: request.encoded, for: .headersByRange(lane),
                    now: now) != nil
            else { continue }
            ranges[lane] = Range(peer: peer, heights: heights, isDownward: isDownward)
        }
    }

    private func choose(
        _ lane: NodeKey, _ book: HeaderBook, _ highest: UInt64, _ kernel: NodeKernel,
        _ now: NodeTime
    ) -> (PeerID, ClosedRange<UInt64>, isDownward: Bool)? {
        let candidates = claims.entries.compactMap { entry -> (peer: PeerID, height: UInt64)? in
            guard let height = entry.value.heights[lane], height <= highest,
                !entry.value.isFruitless.contains(lane), kernel.peers[entry.key] != nil
            else { return nil }
            return (entry.key, height)
        }
        guard let best = candidates.max(by: { $0.height < $1.height }) else { return nil }
        let span = Self.headersPerRange
        let least = book.checkpoint(of: lane)?.height ?? 0
        if let head = book.head(of: lane)?.height {
            if best.height > head {
                let gap = best.height - head
                // The newest first: what lies between is fetched downwards afterwards.
                let first = gap > 2 * span ? best.height - span + 1 : head + 1
                return (best.peer, first...min(best.height, first + span - 1), false)
            }
        } else {
            guard best.height >= least else { return nil }
            let first = max(least, best.height >= span ? best.height - span + 1 : 0)
            return (best.peer, first...best.height, false)
        }
        guard let gap = book.highestGap(of: lane, fromSlot: kernel.windowFloor(now)),
            let peer = candidates.first(where: { $0.height >= gap })?.peer
        else { return nil }
        let first = max(least, gap >= span ? gap - span + 1 : 0)
        return (peer, first...gap, true)
    }
}
