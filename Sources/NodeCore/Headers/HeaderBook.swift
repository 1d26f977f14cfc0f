import Availability
import LibP2P
import SSZ

/// The headers that a node knows, lane by lane.
///
/// The first header of a lane that a node meets is its *anchor*: its parent need not be known, since
/// the sequencer's signature vouches for it and no state depends on the past. From there the lane
/// grows upwards by children, and downwards by headers whose root is a known header's parent root.
struct HeaderBook: Sendable {
    private struct Lane: Sendable {
        var roots: [UInt64: [BlockRoot]] = [:]
        var rootsBySlot: [UInt64: [BlockRoot]] = [:]
        /// Parent roots of known headers that are not known themselves.
        var wantedParents: Set<BlockRoot> = []
        var heights: ClosedRange<UInt64>?
        /// The header of the greatest height; of two, the one that came first.
        var head: BlockRoot?
        /// The greatest slot of any header.
        var highestSlot: UInt64 = 0
        /// Where two headers at one height or slot close the lane.
        var closedAt: UInt64?
        var count = 0
    }

    private let admission: HeaderAdmission
    private let maximumPerLane: Int
    private var headers: [BlockRoot: SignedHeader] = [:]
    private var lanes: [NodeKey: Lane] = [:]

    init(parameters: NetworkParameters, maximumPerLane: Int) {
        admission = HeaderAdmission(parameters: parameters)
        self.maximumPerLane = maximumPerLane
    }

    // MARK: Reading

    subscript(root: BlockRoot) -> SignedHeader? { headers[root] }

    /// The header of the greatest height of a lane.
    func head(of lane: NodeKey) -> SignedHeader? {
        lanes[lane]?.head.flatMap { headers[$0] }
    }

    /// The greatest slot of any header of a lane.
    func highestSlot(of lane: NodeKey) -> UInt64? { lanes[lane]?.highestSlot }

    /// The lowest and the greatest height known of a lane.
    func heights(of lane: NodeKey) -> ClosedRange<UInt64>? { lanes[lane]?.heights }

    /// Where the lane is closed, if it is.
    func closedAt(_ lane: NodeKey) -> UInt64? { lanes[lane]?.closedAt }

    /// The headers of a lane from a height on, ascending, at most `count`.
    func headers(of lane: NodeKey, from height: UInt64, count: Int) -> [SignedHeader] {
        guard let known = lanes[lane], let heights = known.heights else { return [] }
        var found: [SignedHeader] = []
        var next = max(height, heights.lowerBound)
        while found.count < count, next <= heights.upperBound {
            for root in known.roots[next] ?? [] where found.count < count {
                if let header = headers[root] { found.append(header) }
            }
            guard next < .max else { break }
            next += 1
        }
        return found
    }

    // MARK: Admission

    /// The checks on a header, in their order.
    func admit(_ message: [UInt8], now: NodeTime) -> HeaderAdmission.Verdict {
        let time = UnixTime(milliseconds: now.unixMilliseconds)
        let verdict = admission.admit(message, now: time) { laneView(for: $0) }
        guard case .accept(let signed, _) = verdict,
            let closed = lanes[signed.header.sequencer]?.closedAt, signed.header.height > closed
        else { return verdict }
        return .ignore(.enoughAtHeight(closed))
    }

    private func laneView(for signed: SignedHeader) -> HeaderAdmission.Lane {
        let header = signed.header
        guard let lane = lanes[header.sequencer] else {
            return HeaderAdmission.Lane(
                rootsAtHeight: [], rootsAtSlot: [], parent: assumedParent(of: header))
        }
        var parent = headers[header.parentRoot].map { HeaderAdmission.Parent($0.header) }
        if parent == nil, lane.count == 0 || lane.wantedParents.contains(signed.root) {
            parent = assumedParent(of: header)
        }
        return HeaderAdmission.Lane(
            rootsAtHeight: lane.roots[header.height] ?? [],
            rootsAtSlot: lane.rootsBySlot[header.slot] ?? [], parent: parent)
    }

    /// A parent that any header passes, for a lane's anchor and what lies below it.
    private func assumedParent(of header: BlockHeader) -> HeaderAdmission.Parent? {
        guard header.height > 0, header.slot > 0 else { return nil }
        return HeaderAdmission.Parent(
            sequencer: header.sequencer, height: header.height - 1, slot: header.slot - 1)
    }

    /// Takes an admitted header in.
    mutating func insert(_ signed: SignedHeader, equivocatesWith other: BlockRoot?) {
        guard headers[signed.root] == nil else { return }
        let header = signed.header
        headers[signed.root] = signed
        var lane = lanes[header.sequencer] ?? Lane()
        lane.roots[header.height, default: []].append(signed.root)
        lane.rootsBySlot[header.slot, default: []].append(signed.root)
        lane.wantedParents.remove(signed.root)
        if header.height > 0, headers[header.parentRoot] == nil {
            lane.wantedParents.insert(header.parentRoot)
        }
        if let head = lane.head.flatMap({ headers[$0] }), head.header.height >= header.height {
            // The head stays.
        } else {
            lane.head = signed.root
        }
        lane.highestSlot = max(lane.highestSlot, header.slot)
        let low = min(lane.heights?.lowerBound ?? header.height, header.height)
        let high = max(lane.heights?.upperBound ?? header.height, header.height)
        lane.heights = low...high
        lane.count += 1
        if let other, let height = headers[other]?.header.height {
            lane.closedAt = min(lane.closedAt ?? .max, min(height, header.height))
        }
        lanes[header.sequencer] = lane
    }

    /// Closes a lane at a height, on proof that came from elsewhere.
    mutating func close(_ sequencer: NodeKey, at height: UInt64) {
        var lane = lanes[sequencer] ?? Lane()
        lane.closedAt = min(lane.closedAt ?? .max, height)
        lanes[sequencer] = lane
    }

    /// Takes a header back whose commitments turned out to be no points.
    mutating func remove(_ root: BlockRoot) {
        guard let signed = headers.removeValue(forKey: root),
            var lane = lanes[signed.header.sequencer]
        else { return }
        lane.roots[signed.header.height]?.removeAll { $0 == root }
        lane.rootsBySlot[signed.header.slot]?.removeAll { $0 == root }
        lane.wantedParents.remove(signed.header.parentRoot)
        lane.count -= 1
        if lane.roots[signed.header.height]?.isEmpty ?? false {
            lane.roots[signed.header.height] = nil
        }
        if lane.head == root {
            // At most two headers are at a height, so this looks at few.
            lane.head = lane.roots.keys.max().flatMap { lane.roots[$0]?.first }
        }
        let heights = lane.roots.keys
        lane.heights = heights.min().flatMap { low in heights.max().map { low...$0 } }
        lanes[signed.header.sequencer] = lane
    }

    /// Drops the lowest headers of a lane that has too many.
    ///
    /// - Returns: The roots dropped.
    mutating func prune(_ sequencer: NodeKey) -> [BlockRoot] {
        var dropped: [BlockRoot] = []
        while let lane = lanes[sequencer], lane.count > maximumPerLane,
            let lowest = lane.heights?.lowerBound, let roots = lane.roots[lowest],
            !roots.isEmpty, lane.heights?.upperBound != lowest
        {
            for root in roots {
                remove(root)
                dropped.append(root)
            }
        }
        return dropped
    }
}
