import DataMatrix
import KZGCommitments
import SystemCrypto

/// Block files: bytes of any kind, valid files altered in some places, and files whose checksums are
/// right and whose contents are not. What is read as a block is written as the same bytes.
let blockFileTarget = FuzzTarget(
    name: "block-file", maximumLength: 4096,
    seeds: {
        let files = sampleFiles.map { [0] + $0 }
        let altered = (0..<16).map { number -> [UInt8] in
            var random = FuzzRandom(seed: UInt64(400 + number))
            return [UInt8(1 + number % 2)] + random.bytes(40)
        }
        return files + altered
    },
    run: { bytes in
        var reader = ByteReader(bytes)
        switch reader.below(4) {
        case 0: open(reader.rest())
        case 1: open(altered(&reader))
        default: openForged(&reader)
        }
    })

private let sampleFiles: [[UInt8]] = [
    sampleFile(1, density: 256, proofs: true), sampleFile(2, density: 128, proofs: true),
    sampleFile(4, density: 100, proofs: false), sampleFile(2, density: 0, proofs: true),
]

/// A file with made-up commitments, the last row's being the point at infinity.
private func sampleFile(_ dataRows: Int, density: Int, proofs: Bool) -> [UInt8] {
    var random = FuzzRandom(seed: UInt64(dataRows))
    let shape = must("shape") { try MatrixShape(preset: .minimal, dataRows: dataRows) }
    let commitments = (0..<dataRows).map { row -> KZGCommitment in
        row == 0 || row < dataRows - 1
            ? KZGCommitment(random.bytes(48)) ?? .infinity : KZGCommitment.infinity
    }
    let description = must("description") {
        try BlockDescription(
            shape: shape, commitments: commitments,
            index: [
                PayloadIndexEntry(namespace: [7], firstCell: 0, length: 9, encoding: .packed)
            ])
    }
    var matrix = PartialMatrix(shape)
    for place in CellSet.all(of: shape).subtracting(description.zeroCells)
    where random.below(256) < density {
        must("insert") {
            try matrix.insert(random.bytes(128), proof: KZGProof(random.bytes(48)), at: place)
        }
    }
    let block = ExtendedBlock(description: description, matrix: matrix)
    return must("file") { try BlockFileWriter(block, includingProofs: proofs).bytes() }
}

/// A valid file with a few changes; it is no valid file any more unless it is the same.
private func altered(_ reader: inout ByteReader) -> [UInt8] {
    let original = reader.pick(sampleFiles)
    var file = original
    for _ in 0..<(1 + reader.below(3)) where !file.isEmpty {
        switch reader.below(5) {
        case 0: file[reader.below(file.count)] ^= reader.byte()
        case 1: file.removeLast(reader.below(file.count + 1))
        case 2: file += reader.take(reader.below(40))
        case 3:
            let (from, to) = (reader.below(file.count), reader.below(file.count))
            file.swapAt(from, to)
        default:
            let place = reader.below(file.count)
            file.insert(contentsOf: reader.take(reader.below(8)), at: place)
        }
    }
    let isOpened = (try? BlockFileReader(MemoryByteSource(file)).checkAll()) != nil
    require(isOpened == (file == original), "an altered file was accepted")
    return file
}

private func open(_ file: [UInt8]) {
    let reader: BlockFileReader<MemoryByteSource>
    do throws(BlockFileError) { reader = try BlockFileReader(MemoryByteSource(file)) } catch {
        require(!error.description.isEmpty, "no reason")
        return
    }
    // Larger ones take as much memory as they say, within the limits of blocks; too slow here.
    guard reader.description.shape.byteCount <= 1 << 20 else { return }
    var intact = true
    do throws(BlockFileError) { try reader.checkAll() } catch {
        require(!error.description.isEmpty, "no reason")
        intact = false
    }
    let block: ExtendedBlock
    do throws(BlockFileError) { block = try reader.readBlock() } catch {
        require(!intact, "an intact file was not read: \(error)")
        return
    }
    require(intact, "a damaged file was read")
    require(block.matrix.cells == reader.cells, "cells")
    for entry in reader.description.index {
        let direct = try? reader.payload(entry)
        let whole = try? block.payload(entry)
        require(direct == whole, "a payload read alone is another")
    }
    let again = must("writing") {
        try BlockFileWriter(block, includingProofs: reader.hasProofs).bytes()
    }
    require(again == file, "the block has another file")
}

