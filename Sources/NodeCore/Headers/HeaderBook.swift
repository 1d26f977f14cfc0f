import Availability
import LibP2P
import SSZ

/// Where the headers that a node knows stand, lane by lane; what they say is in the archive.
///
/// The first header of a lane that a node meets is its *anchor*: its parent need not be known, since
/// the sequencer's signature vouches for it and no state depends on the past. From there the lane
/// grows upwards by children, and downwards by headers whose root is a known header's parent root. A
/// header far above all that is known (the node was away) is an anchor again, and the gap is filled
/// downwards from it.
struct HeaderBook: Sendable {
    /// A header so many heights above the head does not wait for its parents: more than one answer
    /// brings, and less than the orphans that are held.
    static let gapThatAnchors: UInt64 = 32

    fileprivate struct Lane: Sendable {
        var roots: [UInt64: [BlockRoot]] = [:]
        var rootsBySlot: [UInt64: [BlockRoot]] = [:]
        /// Parent roots of known headers that are not known themselves, and the heights of those
        /// parents.
        var wantedParents: [BlockRoot: UInt64] = [:]
        var heights: ClosedRange<UInt64>?
        /// The header of the greatest height; of two, the one that came first.
        var head: BlockRoot?
        /// The greatest slot of any header.
        var highestSlot: UInt64 = 0
        /// Where two headers at one height or slot close the lane.
        var closedAt: UInt64?
        var count = 0
        /// Below this height headers are not kept in memory any more.
        var floor: UInt64 = 0
    }

    private let admission: HeaderAdmission
    private let maximumPerLane: Int
    private let checkpoints: [NodeKey: Checkpoint]
    private var places: [BlockRoot: HeaderPlace] = [:]
    private var lanes: [NodeKey: Lane] = [:]

    init(parameters: NetworkParameters, maximumPerLane: Int, checkpoints: [Checkpoint] = []) {
        admission = HeaderAdmission(parameters: parameters)
        self.maximumPerLane = max(1, maximumPerLane)
        self.checkpoints = Dictionary(
            checkpoints.map { ($0.sequencer, $0) }, uniquingKeysWith: { one, _ in one })
    }

    // MARK: Reading

    /// Where the header with this root stands, if it is known.
    subscript(root: BlockRoot) -> HeaderPlace? { places[root] }

    /// How many headers are known.
    var count: Int { places.count }

    /// The header of the greatest height of a lane.
    func head(of lane: NodeKey) -> HeaderPlace? {
        lanes[lane]?.head.flatMap { places[$0] }
    }

    /// The greatest slot of any header of a lane.
    func highestSlot(of lane: NodeKey) -> UInt64? { lanes[lane]?.highestSlot }

    /// The lowest and the greatest height known of a lane.
    func heights(of lane: NodeKey) -> ClosedRange<UInt64>? { lanes[lane]?.heights }

    /// The height at which a lane is closed by an equivocation.
    func closedAt(_ lane: NodeKey) -> UInt64? { lanes[lane]?.closedAt }

    /// The checkpoint of a lane.
    func checkpoint(of lane: NodeKey) -> Checkpoint? { checkpoints[lane] }

    /// The greatest height at which a header is missing below one that is known: where to go on
    /// downwards. Headers of slots below `fromSlot` need not be there. Nil if all others are.
    func highestGap(of lane: NodeKey, fromSlot slot: UInt64) -> UInt64? {
        guard let known = lanes[lane], known.count < maximumPerLane else { return nil }
        let least = max(checkpoints[lane]?.height ?? 0, known.floor)
        return known.wantedParents.values.filter { height in
            // Only the child's slot is known; the parent's is below it.
            guard height >= least, height < .max else { return false }
            return (known.roots[height + 1] ?? []).contains { (places[$0]?.slot ?? 0) > slot }
        }.max()
    }

    // MARK: Admission

    /// The checks on a header, in their order.
    func admit(_ message: [UInt8], now: NodeTime) -> HeaderAdmission.Verdict {
        let time = UnixTime(milliseconds: now.unixMilliseconds)
        let verdict = admission.admit(message, now: time) { laneView(for: $0) }
        let signed: SignedHeader
        switch verdict {
        case .accept(let header, _), .hold(let header, _): signed = header
        case .ignore, .reject: return verdict
        }
        let place = HeaderPlace(signed)
        if let closed = lanes[place.sequencer]?.closedAt, place.height > closed {
            return .ignore(.enoughAtHeight(closed))
        }
        if let checkpoint = checkpoints[place.sequencer], !checkpoint.permits(place) {
            return .ignore(.enoughAtHeight(place.height))
        }
        if let floor = lanes[place.sequencer]?.floor, place.height < floor {
            return .ignore(.slotTooOld(slot: place.slot, oldest: floor))
        }
        return verdict
    }

    private func laneView(for signed: SignedHeader) -> HeaderAdmission.Lane {
        let header = signed.header
        guard let lane = lanes[header.sequencer] else {
            return HeaderAdmission.Lane(
                rootsAtHeight: [], rootsAtSlot: [], parent: assumedParent(of: header))
        }
        var parent = places[header.parentRoot].map {
            HeaderAdmission.Parent(sequencer: $0.sequencer, height: $0.height, slot: $0.slot)
        }
        if parent == nil, isAnchor(signed, of: lane) { parent = assumedParent(of: header) }
        return HeaderAdmission.Lane(
            rootsAtHeight: lane.roots[header.height] ?? [],
            rootsAtSlot: lane.rootsBySlot[header.slot] ?? [], parent: parent)
    }

