public import DataMatrix
import KZGCommitments
public import SSZ

/// The checks of a column message that comes from a topic, in the order of `specs/network/`, up to
/// the proofs, which are checked last and elsewhere: one that fails rejects the whole message.
public struct ColumnAdmission: Sendable {
    /// What a node knows of a block.
    public struct Block: Sendable {
        /// The shape of the matrix.
        public var shape: MatrixShape
        /// The rows that are known to be zeros.
        public var knownZeroRows: Set<Int>

        /// What a node knows.
        public init(shape: MatrixShape, knownZeroRows: some Sequence<Int>) {
            self.shape = shape
            self.knownZeroRows = Set(knownZeroRows)
        }
    }

    /// What to do with a message.
    public enum Verdict: Sendable, Hashable {
        /// Check the proofs, of all cells; then keep those at the places in `new`.
        case verify(ColumnMessage, new: [CellCoordinate])
        /// The header is not known: hold the message for a slot, within
        /// ``Limits/pendingColumnBytesPerPeer``.
        case hold(ColumnMessage)
        /// Drop it; no one is to blame.
        case ignore(MessageError)
        /// Drop it and penalise the peer that sent it.
        case reject(MessageError)
    }

    /// Runs the checks on a message.
    ///
    /// - Parameters:
    ///   - message: The bytes of a column message.
    ///   - group: The group that the topic is for.
    ///   - block: What the node knows of the block with this header root, or nil.
    ///   - isNew: Whether the node does not have the cell yet.
    /// - Returns: What to do.
    public static func admit(
        _ message: [UInt8], group: Int, block: (Bytes32) -> Block?,
        isNew: (CellCoordinate) -> Bool
    ) -> Verdict {
        do throws(MessageError) {
            let message = try decode(message, group: group)
            guard let block = block(message.headerRoot) else { return .hold(message) }
            try check(message, block)
            let new = message.coordinates.filter(isNew)
            return new.isEmpty ? .ignore(.nothingNew) : .verify(message, new: new)
        } catch {
            return .reject(error)
        }
    }

    /// The checks that need no header: size, encoding, and the topic's group.
    public static func decode(
        _ bytes: [UInt8], group: Int
    ) throws(MessageError) -> ColumnMessage {
        guard bytes.count <= Limits.messageBytes else {
            throw .tooLarge(byteCount: bytes.count)
        }
        let message: ColumnMessage
        do throws(SSZError) {
            message = try ColumnMessage(encoded: bytes)
        } catch {
            throw .encoding("\(error)")
        }
        guard NetworkNames.group(ofColumn: Int(message.column)) == group else {
            throw .wrongGroup(column: Int(message.column), group: group)
        }
        return message
    }

    /// The checks against the header: the cells' places and lengths. Also for messages that answer
    /// a request, and for those that were held.
    public static func check(_ message: ColumnMessage, _ block: Block) throws(MessageError) {
        let shape = block.shape
        guard Int(message.column) < shape.columns else {
            throw .column(Int(message.column), columns: shape.columns)
        }
        for row in message.rows {
            guard Int(row) < shape.rows else { throw .row(Int(row), rows: shape.rows) }
            guard !block.knownZeroRows.contains(Int(row)) else { throw .knownZeroRow(Int(row)) }
        }
        guard message.cells[0].count == shape.preset.bytesPerCell else {
            throw .cellLength(
                actual: message.cells[0].count, expected: shape.preset.bytesPerCell)
        }
    }
}
