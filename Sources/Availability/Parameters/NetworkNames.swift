public import SSZ
import SystemCrypto

/// The names by which a network's nodes find each other: each has the beginning of the network id.
public struct NetworkNames: Sendable, Hashable {
    /// `/damask/` and the first eight hexadecimal digits of the network id.
    public let prefix: String

    /// The names of the network with this id.
    public init(networkID: Bytes32) {
        prefix = "/damask/" + Hexadecimal.digitsOnly(networkID.bytes.prefix(4))
    }

    /// A topic that messages are published on.
    public enum Topic: Sendable, Hashable {
        /// Signed headers.
        case headers
        /// Column messages of the group's columns; the group is below ``Limits/columnGroups``.
        case columns(group: Int)
        /// Evidence: withholding reports and equivocation proofs.
        case evidence

        /// All topics in a fixed order.
        public static let all: [Topic] =
            [.headers, .evidence] + (0..<Limits.columnGroups).map { .columns(group: $0) }

        var name: String {
            switch self {
            case .headers: "headers"
            case .columns(let group): "columns-\(group)"
            case .evidence: "evidence"
            }
        }
    }

    /// A protocol of one request and its answer.
    public enum RequestProtocol: String, Sendable, Hashable, CaseIterable {
        /// Who a peer is and what it has: ``StatusMessage`` both ways.
        case status
        /// Headers by their roots: ``HeadersByRootRequest``.
        case headersByRoot = "headers-by-root"
        /// A lane's headers by height: ``HeadersByRangeRequest``.
        case headersByRange = "headers-by-range"
        /// Single cells: ``CellsRequest``.
        case cells
        /// Whole columns: ``ColumnsRequest``.
        case columns
        /// Which cells of a block a peer has: ``InventoryRequest``.
        case inventory
        /// The attempt log behind a withholding report: ``AttemptLogRequest``.
        case attempts
    }

    /// The name of a topic, `/damask/<8 digits>/<topic>`.
    public func name(of topic: Topic) -> String { "\(prefix)/\(topic.name)" }

    /// The name of a protocol, `/damask/<8 digits>/<name>/1`.
    public func name(of request: RequestProtocol) -> String { "\(prefix)/\(request.rawValue)/1" }

    /// The name of the protocol by which peers are asked for other peers (``PeersRequest``). It is the
    /// connection manager's, not the node's.
    public var peersProtocol: String { "\(prefix)/peers/1" }

    /// The topic of this name, or nil if it is none of this network's.
    public func topic(named name: String) -> Topic? {
        Topic.all.first { self.name(of: $0) == name }
    }

    /// The protocol of this name, or nil if it is none of this network's.
    public func request(named name: String) -> RequestProtocol? {
        RequestProtocol.allCases.first { self.name(of: $0) == name }
    }

    /// The group that a column belongs to: `g`, `g + 32`, `g + 64` and `g + 96` are group `g`.
    public static func group(ofColumn column: Int) -> Int { column % Limits.columnGroups }

    /// The columns of a group, ascending, among `columns` in all.
    public static func columns(ofGroup group: Int, of columns: Int) -> [Int] {
        Array(stride(from: group, to: columns, by: Limits.columnGroups))
    }

    /// The id of a published message:
    /// `SHA-256(00000000 || length of topic as 8 bytes little-endian || topic || data)[0 ..< 20]`.
    public static func messageID(topic: String, data: [UInt8]) -> [UInt8] {
        var hash = SHA256()
        hash.update([0, 0, 0, 0])
        hash.update(littleEndian: UInt64(topic.utf8.count))
        hash.update(Array(topic.utf8))
        hash.update(data)
        return Array(hash.finalize().prefix(20))
    }
}
