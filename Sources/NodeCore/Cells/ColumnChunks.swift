import Availability
import DataMatrix

/// Column messages of at most 28 cells: chunks within the data rows, and likewise within the others.
enum ColumnChunks {
    /// Which rows go together, given the rows to send, ascending.
    static func rows(_ rows: [Int], shape: MatrixShape) -> [[Int]] {
        // Chunks begin at fixed rows, so that whoever sends a chunk again sends the same bytes.
        var chunks: [[Int]] = []
        var last: (half: Int, chunk: Int)?
        for row in rows {
            let half = row / shape.dataRows
            let chunk = (row % shape.dataRows) / Limits.cellsPerMessage
            if let last, last == (half, chunk) {
                chunks[chunks.count - 1].append(row)
            } else {
                chunks.append([row])
                last = (half, chunk)
            }
        }
        return chunks
    }

    /// Messages of cells of one column, in order of rows.
    static func messages(_ cells: [ProvenCell], root: BlockRoot) -> [ColumnMessage] {
        stride(from: 0, to: cells.count, by: Limits.cellsPerMessage).compactMap { start in
            let part = cells[start..<min(start + Limits.cellsPerMessage, cells.count)]
            return message(Array(part), root: root)
        }
    }

    /// One message of at most 28 cells of one column.
    static func message(_ cells: [ProvenCell], root: BlockRoot) -> ColumnMessage? {
        guard let first = cells.first else { return nil }
        return try? ColumnMessage(
            headerRoot: root, column: UInt16(first.coordinate.column),
            rows: cells.map { UInt16($0.coordinate.row) }, cells: cells.map(\.cell),
            proofs: cells.map(\.proof))
    }
}
