import ArgumentParser
import DataMatrix
import KZGCommitments

/// `damask inspect`: what is in a block file.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show a block, and the map of which cells it has.",
        discussion: """
            Every byte of the file is checked against its checksum, no proof is verified: for that \
            there is `damask verify`. Rows known to be zero count as present.
            """)

    @Argument(help: "The block file.", completion: .file())
    var block: String

    @Flag(help: "Print one JSON object on one line.")
    var json = false

    @Flag(help: "Print the JSON object, then one JSON line for each present cell.")
    var cells = false

    func run() throws {
        try reportingFailures(of: "inspect") {
            let (reader, block) = try InputFile.wholeBlock(self.block)
            var output = ResultWriter()
            if json || cells {
                try output.line(summary(block))
                if cells { try printCells(block, reader.hasProofs, to: &output) }
            } else {
                for line in description(block, reader) { try output.line(line) }
            }
            try output.flush()
        }
    }

    // MARK: - JSON

    private func summary(_ block: ExtendedBlock) -> String {
        let commitments = block.description.commitments.map { "\"\($0)\"" }
        let payloads = block.description.index.map {
            "{\"namespace\":\"\(hexadecimal($0.namespace))\",\"firstCell\":\($0.firstCell),"
                + "\"length\":\($0.length),\"encoding\":\"\($0.encoding.name)\"}"
        }
        let present = (0..<block.shape.rows).map {
            "\"\(hexadecimal(block.matrix.cells.bytes(ofRow: $0)))\""
        }
        return "{\"rows\":\(block.shape.rows),\"columns\":\(block.shape.columns),"
            + "\"dataRows\":\(block.shape.dataRows),"
            + "\"commitments\":[\(commitments.joined(separator: ","))],"
            + "\"payloads\":[\(payloads.joined(separator: ","))],"
            + "\"present\":[\(present.joined(separator: ","))]}"
    }

    private func printCells(
        _ block: ExtendedBlock, _ hasProofs: Bool, to output: inout ResultWriter
    ) throws {
        for place in block.matrix.cells {
            let cell = block.matrix.withCell(at: place) { hexadecimal($0) } ?? ""
            let proof = block.matrix.proof(at: place).map { "\"\($0)\"" } ?? "null"
            try output.line(
                "{\"row\":\(place.row),\"column\":\(place.column),\"cell\":\"0x\(cell)\","
                    + "\"proof\":\(proof)}")
        }
    }

    // MARK: - Text

    private func description(
        _ block: ExtendedBlock, _ reader: BlockFileReader<FileByteSource>
    ) -> [String] {
        let shape = block.shape
        let zeroRows = block.description.zeroRows
        let present = block.matrix.cells
        let stuck = Decodability.stuckSet(present)
        var lines = [
            "matrix    \(shape.rows) rows of \(shape.columns) cells, \(shape.dataRows) of them data"
                + " (preset \(shape.preset.name))",
            "present   \(present)"
                + (zeroRows.isEmpty ? "" : ", \(zeroRows.count) rows known to be zero among them"),
        ]
        if present.isFull {
            lines.append("state     complete")
        } else if stuck.isEmpty {
            lines.append("state     \(present.complement.count) cells missing, all can be rebuilt")
        } else {
            lines.append(
                "state     \(present.complement.count) cells missing, \(stuck.count) of them can't "
                    + "be rebuilt")
        }
        if !reader.hasProofs { lines.append("proofs    none") }
        for (number, entry) in block.description.index.enumerated() {
            lines.append(
                "payload \(number) namespace \(hexadecimal(entry.namespace)), "
                    + "\(entry.length) bytes \(entry.encoding.name), from cell \(entry.firstCell)")
        }
        lines.append("")
        return lines + CellMap(present: present, stuck: stuck).lines()
    }
}
