public import Availability

/// An archive that lasts as long as the process: for tests, simulations and demonstrations.
///
/// Unlike a machine's own tables it keeps everything in memory, whole headers too; a node that is to
/// run for long has one on disk.
public struct MemoryNodeArchive: NodeArchive {
    private struct Lane: Sendable {
        /// Ascending by height; two headers at most at each.
        var places: [HeaderPlace] = []
    }

    private var headers: [BlockRoot: SignedHeader] = [:]
    private var lanes: [NodeKey: Lane] = [:]
    private var sampleRecords: [BlockRoot: SampleRecord] = [:]
    private var states: [BlockRoot: StateRecord] = [:]
    private var evidenceRecords = OrderedTable<EvidenceRecord.Identity, EvidenceRecord>()

    /// An empty archive.
    public init() {}

    // MARK: Headers

    /// Keeps an admitted header.
    public mutating func keep(_ header: SignedHeader) {
        guard headers.updateValue(header, forKey: header.root) == nil else { return }
        let place = HeaderPlace(header)
        var lane = lanes[place.sequencer] ?? Lane()
        let position = lane.places.lastIndex { $0.height <= place.height }.map { $0 + 1 } ?? 0
        lane.places.insert(place, at: position)
        lanes[place.sequencer] = lane
    }

    /// The header with this root.
    public func header(_ root: BlockRoot) -> SignedHeader? { headers[root] }

    /// A lane's headers from a height on, ascending.
    public func headers(of lane: NodeKey, from height: UInt64, limit: Int) -> [SignedHeader] {
        let places = lanes[lane]?.places ?? []
        let start = places.partitioningIndex { $0.height >= height }
        return places[start...].prefix(limit).compactMap { headers[$0.root] }
    }

    /// Where a lane's newest headers stand, by descending height.
    public func newestPlaces(of lane: NodeKey, limit: Int) -> [HeaderPlace] {
        (lanes[lane]?.places ?? []).suffix(limit).reversed()
    }

    // MARK: Blocks

    /// Keeps a block's sample set.
    public mutating func keep(_ samples: SampleRecord, of root: BlockRoot) {
        guard headers[root] != nil else { return }
        sampleRecords[root] = samples
    }

    /// A block's sample set.
    public func samples(of root: BlockRoot) -> SampleRecord? { sampleRecords[root] }

    /// Blocks that are not settled, in descending order of slot and then root.
    public func unsettled(
        _ question: SettlementQuestion, after place: HeaderPlace?, limit: Int
    ) -> [HeaderPlace] {
        let open = allPlaces.filter { candidate in
            if let place, !Self.isBelow(candidate, place) { return false }
            switch question {
            case .samples:
                return sampleRecords[candidate.root]?.verdict != .confident
            case .state:
                let state = states[candidate.root]?.state
                return state != .available && state != .recovered
            }
        }
        return Array(open.sorted { Self.isBelow($1, $0) }.prefix(limit))
    }

    /// Keeps where a block stands.
    public mutating func keep(_ state: StateRecord, of root: BlockRoot) {
        guard headers[root] != nil else { return }
        states[root] = state
    }

    /// Where a block stands.
    public func state(of root: BlockRoot) -> StateRecord? { states[root] }

    // MARK: Evidence

    /// Keeps a piece of evidence.
    public mutating func keep(_ evidence: EvidenceRecord) {
        guard evidenceRecords[evidence.identity] == nil else { return }
        evidenceRecords[evidence.identity] = evidence
    }

    /// The newest evidence, in the order in which it was kept.
    public func evidence(limit: Int) -> [EvidenceRecord] {
        evidenceRecords.entries.suffix(limit).map(\.value)
    }

    /// The evidence about one block.
    public func evidence(about root: BlockRoot) -> [EvidenceRecord] {
        evidenceRecords.entries.map(\.value).filter { $0.block == root }
    }

    // MARK: Pruning

    /// Drops a block with all that is kept of it.
    public mutating func drop(_ root: BlockRoot) {
        guard let header = headers.removeValue(forKey: root)?.header else { return }
        lanes[header.sequencer]?.places.removeAll { $0.root == root }
        sampleRecords[root] = nil
        states[root] = nil
        for record in evidence(about: root) { evidenceRecords[record.identity] = nil }
    }

    /// The blocks of slots below this one, the lowest first.
    public func places(belowSlot slot: UInt64, limit: Int) -> [HeaderPlace] {
        let old = allPlaces.filter { $0.slot < slot }
        return Array(old.sorted(by: Self.isBelow).prefix(limit))
    }

    /// How many headers are kept.
    public var headerCount: Int { headers.count }

    private var allPlaces: [HeaderPlace] { lanes.values.flatMap(\.places) }

    /// By slot, then root: an order that does not depend on the tables'.
    private static func isBelow(_ a: HeaderPlace, _ b: HeaderPlace) -> Bool {
        (a.slot, a.root) < (b.slot, b.root)
    }
}

extension [HeaderPlace] {
    /// The first index at which the condition holds, if it holds from there on.
    fileprivate func partitioningIndex(where isAtOrAbove: (HeaderPlace) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isAtOrAbove(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
