import DataMatrix

/// The picture of which cells are present: two rows of the matrix to a line of text, two columns to
/// a character, so that a block of 64 rows and 128 columns takes 32 lines of 64 characters.
struct CellMap {
    let present: CellSet
    let stuck: CellSet

    /// One character stands for four cells: full, some of them, none.
    private static let full = "█"
    private static let some = "▒"
    private static let none = "·"

    /// The most lines; taller matrices have more rows to a line.
    private static let maximumLines = 32

    func lines() -> [String] {
        let shape = present.shape
        let rowsPerLine = max(1, min(shape.rows, 2), shape.rows / Self.maximumLines)
        let columnsPerCharacter = shape.columns > 64 ? 2 : 1
        var lines: [String] = []
        for first in stride(from: 0, to: shape.rows, by: rowsPerLine) {
            let rows = first..<min(first + rowsPerLine, shape.rows)
            var line = ""
            for column in stride(from: 0, to: shape.columns, by: columnsPerCharacter) {
                let columns = column..<min(column + columnsPerCharacter, shape.columns)
                if column == shape.dataColumns { line += " " }
                line += character(rows, columns)
            }
            if first == shape.dataRows, first > 0 { lines.append("") }
            lines.append(line)
        }
        lines.append("")
        lines.append("\(Self.full) present  \(Self.some) in part  \(Self.none) missing")
        return lines
    }

    private func character(_ rows: Range<Int>, _ columns: Range<Int>) -> String {
        var held = 0
        var lost = false
        for row in rows {
            for column in columns {
                let cell = CellCoordinate(row: row, column: column)
                if present.contains(cell) { held += 1 }
                if stuck.contains(cell) { lost = true }
            }
        }
        let text: String
        switch held {
        case rows.count * columns.count: text = Self.full
        case 0: text = Self.none
        default: text = Self.some
        }
        return lost && Console.hasColours ? "\u{1b}[31m\(text)\u{1b}[0m" : text
    }
}

extension CellSet {
    /// The cells in words: rows with the same columns together, neighbours as ranges.
    ///
    /// `rows 0-3, 9: columns 5-40`, one line to each group of rows.
    var groupedByRows: [String] {
        var groups: [[Int]: [Int]] = [:]
        var order: [[Int]] = []
        for row in 0..<shape.rows {
            let columns = self.columns(inRow: row)
            guard !columns.isEmpty else { continue }
            if groups[columns] == nil { order.append(columns) }
            groups[columns, default: []].append(row)
        }
        return order.map { columns in
            let rows = groups[columns] ?? []
            return "\(rows.count == 1 ? "row" : "rows") \(Self.ranges(rows)): "
                + "\(columns.count == 1 ? "column" : "columns") \(Self.ranges(columns))"
        }
    }

    private static func ranges(_ numbers: [Int]) -> String {
        var parts: [String] = []
        var rest = numbers[...]
        while let first = rest.popFirst() {
            var last = first
            while let next = rest.first, next == last + 1 {
                last = next
                rest.removeFirst()
            }
            parts.append(first == last ? "\(first)" : "\(first)-\(last)")
        }
        return parts.joined(separator: ", ")
    }
}
