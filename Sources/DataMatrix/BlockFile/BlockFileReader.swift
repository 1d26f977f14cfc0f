public import KZGCommitments
import SSZ
import SystemCrypto

/// Reads a block file in place: the description at once, cells when they are asked for, and no
/// others.
public struct BlockFileReader<Source: ByteSource> {
    /// What the block's header says of its data.
    public let description: BlockDescription

    /// The cells in the file. Those of zero rows are not: they are known.
    public let stored: CellSet

    /// Whether the cells have their proofs with them.
    public let hasProofs: Bool

    private let source: Source
    private let descriptionHash: [UInt8]
    private let firstRecord: Int
    private let recordByteCount: Int

    /// The number of records before each row's first.
    private let recordsBeforeRow: [Int]

    /// Opens a file.
    ///
    /// - Parameter source: Its bytes.
    /// - Throws: ``BlockFileError`` if this is no block file, or one of an unknown version, or if its
    ///   length, its preamble or its description is wrong.
    public init(_ source: Source) throws(BlockFileError) {
        let actual = try Self.catching { () throws(Source.Failure) in try source.byteCount }
        let preamble = try Self.readPreamble(source, byteCount: actual)
        let headEnd = BlockFileFormat.preambleByteCount + preamble.descriptionByteCount
        guard headEnd <= preamble.fileByteCount,
            preamble.descriptionByteCount <= BlockFileFormat.descriptionType.maximumByteCount
        else { throw .malformedDescription("\(preamble.descriptionByteCount) bytes") }
        guard actual >= preamble.fileByteCount else {
            throw .truncated(actual: actual, expected: preamble.fileByteCount)
        }
        guard actual == preamble.fileByteCount else {
            throw .trailingBytes(actual: actual, expected: preamble.fileByteCount)
        }
        let bytes = try Self.read(
            source, preamble.descriptionByteCount, at: BlockFileFormat.preambleByteCount)
        guard SHA256.hash(bytes) == preamble.descriptionHash else {
            throw .damagedDescription(byteCount: bytes.count)
        }
        let raw: BlockFileFormat.Description
        do { raw = try BlockFileFormat.descriptionType.decode(bytes) } catch {
            throw .malformedDescription(error.description)
        }
        (description, stored) = try Self.interpret(raw)
        hasProofs = raw.hasProofs
        self.source = source
        descriptionHash = preamble.descriptionHash
        firstRecord = headEnd
        recordByteCount = BlockFileFormat.recordByteCount(
            description.shape.preset, hasProofs: raw.hasProofs)
        var before = 0
        var counts: [Int] = []
        for row in 0..<description.shape.rows {
            counts.append(before)
            before += stored.count(inRow: row)
        }
        recordsBeforeRow = counts
        guard preamble.fileByteCount == headEnd + before * recordByteCount else {
            throw .malformedDescription(
                "\(before) cells do not make a file of \(preamble.fileByteCount) bytes")
        }
    }

    /// The cells that the file gives: those stored and those of zero rows.
    public var cells: CellSet { stored.union(description.zeroCells) }

    // MARK: - Cells

    /// Reads stored cells, with their proofs if the file has them.
    ///
    /// - Parameters:
    ///   - places: Which cells; those not stored are passed over.
    ///   - body: Gets each of them in row-major order.
    /// - Throws: ``BlockFileError`` at the first record that is damaged or can't be read.
    public func read(
        _ places: CellSet, _ body: (CellCoordinate, UnsafeRawBufferPointer, KZGProof?) -> Void
    ) throws(BlockFileError) {
        precondition(places.shape == description.shape, "cells of another matrix")
        // Records that follow one another are read together, up to a row of them.
        var run: [CellCoordinate] = []
        var runStart = 0
        for place in places.intersection(stored) {
            let record = self.record(of: place)
            if !run.isEmpty,
                record != runStart + run.count || run.count == description.shape.columns
            {
                try readRun(run, from: runStart, body)
                run.removeAll(keepingCapacity: true)
            }
            if run.isEmpty { runStart = record }
            run.append(place)
        }
        if !run.isEmpty { try readRun(run, from: runStart, body) }
    }

    /// The whole block, as much of it as is in the file.
    ///
    /// - Throws: ``BlockFileError``, if any byte of the file is damaged.
    public func readBlock() throws(BlockFileError) -> ExtendedBlock {
        var matrix = PartialMatrix(description.shape)
        var failure: CellError?
        try read(stored) { place, cell, proof in
            do throws(CellError) { try matrix.insert(cell, proof: proof, at: place) } catch {
                failure = error
            }
        }
        if let failure { throw .malformedDescription(failure.description) }
        return ExtendedBlock(description: description, matrix: matrix)
    }

    /// Checks that no byte of the file is damaged.
    ///
    /// - Throws: ``BlockFileError``.
    public func checkAll() throws(BlockFileError) {
        try read(stored) { _, _, _ in }
    }

    /// A payload's bytes; only its cells are read.
    ///
    /// - Throws: ``BlockFileError``; `missingCell` if one of them is not there.
    public func payload(_ entry: PayloadIndexEntry) throws(BlockFileError) -> [UInt8] {
        let places = CellSet(description.shape, description.cells(of: entry))
        let zeros = places.intersection(description.zeroCells)
        let missing = places.subtracting(stored).subtracting(zeros)
        for place in missing { throw .missingCell(place) }
        let size = description.shape.preset.bytesPerCell
        var bytes = [UInt8](repeating: 0, count: places.count * size)
        let first = Int(entry.firstCell)
        let columns = description.shape.dataColumns
        try read(places) { place, cell, _ in
            let start = (place.row * columns + place.column - first) * size
            bytes.withUnsafeMutableBytes {
                UnsafeMutableRawBufferPointer(rebasing: $0[start..<(start + size)])
                    .copyMemory(from: cell)
            }
        }
        do {
            return try PayloadPacking.payload(entry, inCells: bytes, description.shape.preset)
        } catch { throw .malformedPayload(error) }
    }