/// Writes a file by the specification's page, with contents that need not make sense and every
/// checksum right, but for those that the input spoils.
private func openForged(_ reader: inout ByteReader) {
    let dataRows = reader.bit() ? 1 << reader.below(4) : Int(reader.uint16())
    let preset = reader.pick(["minimal", "minimal", "minimal", "mainnet", "", "minimal\0"])
    let commitmentCount = reader.below(8) == 0 ? reader.below(9) : min(dataRows, 256)
    let commitments = (0..<commitmentCount).map { _ -> [UInt8] in
        reader.bit() ? [0xc0] + [UInt8](repeating: 0, count: 47) : reader.exactly(48)
    }
    var entries: [[UInt8]] = []
    for _ in 0..<reader.below(4) {
        let namespace = reader.take(reader.below(34))
        entries.append(
            bytes(UInt32(13))
                + bytes(UInt32(reader.bit() ? reader.below(16) : Int(reader.uint32())))
                + bytes(UInt32(reader.bit() ? reader.below(400) : Int(reader.uint32())))
                + [reader.below(8) == 0 ? reader.byte() : 0] + namespace)
    }
    var offset = 4 * entries.count
    var index: [UInt8] = []
    for entry in entries {
        index += bytes(UInt32(offset))
        offset += entry.count
    }
    index += entries.joined()
    let rowBytes = preset == "mainnet" ? 16 : 1
    let mapLength = reader.below(8) == 0 ? reader.below(40) : 2 * dataRows * rowBytes
    let mask = reader.below(4) == 0 ? UInt8.max : 0x0f
    let map = (0..<min(mapLength, 64)).map { _ in reader.byte() & mask }
    let hasProofs = reader.below(8) == 0 ? reader.byte() : reader.byte() & 1

    let parts: [[UInt8]] = [Array(preset.utf8), commitments.flatMap { $0 }, index, map]
    var description = bytes(UInt32(19)) + bytes(UInt16(truncatingIfNeeded: dataRows))
    var position = 19 + parts[0].count
    for part in parts[1...] {
        description += bytes(UInt32(position))
        position += part.count
    }
    description += [hasProofs]
    description += parts.joined()
    for _ in 0..<max(0, reader.below(8) - 6) where !description.isEmpty {
        description[reader.below(description.count)] ^= reader.byte()
    }
    let hash = SHA256.hash(description)

    var records: [UInt8] = []
    for (row, columns) in map.enumerated() where rowBytes == 1 {
        for column in 0..<8 where columns >> UInt8(column) & 1 == 1 {
            let content = reader.exactly(hasProofs == 1 ? 176 : 128)
            records += content
            records += SHA256.hash(hash + bytes(UInt32(row)) + bytes(UInt32(column)) + content)
                .prefix(16)
        }
    }
    if reader.below(16) == 0 { records += reader.take(16) }
    if reader.below(16) == 0, !records.isEmpty { records[reader.below(records.count)] ^= 1 }
    let length = 64 + description.count + records.count
    var preamble: [UInt8] = [0x93, 0x44, 0x41, 0x4d, 0x41, 0x53, 0x4b, 0x0a]
    preamble += bytes(UInt32(reader.below(16) == 0 ? reader.below(4) : 1))
    preamble += bytes(
        UInt32(reader.below(16) == 0 ? Int(reader.uint32()) : description.count))
    preamble +=
        bytes(
            reader.below(16) == 0 ? reader.uint64() : UInt64(length)) + hash
    preamble += SHA256.hash(preamble).prefix(8)
    open(preamble + description + records)
}

private func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
