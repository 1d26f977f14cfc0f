public import KZGCommitments

/// The cells of one matrix that are held, with such of their proofs as are held.
///
/// A value with shared storage: copies are cheap until one is changed. Memory for cells is reserved
/// for the whole matrix, but the system provides it only where cells have been written.
public struct PartialMatrix: Sendable {
    /// The size of the matrix.
    public let shape: MatrixShape

    /// The cells that are held.
    public private(set) var cells: CellSet

    /// The cells whose proofs are held too.
    public private(set) var proven: CellSet

    private var storage: Storage

    /// The matrix of which nothing is held.
    public init(_ shape: MatrixShape) {
        self.shape = shape
        cells = CellSet(shape)
        proven = CellSet(shape)
        storage = Storage(shape)
    }

    /// Whether every cell is held.
    public var isComplete: Bool { cells.isFull }

    // MARK: - Reading

    /// The bytes of a cell; nil if it is not held.
    public func cell(at place: CellCoordinate) -> [UInt8]? {
        withCell(at: place) { Array($0) }
    }

    /// The proof of a cell; nil if it is not held.
    public func proof(at place: CellCoordinate) -> KZGProof? {
        guard shape.contains(place), proven.contains(place) else { return nil }
        return storage.proofs?[shape.index(of: place)]
    }

    /// What `body` makes of the bytes of a cell in place; nil if the cell is not held.
    public func withCell<R>(
        at place: CellCoordinate, _ body: (UnsafeRawBufferPointer) throws -> R
    ) rethrows -> R? {
        guard shape.contains(place), cells.contains(place) else { return nil }
        return try body(UnsafeRawBufferPointer(storage.cell(shape.index(of: place))))
    }

    // MARK: - Changing

    /// Takes a cell in, with its proof or without.
    ///
    /// Nothing is checked against commitments here: see ``MatrixVerifier``.
    ///
    /// - Parameters:
    ///   - bytes: The cell.
    ///   - proof: Its proof. Nil leaves a proof that is held as it is.
    ///   - place: Where it belongs.
    /// - Returns: Whether the cell is new.
    /// - Throws: ``CellError`` if there is no such place, if the length is wrong, or if the cell is
    ///   held with other bytes.
    @discardableResult
    public mutating func insert(
        _ bytes: UnsafeRawBufferPointer, proof: KZGProof? = nil, at place: CellCoordinate
    ) throws(CellError) -> Bool {
        guard shape.contains(place) else { throw .outside(place) }
        guard bytes.count == shape.preset.bytesPerCell else {
            throw .wrongLength(place, expected: shape.preset.bytesPerCell, actual: bytes.count)
        }
        let index = shape.index(of: place)
        let isNew = !cells.contains(place)
        if isNew {
            makeUnique()
            storage.cell(index).copyMemory(from: bytes)
            cells.insert(place)
        } else if !UnsafeRawBufferPointer(storage.cell(index)).hasSameBytes(as: bytes) {
            throw .contradiction(place)
        }
        if let proof, !proven.contains(place) {
            makeUnique()
            storage.reserveProofs()[index] = proof
            proven.insert(place)
        }
        return isNew
    }