    private func record(of place: CellCoordinate) -> Int {
        recordsBeforeRow[place.row] + stored.count(inRow: place.row, before: place.column)
    }

    private func readRun(
        _ run: [CellCoordinate], from record: Int,
        _ body: (CellCoordinate, UnsafeRawBufferPointer, KZGProof?) -> Void
    ) throws(BlockFileError) {
        let start = firstRecord + record * recordByteCount
        let bytes = try Self.read(source, run.count * recordByteCount, at: start)
        let contentByteCount = recordByteCount - BlockFileFormat.recordChecksumByteCount
        let cellByteCount = description.shape.preset.bytesPerCell
        var failure: BlockFileError?
        bytes.withUnsafeBytes { bytes in
            for (number, place) in run.enumerated() {
                let record = UnsafeRawBufferPointer(
                    rebasing: bytes[(number * recordByteCount)..<((number + 1) * recordByteCount)])
                let content = UnsafeRawBufferPointer(rebasing: record[..<contentByteCount])
                let checksum = BlockFileFormat.recordChecksum(
                    descriptionHash: descriptionHash, place, content)
                guard checksum.elementsEqual(record[contentByteCount...]) else {
                    failure = .damagedCell(place, offset: start + number * recordByteCount)
                    return
                }
                body(
                    place, UnsafeRawBufferPointer(rebasing: content[..<cellByteCount]),
                    KZGProof(content[cellByteCount...]))
            }
        }
        if let failure { throw failure }
    }

    // MARK: - Opening

    private struct Preamble {
        let descriptionByteCount: Int
        let fileByteCount: Int
        let descriptionHash: [UInt8]
    }

    private static func readPreamble(
        _ source: Source, byteCount: Int
    ) throws(BlockFileError) -> Preamble {
        let size = BlockFileFormat.preambleByteCount
        let bytes = try read(source, min(max(byteCount, 0), size), at: 0)
        let magic = BlockFileFormat.magic
        guard !bytes.isEmpty, magic.starts(with: bytes.prefix(magic.count)) else {
            throw .notABlockFile(byteCount: byteCount)
        }
        guard bytes.count == size else { throw .truncated(actual: byteCount, expected: size) }
        let covered = bytes[..<(size - BlockFileFormat.preambleChecksumByteCount)]
        guard BlockFileFormat.preambleChecksum(covered).elementsEqual(bytes[covered.endIndex...])
        else { throw .damagedPreamble }
        func integer(at offset: Int, _ count: Int) -> UInt64 {
            bytes[offset..<(offset + count)].reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let version = UInt32(integer(at: 8, 4))
        guard version == BlockFileFormat.version else { throw .unknownVersion(version) }
        guard let fileByteCount = Int(exactly: integer(at: 16, 8)) else {
            throw .malformedDescription("a file of \(integer(at: 16, 8)) bytes")
        }
        return Preamble(
            descriptionByteCount: Int(integer(at: 12, 4)), fileByteCount: fileByteCount,
            descriptionHash: Array(bytes[24..<56]))
    }

    private static func interpret(
        _ raw: BlockFileFormat.Description
    ) throws(BlockFileError) -> (BlockDescription, CellSet) {
        guard
            let preset = BlockFileFormat.presets.first(where: {
                $0.name.utf8.elementsEqual(raw.presetName)
            })
        else {
            throw .malformedDescription(
                "unknown preset \"\(String(decoding: raw.presetName, as: UTF8.self))\"")
        }
        let description: BlockDescription
        do {
            let shape = try MatrixShape(preset: preset, dataRows: Int(raw.dataRows))
            description = try BlockDescription(
                shape: shape, commitments: raw.commitments, index: raw.index)
        } catch let error as ShapeError {
            throw .malformedDescription(error.description)
        } catch let error as BlockDescriptionError {
            throw .malformedDescription(error.description)
        } catch {
            throw .malformedDescription("\(error)")
        }
        guard let stored = CellSet(description.shape, bytes: raw.cells) else {
            throw .malformedDescription("the map of cells does not fit the matrix")
        }
        guard stored.isDisjoint(with: description.zeroCells) else {
            throw .malformedDescription("cells of zero rows are stored")
        }
        return (description, stored)
    }

    private static func read(
        _ source: Source, _ count: Int, at offset: Int
    ) throws(BlockFileError) -> [UInt8] {
        var failure: BlockFileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            do throws(BlockFileError) {
                try catching { () throws(Source.Failure) in
                    try source.read(
                        into: UnsafeMutableRawBufferPointer(
                            rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]), at: offset)
                }
                initialized = count
            } catch {
                failure = error
                initialized = 0
            }
        }
        if let failure { throw failure }
        return bytes
    }

    private static func catching<R>(
        _ body: () throws(Source.Failure) -> R
    ) throws(BlockFileError) -> R {
        do throws(Source.Failure) { return try body() } catch { throw .unreadable("\(error)") }
    }
}
