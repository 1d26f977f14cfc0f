public import DataMatrix
public import SSZ

/// A request for whole columns of a block. The answer is a sequence of ``ColumnsResponse`` parts,
/// column after column in the request's order, with the cells that the peer has.
public struct ColumnsRequest: Sendable, Hashable {
    /// The root of the block's header.
    public let headerRoot: Bytes32
    /// The columns: 1 to 128, ascending.
    public let columns: [UInt16]

    /// A request for these columns.
    ///
    /// - Throws: ``MessageError`` if they are none, too many or not ascending.
    public init(headerRoot: Bytes32, columns: [UInt16]) throws(MessageError) {
        guard (1...Limits.columnsPerRequest).contains(columns.count) else {
            throw .elementCount(actual: columns.count, limit: Limits.columnsPerRequest)
        }
        for index in columns.indices.dropFirst() where columns[index] <= columns[index - 1] {
            throw .notAscending(index: index)
        }
        self.headerRoot = headerRoot
        self.columns = columns
    }
}

extension ColumnsRequest: SSZCodable {
    /// `{header_root, columns List[uint16, 128]}`.
    public static let ssz = SSZType<ColumnsRequest>.container(
        .field("header_root", \.headerRoot, .bytes32),
        .field("columns", \.columns, .list(of: .uint16, limit: Limits.columnsPerRequest))
    ) { headerRoot, columns throws(SSZError) in
        do throws(MessageError) {
            return try ColumnsRequest(headerRoot: headerRoot, columns: columns)
        } catch {
            throw SSZError(.invalid("\(error)"))
        }
    }
}

/// A part of the answer to a ``ColumnsRequest``.
public struct ColumnsResponse: Sendable, Hashable {
    /// How the request ended.
    public let status: ResponseStatus
    /// Cells of one column, if the status is ok and the peer has any.
    public let message: ColumnMessage?

    /// Cells of one column.
    public init(_ message: ColumnMessage) {
        status = .ok
        self.message = message
    }

    /// An answer without cells.
    public init(status: ResponseStatus) {
        self.status = status
        message = nil
    }
}

extension ColumnsResponse: SSZCodable {
    /// `{status uint8, message List[column message, 1]}`.
    public static let ssz = SSZType<ColumnsResponse>.container(
        .field("status", \.status, ResponseStatus.ssz),
        .field("message", \.message, .optional(ColumnMessage.ssz))
    ) { status, message throws(SSZError) in
        guard let message else { return ColumnsResponse(status: status) }
        guard status == .ok else { throw SSZError(.invalid("cells with status \(status)")) }
        return ColumnsResponse(message)
    }
}

/// A question: which cells of a block does the peer have?
public struct InventoryRequest: Sendable, Hashable {
    /// The root of the block's header.
    public let headerRoot: Bytes32

    /// A question about this block.
    public init(headerRoot: Bytes32) {
        self.headerRoot = headerRoot
    }
}

extension InventoryRequest: SSZCodable {
    /// `{header_root}`.
    public static let ssz = SSZType<InventoryRequest>.container(
        .field("header_root", \.headerRoot, .bytes32)
    ) { headerRoot throws(SSZError) in InventoryRequest(headerRoot: headerRoot) }
}

/// The answer to an ``InventoryRequest``.
public struct InventoryResponse: Sendable, Hashable {
    /// How the question ended.
    public let status: ResponseStatus
    /// The bitmap of the cells that the peer has, as ``CellSet/bytes`` gives it; empty unless the
    /// status is ok.
    public let held: [UInt8]

    /// The cells that this node has.
    public init(held: CellSet) {
        status = .ok
        self.held = held.bytes
    }

    /// An answer without a set.
    public init(status: ResponseStatus) {
        self.status = status
        held = []
    }

    private init(status: ResponseStatus, bytes: [UInt8]) {
        self.status = status
        held = bytes
    }

    /// The cells that the peer says it has, or nil if the answer is none for this matrix.
    public func cells(of shape: MatrixShape) -> CellSet? {
        CellSet(shape, bytes: held)
    }
}

extension InventoryResponse: SSZCodable {
    /// `{status uint8, held List[uint8, 8192]}`.
    public static let ssz = SSZType<InventoryResponse>.container(
        .field("status", \.status, ResponseStatus.ssz),
        .field("held", \.held, .byteList(limit: bitmapBytes))
    ) { status, held throws(SSZError) in
        guard status == .ok || held.isEmpty else {
            throw SSZError(.invalid("cells with status \(status)"))
        }
        return InventoryResponse(status: status, bytes: held)
    }
}

/// The most bytes of a bitmap: 512 rows of 128 cells.
let bitmapBytes = 512 * 128 / 8

extension SSZType {
    /// `List[element, 1]` as an optional.
    static func optional<Element: Sendable>(
        _ element: SSZType<Element>
    ) -> SSZType where Value == Element? {
        SSZType<[Element]>.list(of: element, limit: 1).map(
            { $0.map { [$0] } ?? [] },
            { elements throws(SSZError) in elements.first })
    }
}