    /// Takes a cell in, with its proof or without, as ``insert(_:proof:at:)-(UnsafeRawBufferPointer,_,_)``
    /// does.
    @discardableResult
    public mutating func insert(
        _ bytes: [UInt8], proof: KZGProof? = nil, at place: CellCoordinate
    ) throws(CellError) -> Bool {
        let result = bytes.withUnsafeBytes { bytes -> Result<Bool, CellError> in
            do throws(CellError) {
                return .success(try insert(bytes, proof: proof, at: place))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Takes in all cells of rows that are known to be zero, with their proofs: those of data rows
    /// whose commitment is the point at infinity.
    public mutating func insertZeroRows(_ rows: [Int]) {
        for row in rows where row >= 0 && row < shape.rows {
            makeUnique()
            let proofs = storage.reserveProofs()
            for column in 0..<shape.columns {
                let place = CellCoordinate(row: row, column: column)
                storage.cell(shape.index(of: place)).initializeMemory(as: UInt8.self, repeating: 0)
                proofs[shape.index(of: place)] = .infinity
            }
            cells.insert(row: row)
            proven.insert(row: row)
        }
    }

    /// Forgets cells and their proofs.
    public mutating func remove(_ lost: CellSet) {
        cells.subtract(lost)
        proven.subtract(lost)
    }

    /// Forgets all proofs.
    public mutating func removeProofs() {
        proven = CellSet(shape)
    }

    // MARK: - For the algorithms of this module

    /// Calls `body` with the memory of all cells in row-major order, to fill in those that are not
    /// held. Such writes become part of the value by ``noteFilled(_:)`` only.
    mutating func withMutableCells<R, E>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        makeUnique()
        return try body(storage.bytes)
    }

    /// Calls `body` with the memory of all cells in row-major order; only those held are defined.
    func withCells<R, E>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        try body(UnsafeRawBufferPointer(storage.bytes))
    }

    /// Counts these cells as held: their bytes have been written in place.
    mutating func noteFilled(_ filled: CellSet) { cells.formUnion(filled) }

    /// Sets proofs of cells that are held.
    mutating func setProofs(_ placed: [PlacedProof]) {
        guard !placed.isEmpty else { return }
        makeUnique()
        let proofs = storage.reserveProofs()
        for new in placed {
            proofs[shape.index(of: new.place)] = new.proof
            proven.insert(new.place)
        }
    }

    private mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&storage) {
            storage = Storage(copying: storage, cells: cells, proven: proven)
        }
    }
}

/// Why a cell was not taken in.
public enum CellError: Error, Hashable, CustomStringConvertible {
    /// The matrix has no such place.
    case outside(CellCoordinate)
    /// The cell does not have the bytes of a cell.
    case wrongLength(CellCoordinate, expected: Int, actual: Int)
    /// The cell is held already, with other bytes.
    case contradiction(CellCoordinate)

    /// What is wrong, with the place.
    public var description: String {
        switch self {
        case .outside(let place): "there is no cell \(place)"
        case .wrongLength(let place, let expected, let actual):
            "cell \(place) has \(actual) bytes instead of \(expected)"
        case .contradiction(let place): "cell \(place) comes twice, with different bytes"
        }
    }
}

/// The memory of a matrix.
///
/// `@unchecked Sendable`: only ``PartialMatrix`` has references, and it writes through one only
/// while it is the sole holder.
private final class Storage: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
    private let bytesPerCell: Int
    private let cellCount: Int
    private(set) var proofs: UnsafeMutableBufferPointer<KZGProof>?

    init(_ shape: MatrixShape) {
        bytesPerCell = shape.preset.bytesPerCell
        cellCount = shape.cellCount
        bytes = .allocate(byteCount: shape.byteCount, alignment: 64)
    }

    init(copying other: Storage, cells: CellSet, proven: CellSet) {
        bytesPerCell = other.bytesPerCell
        cellCount = other.cellCount
        bytes = .allocate(byteCount: other.bytes.count, alignment: 64)
        for place in cells {
            let index = cells.shape.index(of: place)
            cell(index).copyMemory(from: UnsafeRawBufferPointer(other.cell(index)))
        }
        if let old = other.proofs {
            let new = reserveProofs()
            for place in proven {
                let index = proven.shape.index(of: place)
                new[index] = old[index]
            }
        }
    }

    deinit {
        bytes.deallocate()
        proofs?.deallocate()
    }

    func cell(_ index: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(
            rebasing: bytes[(index * bytesPerCell)..<((index + 1) * bytesPerCell)])
    }

    func reserveProofs() -> UnsafeMutableBufferPointer<KZGProof> {
        if let proofs { return proofs }
        let new = UnsafeMutableBufferPointer<KZGProof>.allocate(capacity: cellCount)
        new.initialize(repeating: .infinity)
        proofs = new
        return new
    }
}

extension UnsafeRawBufferPointer {
    /// Whether both hold the same bytes, compared by words.
    func hasSameBytes(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        let words = count / 8 * 8
        for offset in stride(from: 0, to: words, by: 8) {
            let a = loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let b = other.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            if a != b { return false }
        }
        return (words..<count).allSatisfy { self[$0] == other[$0] }
    }
}
