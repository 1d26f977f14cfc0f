import Availability

/// Blocks to come back to that are not in memory, the highest slots first. They stand in the
/// archive; a few places are kept here.
struct Backlog: Sendable {
    /// Places looked up in the archive at a time.
    private static let pageSize = 64
    /// When nothing is left, the archive is looked through again after so long.
    private static let pauseMilliseconds: UInt64 = 60_000

    private let question: SettlementQuestion
    private var page: [HeaderPlace] = []
    /// The last place that was looked up; nil: from the top.
    private var last: HeaderPlace?
    private var restAt = Int64.min
    private var isExhausted = false

    init(_ question: SettlementQuestion) {
        self.question = question
    }

    /// How many places are kept here.
    var count: Int { page.count }

    /// A block was left out, or given up for the time being.
    mutating func add(_ place: HeaderPlace) {
        // What lies below the last place comes up when the archive is read on.
        if !isExhausted {
            guard let last, !HeaderPlace.isBelow(place, last) else { return }
        }
        guard !page.contains(place) else { return }
        page.append(place)
        page.sort { HeaderPlace.isBelow($1, $0) }
        if page.count > Self.pageSize {
            page.removeLast()
            last = page.last
            isExhausted = false
        }
    }

    /// The next block to take up.
    ///
    /// - Parameters:
    ///   - archive: Where the blocks stand.
    ///   - now: The monotonic time.
    ///   - isOut: Whether a block is not to be taken up: it is in memory already.
    /// - Returns: Where it stands; nil if there is none for now.
    mutating func next(
        _ archive: any NodeArchive, now: Int64, isOut: (BlockRoot) -> Bool
    ) -> HeaderPlace? {
        while true {
            while !page.isEmpty {
                let place = page.removeFirst()
                if !isOut(place.root) { return place }
            }
            if isExhausted {
                guard now >= restAt else { return nil }
                isExhausted = false
                last = nil
            }
            page = archive.unsettled(question, after: last, limit: Self.pageSize)
            last = page.last ?? last
            if page.count < Self.pageSize {
                isExhausted = true
                restAt = now.advanced(byMilliseconds: Self.pauseMilliseconds)
            }
            if page.isEmpty { return nil }
        }
    }

    /// When to look again; nil while there is something to take up.
    var nextDeadline: Int64? { page.isEmpty && isExhausted ? restAt : nil }
}

extension HeaderPlace {
    /// By slot, then root.
    static func isBelow(_ a: HeaderPlace, _ b: HeaderPlace) -> Bool {
        (a.slot, a.root) < (b.slot, b.root)
    }
}
