public import DataMatrix
public import KZGCommitments
public import SSZ

/// A request for single cells of a block. The answer is a sequence of ``CellsResponse`` parts.
public struct CellsRequest: Sendable, Hashable {
    /// The root of the block's header.
    public let headerRoot: Bytes32
    /// The cells: 1 to 512, ascending in row-major order.
    public let cells: [CellCoordinate]

    /// A request for these cells.
    ///
    /// - Throws: ``MessageError`` if they are none, too many, not ascending or beyond 16 bits.
    public init(headerRoot: Bytes32, cells: [CellCoordinate]) throws(MessageError) {
        guard (1...Limits.cellsPerRequest).contains(cells.count) else {
            throw .elementCount(actual: cells.count, limit: Limits.cellsPerRequest)
        }
        try checkAscending(cells)
        self.headerRoot = headerRoot
        self.cells = cells
    }
}

extension CellsRequest: SSZCodable {
    /// `{header_root, cells List[{row uint16, column uint16}, 512]}`.
    public static let ssz = SSZType<CellsRequest>.container(
        .field("header_root", \.headerRoot, .bytes32),
        .field("cells", \.cells, .list(of: .coordinate, limit: Limits.cellsPerRequest))
    ) { headerRoot, cells throws(SSZError) in
        do throws(MessageError) {
            return try CellsRequest(headerRoot: headerRoot, cells: cells)
        } catch {
            throw SSZError(.invalid("\(error)"))
        }
    }
}

/// A cell with its place and its proof; here, as it goes from node to node.
public typealias ProvenCell = DataMatrix.ProvenCell

extension ProvenCell {
    /// A cell that a message can carry.
    ///
    /// - Throws: ``MessageError`` if the cell is empty or longer than any, or the place beyond
    ///   16 bits.
    public init(
        coordinate: CellCoordinate, cell: [UInt8], proof: KZGProof
    ) throws(MessageError) {
        guard (1...Limits.cellBytes).contains(cell.count) else {
            throw .cellLength(actual: cell.count, expected: Limits.cellBytes)
        }
        try checkAscending([coordinate])
        self.init(place: coordinate, bytes: cell, proof: proof)
    }
}

extension ProvenCell: SSZCodable {
    /// `{coordinate, cell List[uint8, 2048], proof Bytes48}`.
    public static let ssz = SSZType<ProvenCell>.container(
        .field("coordinate", \.coordinate, .coordinate),
        .field("cell", \.cell, .byteList(limit: Limits.cellBytes)),
        .field("proof", \.proof, .proof)
    ) { coordinate, cell, proof throws(SSZError) in
        do throws(MessageError) {
            return try ProvenCell(coordinate: coordinate, cell: cell, proof: proof)
        } catch {
            throw SSZError(.invalid("\(error)"))
        }
    }
}

/// How a request ended, in every answer.
public enum ResponseStatus: UInt8, Sendable, Hashable, CaseIterable {
    /// What the peer has follows; what was asked and does not come, it does not have.
    case ok = 0
    /// The peer does not know the header.
    case unknownHeader = 1
    /// The peer has served this node enough for now.
    case overBudget = 2
    /// The peer cannot answer now: it is starting, stopping, or has the block still under its own
    /// verdict.
    case busy = 3
}

extension ResponseStatus: SSZCodable {
    /// The status as its number.
    public static let ssz = SSZType<UInt8>.uint8.map(
        { (status: ResponseStatus) in status.rawValue },
        { number throws(SSZError) in
            guard let status = ResponseStatus(rawValue: number) else {
                throw SSZError(.invalid("status \(number) is unknown"))
            }
            return status
        })
}

/// A part of the answer to a ``CellsRequest``: cells in the request's order. Parts follow until the
/// stream ends; cells that were asked for and are in none of them, the peer does not have.
public struct CellsResponse: Sendable, Hashable {
    /// How the request ended.
    public let status: ResponseStatus
    /// At most 28 cells, ascending in row-major order; none unless the status is ok.
    public let cells: [ProvenCell]

    /// A part of an answer.
    ///
    /// - Throws: ``MessageError`` if the cells are too many or not ascending.
    public init(status: ResponseStatus, cells: [ProvenCell]) throws(MessageError) {
        guard cells.count <= Limits.cellsPerMessage, status == .ok || cells.isEmpty else {
            throw .elementCount(
                actual: cells.count, limit: status == .ok ? Limits.cellsPerMessage : 0)
        }
        try checkAscending(cells.map(\.coordinate))
        self.status = status
        self.cells = cells
    }
}

extension CellsResponse: SSZCodable {
    /// `{status uint8, cells List[proven cell, 28]}`.
    public static let ssz = SSZType<CellsResponse>.container(
        .field("status", \.status, ResponseStatus.ssz),
        .field("cells", \.cells, .list(of: ProvenCell.ssz, limit: Limits.cellsPerMessage))
    ) { status, cells throws(SSZError) in
        do throws(MessageError) {
            return try CellsResponse(status: status, cells: cells)
        } catch {
            throw SSZError(.invalid("\(error)"))
        }
    }
}

/// Checks that cells ascend in row-major order and have places that 16 bits hold.
private func checkAscending(_ cells: [CellCoordinate]) throws(MessageError) {
    for (index, cell) in cells.enumerated() {
        guard UInt16(exactly: cell.row) != nil else { throw .row(cell.row, rows: 1 << 16) }
        guard UInt16(exactly: cell.column) != nil else {
            throw .column(cell.column, columns: 1 << 16)
        }
        guard index == 0 || cells[index - 1] < cell else { throw .notAscending(index: index) }
    }
}

extension SSZType<CellCoordinate> {
    /// `{row uint16, column uint16}`; the values are within 16 bits when they are encoded.
    static var coordinate: Self {
        .container(
            .field("row", \.encodedRow, .uint16),
            .field("column", \.encodedColumn, .uint16)
        ) { row, column throws(SSZError) in
            CellCoordinate(row: Int(row), column: Int(column))
        }
    }
}

extension CellCoordinate {
    fileprivate var encodedRow: UInt16 { UInt16(row) }
    fileprivate var encodedColumn: UInt16 { UInt16(column) }
}
