public import SSZ

/// A request for headers by their roots. The answer is a sequence of ``SignedHeader`` parts, one to
/// each header that the peer has, in the request's order.
public struct HeadersByRootRequest: Sendable, Hashable {
    /// The roots: 1 to 64.
    public let roots: [Bytes32]

    /// A request for these headers.
    ///
    /// - Throws: ``MessageError`` if they are none or too many.
    public init(roots: [Bytes32]) throws(MessageError) {
        guard (1...Limits.headersPerRequest).contains(roots.count) else {
            throw .elementCount(actual: roots.count, limit: Limits.headersPerRequest)
        }
        self.roots = roots
    }
}

extension HeadersByRootRequest: SSZCodable {
    /// `{roots List[Bytes32, 64]}`.
    public static let ssz = SSZType<HeadersByRootRequest>.container(
        .field("roots", \.roots, .list(of: .bytes32, limit: Limits.headersPerRequest))
    ) { roots throws(SSZError) in
        do throws(MessageError) {
            return try HeadersByRootRequest(roots: roots)
        } catch {
            throw SSZError(.invalid("\(error)"))
        }
    }
}

/// A request for a lane's headers from a height on, ascending. The answer is a sequence of
/// ``SignedHeader`` parts.
public struct HeadersByRangeRequest: Sendable, Hashable {
    /// The lane.
    public let sequencer: NodeKey
    /// The height of the first header.
    public let start: UInt64
    /// How many at most: 1 to 64.
    public let count: UInt16

    /// A request for these headers.
    ///
    /// - Throws: ``MessageError`` if the count is zero or too large.
    public init(sequencer: NodeKey, start: UInt64, count: UInt16) throws(MessageError) {
        guard (1...Limits.headersPerRequest).contains(Int(count)) else {
            throw .elementCount(actual: Int(count), limit: Limits.headersPerRequest)
        }
        self.sequencer = sequencer
        self.start = start
        self.count = count
    }

    /// The heights that are asked for; cut off at the last one there is.
    public var heights: ClosedRange<UInt64> {
        let (end, overflow) = start.addingReportingOverflow(UInt64(count) - 1)
        return start...(overflow ? .max : end)
    }
}

extension HeadersByRangeRequest: SSZCodable {
    /// `{sequencer, start uint64, count uint16}`.
    public static let ssz = SSZType<HeadersByRangeRequest>.container(
        .field("sequencer", \.sequencer, NodeKey.ssz),
        .field("start", \.start, .uint64),
        .field("count", \.count, .uint16)
    ) { sequencer, start, count throws(SSZError) in
        do throws(MessageError) {
            return try HeadersByRangeRequest(sequencer: sequencer, start: start, count: count)
        } catch {
            throw SSZError(.invalid("\(error)"))
        }
    }
}