    /// Whether the header is taken in without its parent.
    private func isAnchor(_ signed: SignedHeader, of lane: Lane) -> Bool {
        if lane.count == 0 || lane.wantedParents[signed.root] != nil { return true }
        if checkpoints[signed.header.sequencer]?.root == signed.root { return true }
        guard let head = lane.heights?.upperBound, signed.header.height > head else { return false }
        return signed.header.height - head > Self.gapThatAnchors
    }

    /// A parent that any header passes, for an anchor and what lies below it.
    private func assumedParent(of header: BlockHeader) -> HeaderAdmission.Parent? {
        guard header.height > 0, header.slot > 0 else { return nil }
        return HeaderAdmission.Parent(
            sequencer: header.sequencer, height: header.height - 1, slot: header.slot - 1)
    }

    // MARK: Changes

    /// Takes an admitted header in.
    mutating func insert(_ place: HeaderPlace, equivocatesWith other: BlockRoot? = nil) {
        guard places[place.root] == nil else { return }
        places[place.root] = place
        // Taken out and put back, so that it is changed without a copy.
        var lane = lanes.removeValue(forKey: place.sequencer) ?? Lane()
        lane.roots[place.height, default: []].append(place.root)
        lane.rootsBySlot[place.slot, default: []].append(place.root)
        lane.wantedParents[place.root] = nil
        if place.height > lane.floor, places[place.parentRoot] == nil {
            lane.wantedParents[place.parentRoot] = place.height - 1
        }
        if let head = lane.head.flatMap({ places[$0] }), head.height >= place.height {
            // The head stays.
        } else {
            lane.head = place.root
        }
        lane.highestSlot = max(lane.highestSlot, place.slot)
        let low = min(lane.heights?.lowerBound ?? place.height, place.height)
        let high = max(lane.heights?.upperBound ?? place.height, place.height)
        lane.heights = low...high
        lane.count += 1
        if let other, let height = places[other]?.height {
            lane.closedAt = min(lane.closedAt ?? .max, min(height, place.height))
        }
        lanes[place.sequencer] = lane
    }

    /// Takes in what an archive kept of a lane, in any order.
    mutating func restore(_ kept: [HeaderPlace]) {
        for place in kept.sorted(by: { ($0.height, $0.root) < ($1.height, $1.root) }) {
            let other = (lanes[place.sequencer]?.roots[place.height] ?? []).first
            insert(place, equivocatesWith: other)
        }
    }

    /// Closes a lane at a height, on proof that came from elsewhere.
    mutating func close(_ sequencer: NodeKey, at height: UInt64) {
        var lane = lanes[sequencer] ?? Lane()
        lane.closedAt = min(lane.closedAt ?? .max, height)
        lanes[sequencer] = lane
    }

    /// Takes a header back: its commitments turned out to be no points, or it left the window.
    mutating func remove(_ root: BlockRoot) {
        guard let place = places.removeValue(forKey: root),
            var lane = lanes.removeValue(forKey: place.sequencer)
        else { return }
        lane.roots[place.height]?.removeAll { $0 == root }
        lane.rootsBySlot[place.slot]?.removeAll { $0 == root }
        lane.wantedParents[place.parentRoot] = nil
        lane.count -= 1
        if lane.roots[place.height]?.isEmpty ?? false { lane.roots[place.height] = nil }
        if lane.rootsBySlot[place.slot]?.isEmpty ?? false { lane.rootsBySlot[place.slot] = nil }
        if let heights = lane.heights, lane.roots[place.height] == nil {
            if heights.lowerBound == heights.upperBound {
                lane.heights = nil
            } else if place.height == heights.lowerBound {
                lane.heights = lane.nextHeight(above: place.height)...heights.upperBound
            } else if place.height == heights.upperBound {
                lane.heights = heights.lowerBound...lane.nextHeight(below: place.height)
            }
        }
        if lane.head == root {
            lane.head = lane.heights.flatMap { lane.roots[$0.upperBound]?.first }
        }
        lanes[place.sequencer] = lane
    }

    /// Forgets the lowest headers of a lane that has too many. They stay in the archive.
    ///
    /// - Returns: The roots forgotten.
    @discardableResult
    mutating func trim(_ sequencer: NodeKey) -> [BlockRoot] {
        var forgotten: [BlockRoot] = []
        while let lane = lanes[sequencer], lane.count > maximumPerLane,
            let heights = lane.heights, heights.lowerBound < heights.upperBound,
            let roots = lane.roots[heights.lowerBound], !roots.isEmpty
        {
            forgotten += roots
            drop(roots)
        }
        return forgotten
    }

    /// Forgets headers for good: from the highest of them down, their lanes are not asked for again.
    mutating func drop(_ roots: [BlockRoot]) {
        for root in roots {
            guard let place = places[root] else { continue }
            remove(root)
            guard var lane = lanes.removeValue(forKey: place.sequencer) else { continue }
            lane.floor = max(lane.floor, place.height == .max ? .max : place.height + 1)
            // What lies below is not wanted any more.
            for child in lane.wantedParents.filter({ $0.value < lane.floor }) {
                lane.wantedParents[child.key] = nil
            }
            lanes[place.sequencer] = lane
        }
    }
}

extension HeaderBook.Lane {
    /// The next height at which a header is known; there is one.
    func nextHeight(above height: UInt64) -> UInt64 {
        if roots[height &+ 1] != nil { return height &+ 1 }
        return roots.keys.filter { $0 > height }.min() ?? height
    }

    func nextHeight(below height: UInt64) -> UInt64 {
        if roots[height &- 1] != nil { return height &- 1 }
        return roots.keys.filter { $0 < height }.max() ?? height
    }
}
