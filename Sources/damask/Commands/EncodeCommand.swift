import ArgumentParser
import DataMatrix
import KZGCommitments

/// `damask encode`: a file becomes a block file.
struct EncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Make the extended matrix of a file, with commitments and proofs.",
        discussion: """
            Works offline. The block has the smallest number of data rows that holds the file, up to \
            256: 31 MiB, or 32 MiB with --raw.
            """)

    @Argument(help: "The file to carry.", completion: .file())
    var file: String

    @OptionGroup var output: OutputOptions

    @Option(help: ArgumentHelp("Whose payload it is: up to 32 bytes.", valueName: "hex"))
    var namespace = "00"

    @Flag(help: "The file is whole blobs: canonical field elements, 131072 bytes each.")
    var raw = false

    @OptionGroup var threads: ThreadOptions

    func validate() throws { _ = try namespaceBytes() }

    private func namespaceBytes() throws -> [UInt8] {
        let digits = namespace.hasPrefix("0x") ? namespace.dropFirst(2) : namespace[...]
        var bytes: [UInt8] = []
        var rest = Array(digits)[...]
        while rest.count >= 2 {
            guard let high = rest.removeFirst().hexDigitValue,
                let low = rest.removeFirst().hexDigitValue
            else { break }
            bytes.append(UInt8(high << 4 | low))
        }
        guard 2 * bytes.count == digits.count,
            bytes.count <= PayloadIndexEntry.maximumNamespaceLength
        else {
            throw ValidationError("--namespace takes up to 32 bytes in hexadecimal, such as 00a1.")
        }
        return bytes
    }

    func run() throws {
        let namespace = try namespaceBytes()
        try reportingFailures(of: "encode") {
            let preset = Preset.mainnet
            let limit =
                raw
                ? PayloadIndex.maximumRawBytes(preset) : PayloadIndex.maximumPackedBytes(preset)
            let bytes = try InputFile.read(file, limit: limit)
            if raw, bytes.count % preset.bytesPerBlob != 0 {
                throw CommandFailure(
                    .failed, in: file,
                    "\(bytes.count) bytes are not whole raw blobs of \(preset.bytesPerBlob) bytes")
            }
            let target = try OutputFile(path: output.output)
            Console.progress("encoding \(bytes.count) bytes ...")
            let block: ExtendedBlock
            do throws(EncodingError) {
                block = try BlockEncoder(prover: .mainnet, threads: threads.count).encode([
                    Payload(
                        namespace: namespace, bytes: bytes, encoding: raw ? .raw : .packed)
                ])
            } catch { throw CommandFailure(.failed, in: file, error.description) }
            let writer = try BlockFileWriter(block)
            try writer.write { try target.write($0) }
            try target.finish()
            Console.clearProgress()
            print(
                "\(output.output): \(bytes.count) bytes in \(block.shape.rows) rows of "
                    + "\(block.shape.columns) cells, \(writer.byteCount) bytes on disk")
        }
    }
}
