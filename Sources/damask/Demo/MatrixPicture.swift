import DataMatrix

/// A picture of a matrix in text: which of its cells are held anywhere in the network.
///
/// One character stands for two rows and one column while that fits, drawn with half blocks; a
/// larger matrix is drawn with shades, a character standing for the share held of a group of cells.
struct MatrixPicture {
    /// The most lines and characters that a picture takes, without its frame.
    static let maximumHeight = 32
    static let maximumWidth = 128

    private let shape: MatrixShape
    private let rowsPerLine: Int
    private let columnsPerCharacter: Int
    private let style: TextStyle

    init(shape: MatrixShape, width: Int, style: TextStyle) {
        self.shape = shape
        self.style = style
        var rowsPerLine = 2
        while shape.rows > rowsPerLine * Self.maximumHeight { rowsPerLine *= 2 }
        var columnsPerCharacter = 1
        while shape.columns > columnsPerCharacter * min(width, Self.maximumWidth) {
            columnsPerCharacter *= 2
        }
        self.rowsPerLine = rowsPerLine
        self.columnsPerCharacter = columnsPerCharacter
    }

    /// The picture's lines, with a caption beside the frame for data and parity.
    func lines(held: CellSet) -> [String] {
        let width = (shape.columns + columnsPerCharacter - 1) / columnsPerCharacter
        let boundary = shape.dataColumns / columnsPerCharacter
        var rule = [Character](repeating: "─", count: width)
        if boundary < width { rule[boundary] = "┬" }
        var lines = ["┌" + String(rule) + "┐"]
        for top in stride(from: 0, to: shape.rows, by: rowsPerLine) {
            var line = "│"
            for left in stride(from: 0, to: shape.columns, by: columnsPerCharacter) {
                line += character(top: top, left: left, held: held)
            }
            lines.append(line + style.reset + "│")
        }
        if boundary < width { rule[boundary] = "┴" }
        lines.append("└" + String(rule) + "┘")
        return lines
    }

    private func character(top: Int, left: Int, held: CellSet) -> String {
        let isData = top < shape.dataRows && left < shape.dataColumns
        let glyph: Character
        if rowsPerLine == 2 && columnsPerCharacter == 1 {
            let upper = held.contains(CellCoordinate(row: top, column: left))
            let lower = held.contains(CellCoordinate(row: top + 1, column: left))
            glyph =
                switch (upper, lower) {
                case (true, true): "█"
                case (true, false): "▀"
                case (false, true): "▄"
                case (false, false): "·"
                }
        } else {
            glyph = shade(top: top, left: left, held: held)
        }
        return (isData ? style.data : style.parity) + String(glyph)
    }

    private func shade(top: Int, left: Int, held: CellSet) -> Character {
        var present = 0
        var total = 0
        for row in top..<min(top + rowsPerLine, shape.rows) {
            for column in left..<min(left + columnsPerCharacter, shape.columns) {
                total += 1
                if held.contains(CellCoordinate(row: row, column: column)) { present += 1 }
            }
        }
        switch 4 * present {
        case 0: return "·"
        case 4 * total: return "█"
        case ..<(2 * total): return "░"
        case ..<(3 * total): return "▒"
        default: return "▓"
        }
    }
}

/// The control sequences that a picture uses: none where the stream is no terminal or the user
/// asked for none.
struct TextStyle {
    var data = ""
    var parity = ""
    var good = ""
    var bad = ""
    var faint = ""
    var reset = ""

    static let plain = TextStyle()
    static let coloured = TextStyle(
        data: "\u{1B}[36m", parity: "\u{1B}[34m", good: "\u{1B}[32m", bad: "\u{1B}[31m",
        faint: "\u{1B}[2m", reset: "\u{1B}[0m")
}
