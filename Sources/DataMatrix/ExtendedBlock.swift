public import KZGCommitments

/// What a header says of its block's data: the matrix's shape, the data rows' commitments, and where
/// the payloads are.
public struct BlockDescription: Sendable, Hashable {
    /// The size of the matrix.
    public let shape: MatrixShape

    /// The commitments of the data rows. Those of the other rows follow from them.
    public let commitments: [KZGCommitment]

    /// Where the payloads are.
    public let index: [PayloadIndexEntry]

    /// The description with these parts.
    ///
    /// - Throws: ``BlockDescriptionError`` if there is not one commitment to a data row, or if the
    ///   index does not fit the matrix. Whether commitments are points is for a verifier to say.
    public init(
        shape: MatrixShape, commitments: [KZGCommitment], index: [PayloadIndexEntry]
    ) throws(BlockDescriptionError) {
        guard commitments.count == shape.dataRows else {
            throw .commitmentCount(expected: shape.dataRows, actual: commitments.count)
        }
        do { try PayloadIndex.validate(index, in: shape) } catch { throw .index(error) }
        self.shape = shape
        self.commitments = commitments
        self.index = index
    }

    /// The rows that anyone knows without having seen a cell: data rows whose commitment is the
    /// point at infinity, which are zero; and if all are, the other rows too.
    ///
    /// Their cells are never sent or stored, and count as held. (A parity row can be zero without
    /// this rule's saying so; it is treated as any other.)
    public var zeroRows: [Int] {
        let rows = commitments.indices.filter { commitments[$0].isInfinity }
        return rows.count == shape.dataRows ? Array(0..<shape.rows) : rows
    }

    /// Whether the second half of the data rows is known to be zeros, so that half as many would do.
    /// Headers of such blocks are refused.
    public var hasEmptySecondHalf: Bool {
        shape.dataRows > 1 && commitments[(shape.dataRows / 2)...].allSatisfy(\.isInfinity)
    }

    /// The cells of ``zeroRows``.
    public var zeroCells: CellSet {
        var cells = CellSet(shape)
        for row in zeroRows { cells.insert(row: row) }
        return cells
    }

    /// The cells that hold a payload, in order.
    public func cells(of entry: PayloadIndexEntry) -> [CellCoordinate] {
        PayloadIndex.dataCells(of: entry, shape.preset).map { shape.coordinate(ofDataCell: $0) }
    }
}

/// Why parts do not make a description.
public enum BlockDescriptionError: Error, Hashable, CustomStringConvertible {
    /// There is not one commitment to each data row.
    case commitmentCount(expected: Int, actual: Int)
    /// The index does not fit the matrix.
    case index(PayloadIndexError)

    /// What is wrong, with the numbers.
    public var description: String {
        switch self {
        case .commitmentCount(let expected, let actual):
            "\(actual) commitments for \(expected) data rows"
        case .index(let error): error.description
        }
    }
}

/// A block's description and such of its cells as are held.
public struct ExtendedBlock: Sendable {
    /// What the block's header says of its data.
    public let description: BlockDescription

    /// The cells that are held, those of zero rows always among them.
    public private(set) var matrix: PartialMatrix

    /// The block with these cells; those of zero rows need not be among them.
    public init(description: BlockDescription, matrix: PartialMatrix) {
        precondition(description.shape == matrix.shape, "the matrix of another block")
        self.description = description
        self.matrix = matrix
        let unknown = description.zeroRows.filter {
            matrix.cells.count(inRow: $0) < matrix.shape.columns
                || matrix.proven.count(inRow: $0) < matrix.shape.columns
        }
        self.matrix.insertZeroRows(unknown)
    }

    /// The size of the matrix.
    public var shape: MatrixShape { description.shape }

    /// The cells that are held and not known to all.
    public var sendableCells: CellSet { matrix.cells.subtracting(description.zeroCells) }

    /// Forgets cells, but those of zero rows.
    public mutating func remove(_ lost: CellSet) {
        matrix.remove(lost.subtracting(description.zeroCells))
    }

    /// Changes the matrix in place; it stays one of the same shape.
    mutating func withMatrix<R, E>(_ body: (inout PartialMatrix) throws(E) -> R) throws(E) -> R {
        try body(&matrix)
    }

    /// The bytes of a payload, from the cells that hold it; no other cell is looked at.
    ///
    /// - Throws: ``PayloadError`` if such a cell is missing, or if they do not hold a payload.
    public func payload(_ entry: PayloadIndexEntry) throws(PayloadError) -> [UInt8] {
        var bytes: [UInt8] = []
        let places = description.cells(of: entry)
        bytes.reserveCapacity(places.count * shape.preset.bytesPerCell)
        for place in places {
            guard matrix.withCell(at: place, { bytes.append(contentsOf: $0) }) != nil else {
                throw .missingCell(place)
            }
        }
        do { return try PayloadPacking.payload(entry, inCells: bytes, shape.preset) } catch {
            throw .malformed(error)
        }
    }
}

/// Why a payload could not be read.
public enum PayloadError: Error, Hashable, CustomStringConvertible {
    /// One of its cells is not held.
    case missingCell(CellCoordinate)
    /// Its cells do not hold a payload.
    case malformed(PayloadPackingError)

    /// What is wrong, with the place.
    public var description: String {
        switch self {
        case .missingCell(let place): "cell \(place) is missing"
        case .malformed(let error): error.description
        }
    }
}
