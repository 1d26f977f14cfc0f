public import DataMatrix
public import KZGCommitments
public import SSZ

/// Cells of one column with their proofs, as they are published and as columns are sent.
///
/// At most 28 cells, so that with all that surrounds it a message stays below 64 KiB. A value has
/// the structure of a message: rows ascend strictly, with a cell and a proof to each, all cells of
/// one length.
public struct ColumnMessage: Sendable, Hashable {
    /// The root of the block's header.
    public let headerRoot: Bytes32
    /// The column.
    public let column: UInt16
    /// The rows of the cells, ascending.
    public let rows: [UInt16]
    /// The cells, one to each row.
    public let cells: [[UInt8]]
    /// The proofs, one to each row.
    public let proofs: [KZGProof]

    /// A message of these cells.
    ///
    /// - Throws: ``MessageError`` if they do not have a message's structure.
    public init(
        headerRoot: Bytes32, column: UInt16, rows: [UInt16], cells: [[UInt8]], proofs: [KZGProof]
    ) throws(MessageError) {
        guard (1...Limits.cellsPerMessage).contains(rows.count) else {
            throw .cellCount(rows.count)
        }
        guard rows.count == cells.count, rows.count == proofs.count else {
            throw .unequalCounts(rows: rows.count, cells: cells.count, proofs: proofs.count)
        }
        for (previous, row) in zip(rows, rows.dropFirst()) where row <= previous {
            throw .rowsNotAscending(previous: Int(previous), row: Int(row))
        }
        for cell in cells where cell.count != cells[0].count || cell.isEmpty {
            throw .cellLength(actual: cell.count, expected: cells[0].count)
        }
        guard cells[0].count <= Limits.cellBytes else {
            throw .cellLength(actual: cells[0].count, expected: Limits.cellBytes)
        }
        self.headerRoot = headerRoot
        self.column = column
        self.rows = rows
        self.cells = cells
        self.proofs = proofs
    }

    /// The places of the cells, in their order.
    public var coordinates: [CellCoordinate] {
        rows.map { CellCoordinate(row: Int($0), column: Int(column)) }
    }
}

extension ColumnMessage: SSZCodable {
    /// `{header_root, column uint16, rows List[uint16, 28], cells List[List[uint8, 2048], 28],
    /// proofs List[Bytes48, 28]}`.
    public static let ssz = SSZType<ColumnMessage>.container(
        .field("header_root", \.headerRoot, .bytes32),
        .field("column", \.column, .uint16),
        .field("rows", \.rows, .list(of: .uint16, limit: Limits.cellsPerMessage)),
        .field("cells", \.cells, cellsType),
        .field("proofs", \.proofs, .list(of: .proof, limit: Limits.cellsPerMessage))
    ) { headerRoot, column, rows, cells, proofs throws(SSZError) in
        do throws(MessageError) {
            return try ColumnMessage(
                headerRoot: headerRoot, column: column, rows: rows, cells: cells, proofs: proofs)
        } catch {
            throw SSZError(.invalid("\(error)"))
        }
    }

    static let cellsType = SSZType<[[UInt8]]>.list(
        of: .byteList(limit: Limits.cellBytes), limit: Limits.cellsPerMessage)
}

/// Why values do not make a message.
public enum MessageError: Error, Hashable, Sendable {
    /// No cell, or more than 28.
    case cellCount(Int)
    /// Not one cell and one proof to each row.
    case unequalCounts(rows: Int, cells: Int, proofs: Int)
    /// A row that is not above the one before it.
    case rowsNotAscending(previous: Int, row: Int)
    /// A cell of another length than the first's, or than the network's.
    case cellLength(actual: Int, expected: Int)
    /// An element that is not above the one before it (cells: in row-major order).
    case notAscending(index: Int)
    /// A list with none or too many elements.
    case elementCount(actual: Int, limit: Int)
    /// A column that the matrix does not have.
    case column(Int, columns: Int)
    /// A row that the matrix does not have.
    case row(Int, rows: Int)
    /// A column that does not belong to the topic's group.
    case wrongGroup(column: Int, group: Int)
    /// A cell of a row that is known to be zeros, which are never sent.
    case knownZeroRow(Int)
    /// No cell of the message is new.
    case nothingNew
    /// The header is not known.
    case unknownHeader(Bytes32)
    /// Not the encoding of a message.
    case encoding(String)
    /// More bytes than a message may have.
    case tooLarge(byteCount: Int)
}

extension MessageError: CustomStringConvertible {
    /// What is wrong, with the numbers.
    public var description: String {
        switch self {
        case .cellCount(let count):
            "\(count) cells, expected 1 to \(Limits.cellsPerMessage)"
        case .unequalCounts(let rows, let cells, let proofs):
            "\(cells) cells and \(proofs) proofs to \(rows) rows"
        case .rowsNotAscending(let previous, let row): "row \(row) after row \(previous)"
        case .cellLength(let actual, let expected):
            "cell of \(actual) bytes, expected \(expected)"
        case .notAscending(let index): "element \(index) is not above the one before it"
        case .elementCount(let actual, let limit): "\(actual) elements, expected 1 to \(limit)"
        case .column(let column, let columns): "column \(column) of \(columns)"
        case .row(let row, let rows): "row \(row) of \(rows)"
        case .wrongGroup(let column, let group): "column \(column) on the topic of group \(group)"
        case .knownZeroRow(let row): "a cell of row \(row), which is known to be zeros"
        case .nothingNew: "no cell is new"
        case .unknownHeader(let root): "header \(root) is not known"
        case .encoding(let reason): "not a message of its kind: \(reason)"
        case .tooLarge(let count):
            "message of \(count) bytes, at most \(Limits.messageBytes) are allowed"
        }
    }
}
