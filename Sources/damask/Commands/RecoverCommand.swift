import ArgumentParser
import DataMatrix
import KZGCommitments

/// `damask recover`: a payload out of whatever is left of its block.
struct RecoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Rebuild a block from the cells that are there, and write its payload.",
        discussion: """
            The result is checked against the block's commitments before anything is written. Exits \
            with 3 and names the cells if too many are missing, with 5 if cells are wrong.
            """)

    /// The most lines of stuck cells on standard error; --json has them all.
    private static let maximumLines = 8

    @Argument(help: "The block file.", completion: .file())
    var block: String

    @OptionGroup var output: OutputOptions

    @Option(help: "Which payload, counted from 0; needed if the block has several.")
    var payload: Int?

    @Flag(help: "Print what was done, or which cells are stuck, as one JSON object.")
    var json = false

    @OptionGroup var threads: ThreadOptions

    func run() throws {
        try reportingFailures(of: "recover") {
            var (_, block) = try InputFile.wholeBlock(self.block)
            let (number, entry) = try entry(of: block.description)
            let missing = block.matrix.cells.complement.count
            let target = try OutputFile(path: output.output)
            try rebuild(&block)
            let bytes: [UInt8]
            do throws(PayloadError) { bytes = try block.payload(entry) } catch {
                throw CommandFailure(.failed, in: self.block, "payload \(number): \(error)")
            }
            try bytes.withUnsafeBytes { try target.write($0) }
            try target.finish()
            Console.clearProgress()
            print(
                json
                    ? "{\"recovered\":true,\"payload\":\(number),\"length\":\(bytes.count),"
                        + "\"rebuiltCells\":\(missing)}"
                    : "\(output.output): \(bytes.count) bytes, after rebuilding \(missing) cells")
        }
    }

    private func entry(
        of description: BlockDescription
    ) throws -> (number: Int, entry: PayloadIndexEntry) {
        let index = description.index
        guard !index.isEmpty else { throw CommandFailure(.failed, in: block, "carries no payload") }
        guard let number = payload ?? (index.count == 1 ? 0 : nil) else {
            throw CommandFailure(
                .failed, in: block, "carries \(index.count) payloads: say which with --payload")
        }
        guard index.indices.contains(number) else {
            throw CommandFailure(
                .failed, in: block, "has no payload \(number), only 0 to \(index.count - 1)")
        }
        return (number, index[number])
    }

    private func rebuild(_ block: inout ExtendedBlock) throws {
        do throws(ReconstructionError) {
            try Reconstructor(shape: block.shape, threads: threads.count)
                .rebuild(&block, checkedBy: KZGProver.forPreset(block.shape.preset)) { state in
                    Console.progress("rebuilt \(state.rebuilt) of \(state.missing) cells")
                    return true
                }
        } catch {
            if case .stuck(let cells) = error {
                try reportStuck(cells)
                throw CommandFailure(.unavailable, in: self.block, stuckMessage(cells))
            }
            throw CommandFailure(.invalid, in: self.block, error.description)
        }
    }

    private func stuckMessage(_ cells: CellSet) -> String {
        let groups = cells.groupedByRows
        var lines = [
            "can't be rebuilt: \(cells.count) cells are stuck, too few others being left in their "
                + "rows and columns:"
        ]
        lines += groups.prefix(Self.maximumLines).map { "  " + $0 }
        if groups.count > Self.maximumLines {
            lines.append(
                "  and \(groups.count - Self.maximumLines) more groups of rows; --json prints all")
        }
        return lines.joined(separator: "\n")
    }

    private func reportStuck(_ cells: CellSet) throws {
        guard json else { return }
        let rows = (0..<cells.shape.rows).map { "\"\(hexadecimal(cells.bytes(ofRow: $0)))\"" }
        var output = ResultWriter()
        try output.line(
            "{\"recovered\":false,\"stuckCells\":\(cells.count),"
                + "\"stuck\":[\(rows.joined(separator: ","))]}")
        try output.flush()
    }
}

extension KZGProver {
    /// The prover of a preset; mainnet's is loaded once.
    static func forPreset(_ preset: Preset) -> KZGProver {
        preset == .mainnet ? .mainnet : KZGProver(preset: preset)
    }
}
