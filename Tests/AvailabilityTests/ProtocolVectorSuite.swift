import Availability
import DataMatrix
import Foundation
import KZGCommitments
import SSZ
import Testing

/// Values built here equal, to the byte, those that independent implementations of SSZ and Ed25519
/// made of the same fields (`scripts/make-protocol-vectors.py`).
@Suite struct ProtocolVectorSuite {
    struct Vector: Decodable {
        var encoded: String
        var root: String
    }

    private let vectors: [String: Vector]
    private let parameters: NetworkParameters

    init() throws {
        vectors = try JSONDecoder().decode(
            [String: Vector].self, from: specification("vectors/protocol.json"))
        parameters = try network(.minimal)
    }

    private func check<Value: SSZCodable & Equatable>(_ name: String, _ value: Value) throws {
        let vector = try #require(vectors[name])
        #expect(value.encoded == hex(vector.encoded), "\(name)")
        #expect(value.hashTreeRoot.bytes == hex(vector.root), "\(name)")
        #expect(try Value(encoded: hex(vector.encoded)) == value, "\(name)")
    }

    private func signed(slot: UInt64) throws -> SignedHeader {
        var fields = try HeaderFields(parameters, dataRows: 2)
        fields.slot = slot
        return try fields.signed()
    }

    @Test func parametersAndHeaders() throws {
        try check("parameters", parameters)
        let signed = try signed(slot: 9)
        try check("signedHeader", signed)
        try check("signedSummary", signed.summary)
        #expect(signed.root == signed.header.hashTreeRoot)
        #expect(signed.root == signed.summary.root)
    }

    @Test func cells() throws {
        let root = try signed(slot: 9).root
        try check(
            "columnMessage",
            ColumnMessage(
                headerRoot: root, column: 3, rows: [0, 2, 3],
                cells: (0..<3).map { [UInt8](repeating: $0, count: 128) },
                proofs: (0..<3).map { try proof($0) }))
        try check(
            "cellsRequest",
            CellsRequest(
                headerRoot: root,
                cells: [CellCoordinate(row: 0, column: 1), CellCoordinate(row: 3, column: 0)]))
        try check(
            "cellsResponse",
            CellsResponse(
                status: .ok,
                cells: [
                    ProvenCell(
                        coordinate: CellCoordinate(row: 0, column: 1),
                        cell: [UInt8](repeating: 5, count: 128), proof: proof(5))
                ]))
    }

    @Test func status() throws {
        let record = try CustodyRecord(
            networkID: parameters.networkID, groups: ColumnGroups([0, 31]), made: genesis,
            key: key(3))
        try check("custodyRecord", record)
        #expect(record.isSignatureValid)
        try check(
            "status",
            StatusMessage(
                networkID: parameters.networkID, role: .full, custody: record,
                lanes: [
                    LaneHead(
                        sequencer: key(1).publicKey, height: 5, slot: 9,
                        root: signed(slot: 9).root)
                ]))
    }

    @Test func evidence() throws {
        let log = try EvidenceSamples.log()
        try check("attemptLog", log)
        let report = try EvidenceSamples.report(parameters, header: signed(slot: 9).summary)
        try check("withholdingReport", report)
        let proof = try #require(
            EquivocationProof(signed(slot: 10).summary, signed(slot: 9).summary))
        try check("equivocationProof", proof)
    }
}
