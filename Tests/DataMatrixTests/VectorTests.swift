import BLS12381
import DataMatrix
import Foundation
import KZGCommitments
import SystemCrypto
import Testing

/// `specs/vectors/`, made by the executable specification, which shares nothing with this code.
@Suite("Vectors of the specification") struct VectorTests {
    private func vectors<T: Decodable>(_ name: String, _ type: T.Type) throws -> T {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../specs/vectors")
        return try JSONDecoder().decode(
            type, from: Data(contentsOf: folder.appendingPathComponent(name + ".json")))
    }

    private func bytes(_ hex: String) throws -> [UInt8] {
        try #require(hex.hasPrefix("0x") && hex.count % 2 == 0)
        let digits = try hex.dropFirst(2).map { UInt8(try #require($0.hexDigitValue)) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    private func preset(_ name: String) throws -> Preset {
        try #require([Preset.mainnet, .minimal].first { $0.name == name })
    }

    private struct Matrix: Decodable {
        let preset: String
        let payloads: [String]
        let firstCells: [UInt32]
        let dataRows: Int
        let commitments: [String]
        let cells: [[String]]
        let proofs: [[String]]
    }

    @Test func matrices() throws {
        let vectors = try vectors("matrix", [Matrix].self)
        #expect(vectors.count >= 4)
        for vector in vectors {
            let preset = try preset(vector.preset)
            let block = try BlockEncoder(prover: Provers.prover(preset)).encode(
                vector.payloads.map { Payload(namespace: [], bytes: try bytes($0)) })
            #expect(block.shape.dataRows == vector.dataRows)
            #expect(block.description.index.map(\.firstCell) == vector.firstCells)
            let commitments = block.description.commitments
            let parity = try ColumnExtension(shape: block.shape).parityCommitments(commitments)
            #expect((commitments + parity).map(\.description) == vector.commitments)
            for row in 0..<block.shape.rows {
                for column in 0..<block.shape.columns {
                    let place = CellCoordinate(row: row, column: column)
                    #expect(
                        block.matrix.cell(at: place) == (try bytes(vector.cells[row][column])))
                    #expect(
                        block.matrix.proof(at: place)?.description == vector.proofs[row][column])
                }
            }
        }
    }

    private struct Column: Decodable {
        let dataRows: Int
        let values: [String]
        let lastParity: String
        let sha256: String
    }

    /// The column extension of one position, at every height: the position is put into the first
    /// element of otherwise empty minimal cells.
    @Test func columns() throws {
        let vectors = try vectors("columns", [Column].self)
        #expect(vectors.map(\.dataRows) == [1, 2, 4, 8, 16, 32, 64, 128, 256])
        for vector in vectors {
            let shape = makeShape(.minimal, vector.dataRows)
            var matrix = PartialMatrix(shape)
            let rest = [UInt8](repeating: 0, count: 96)
            for (row, value) in vector.values.enumerated() {
                try matrix.insert(
                    try bytes(value) + rest, at: CellCoordinate(row: row, column: 0))
            }
            try Reconstructor(shape: shape).rebuild([.column(0)], of: &matrix)
            let extended = try (0..<shape.rows).map { row in
                Array(
                    try #require(matrix.cell(at: CellCoordinate(row: row, column: 0))).prefix(32))
            }
            #expect(extended.last == (try bytes(vector.lastParity)))
            #expect(SHA256.hash(Array(extended.joined())) == (try bytes(vector.sha256)))
        }
    }

    private struct Packing: Decodable {
        struct Packed: Decodable {
            let preset: String
            let payload: String
            let cells: [String]
        }
        struct Malformed: Decodable {
            let preset: String
            let why: String
            let length: UInt32
            let cell: String
        }
        let packed: [Packed]
        let malformed: [Malformed]
    }

    @Test func packing() throws {
        let vectors = try vectors("packing", Packing.self)
        #expect(vectors.packed.count >= 10 && vectors.malformed.count >= 2)
        for vector in vectors.packed {
            let preset = try preset(vector.preset)
            let payload = try bytes(vector.payload)
            let cells = try PayloadPacking.cells(
                of: Payload(namespace: [], bytes: payload), preset)
            #expect(cells == (try vector.cells.flatMap { try bytes($0) }))
            let entry = PayloadIndexEntry(
                namespace: [], firstCell: 0, length: UInt32(payload.count), encoding: .packed)
            #expect(try PayloadPacking.payload(entry, inCells: cells, preset) == payload)
        }
        for vector in vectors.malformed {
            let entry = PayloadIndexEntry(
                namespace: [], firstCell: 0, length: vector.length, encoding: .packed)
            #expect(throws: PayloadPackingError.self, "\(vector.why)") {
                try PayloadPacking.payload(
                    entry, inCells: try bytes(vector.cell), try preset(vector.preset))
            }
        }
    }

    private struct Closure: Decodable {
        struct Smallest: Decodable {
            let dataRows: Int
            let cells: Int
        }
        let decodable: Int
        let missingAfterClosure: [String: Int]
        let sha256OfMissingCounts: String
        let smallestStoppingSets: [Smallest]
    }

    @Test func decodability() throws {
        let vector = try vectors("decodability", Closure.self)
        let shape = makeShape(.minimal, 2)
        var counts: [UInt8] = []
        for pattern in 0..<65_536 {
            let held = try #require(
                CellSet(shape, bytes: (0..<4).map { UInt8(pattern >> (4 * $0) & 15) }))
            counts.append(UInt8(Decodability.stuckSet(held).count))
        }
        #expect(counts.count { $0 == 0 } == vector.decodable)
        let sizes = Dictionary(grouping: counts, by: { "\($0)" }).mapValues(\.count)
        #expect(sizes == vector.missingAfterClosure)
        #expect(SHA256.hash(counts) == (try bytes(vector.sha256OfMissingCounts)))
        for smallest in vector.smallestStoppingSets {
            let shape = makeShape(.mainnet, smallest.dataRows)
            #expect(shape.smallestStoppingSet == smallest.cells)
        }
    }
}
