import Availability
import DataMatrix
import Foundation
import KZGCommitments
import SSZ
import SystemCrypto
import Testing

/// The numbers in `specs/` are those of the code.
@Suite struct SpecificationSuite {
    /// The rows of the tables of a page, as cells of text without backticks.
    private func rows(_ page: String) throws -> [[String]] {
        let text = String(decoding: try specification(page), as: UTF8.self)
        return text.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map {
                    $0.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: "`", with: "")
                }
        }
    }

    @Test func limits() throws {
        let code: [String: Int] = [
            "SIGNATURE_BYTES": Limits.signatureByteCount,
            "MAX_SEQUENCERS": Limits.sequencers,
            "MAX_DATA_ROWS": Limits.dataRows,
            "MAX_INDEX_ENTRIES": Limits.indexEntries,
            "MAX_NAMESPACE_BYTES": Limits.namespaceBytes,
            "MAX_SIGNED_HEADER_BYTES": Limits.signedHeaderBytes,
            "MAX_HEADERS_PER_PLACE": Limits.headersPerPlace,
            "COLUMN_GROUPS": Limits.columnGroups,
            "MAX_CELL_BYTES": Limits.cellBytes,
            "MAX_CELLS_PER_MESSAGE": Limits.cellsPerMessage,
            "MAX_MESSAGE_BYTES": Limits.messageBytes,
            "MAX_PENDING_COLUMN_BYTES_PER_PEER": Limits.pendingColumnBytesPerPeer,
            "MAX_CELLS_PER_REQUEST": Limits.cellsPerRequest,
            "MAX_COLUMNS_PER_REQUEST": Limits.columnsPerRequest,
            "MAX_HEADERS_PER_REQUEST": Limits.headersPerRequest,
            "MAX_SAMPLES_PER_PEER": Limits.samplesPerPeer,
            "MAX_PEER_RECORD_BYTES": Limits.peerRecordBytes,
            "MAX_PEERS_PER_ANSWER": Limits.peersPerAnswer,
            "MAX_PEER_ID_BYTES": Limits.peerIDBytes,
            "MAX_PEERS_PER_REPORT": Limits.peersPerReport,
            "MAX_ATTEMPTS": Limits.attempts,
            "MAX_REPORT_BYTES": Limits.reportBytes,
            "MAX_REPORTS_PER_HEADER": Limits.reportsPerHeader,
        ]
        let name = /[A-Z][A-Z_]+/
        let table = try rows("parameters.md").filter { $0[0].wholeMatch(of: name) != nil }
        #expect(table.count == code.count)
        for row in table { #expect(code[row[0]] == Int(row[1]), "\(row[0])") }
    }

    @Test func defaults() throws {
        let network = try NetworkParameters(sequencers: [key(1).publicKey], genesis: genesis)
        let code: [String: UInt64] = [
            "version": UInt64(NetworkParameters.version),
            "preset": 0,
            "slot_milliseconds": UInt64(network.slotMilliseconds),
            "clock_tolerance_milliseconds": UInt64(network.clockToleranceMilliseconds),
            "late_milliseconds": UInt64(network.lateMilliseconds),
            "suspected_milliseconds": UInt64(network.suspectedMilliseconds),
            "withheld_milliseconds": UInt64(network.withheldMilliseconds),
            "maximum_data_rows": UInt64(network.maximumDataRows),
            "sampling_target": UInt64(network.samplingTarget),
            "retention_slots": network.retentionSlots,
            "report_peers": UInt64(network.reportPeers),
            "requests_per_peer_per_slot": UInt64(network.requestsPerPeerPerSlot),
            "bytes_per_peer_per_slot": UInt64(network.bytesPerPeerPerSlot),
        ]
        let table = try rows("parameters.md").filter { $0.count == 4 && UInt64($0[2]) != nil }
        #expect(table.count == code.count)
        for row in table { #expect(code[row[0]] == UInt64(row[2]), "\(row[0])") }
        #expect(network.preset == .mainnet)
    }

    @Test func presets() throws {
        struct File: Decodable {
            var name: String
            var number: UInt8
            var FIELD_ELEMENTS_PER_BLOB: Int
            var FIELD_ELEMENTS_PER_CELL: Int
            var BYTES_PER_FIELD_ELEMENT: Int
            var BYTES_PER_BLOB: Int
            var BYTES_PER_CELL: Int
            var COLUMNS: Int
            var DATA_COLUMNS: Int
            var PAYLOAD_BYTES_PER_CELL: Int
        }
        let page = try rows("parameters.md").filter { $0.count == 3 }
        for (column, preset) in [Preset.mainnet, .minimal].enumerated() {
            let file = try JSONDecoder().decode(
                File.self, from: specification("presets/\(preset.name).json"))
            #expect(file.name == preset.name)
            #expect(file.FIELD_ELEMENTS_PER_BLOB == preset.fieldElementsPerBlob)
            #expect(file.FIELD_ELEMENTS_PER_CELL == preset.fieldElementsPerCell)
            #expect(file.BYTES_PER_FIELD_ELEMENT == Preset.bytesPerFieldElement)
            #expect(file.BYTES_PER_BLOB == preset.bytesPerBlob)
            #expect(file.BYTES_PER_CELL == preset.bytesPerCell)
            #expect(file.COLUMNS == preset.cellsPerExtendedBlob)
            #expect(file.DATA_COLUMNS == preset.cellsPerBlob)
            #expect(
                file.PAYLOAD_BYTES_PER_CELL == PayloadIndex.bytesPerCell(.packed, preset))
            #expect(try network(preset).encoded[1] == file.number)
            #expect(page[0][column + 1] == "\(preset.name) (\(file.number))")
            let numbers = page[2...8].map { Int($0[column + 1]) }
            #expect(
                numbers == [
                    file.FIELD_ELEMENTS_PER_BLOB, file.FIELD_ELEMENTS_PER_CELL,
                    file.BYTES_PER_BLOB, file.BYTES_PER_CELL, file.COLUMNS, file.DATA_COLUMNS,
                    file.PAYLOAD_BYTES_PER_CELL,
                ])
        }
    }

    @Test func samplingTable() throws {
        let table = try rows("sampling.md").filter { $0.count == 11 }
            .compactMap { row in
                let numbers = row.compactMap { Int($0) }
                return numbers.count == 11 ? numbers : nil
            }
        #expect(table.map { $0[0] } == (0...8).map { 1 << $0 })
        for row in table {
            let shape = try MatrixShape(preset: .mainnet, dataRows: row[0])
            func samples(_ target: Int, _ misses: Int = 0) -> Int? {
                SamplingPlan(shape: shape, knownZeroRows: [], target: target)
                    .samples(allowingMisses: misses)
            }
            let plan = SamplingPlan(shape: shape, knownZeroRows: [], target: 9)
            #expect(plan.cellCount == row[1])
            #expect(plan.smallestStoppingSet == row[2])
            #expect(samples(3) == row[3])
            #expect(samples(6) == row[4])
            #expect(samples(9) == row[5])
            #expect(samples(9, 1) == row[6])
            #expect(samples(9, 2) == row[7])
            #expect(samples(9, 4) == row[8])
            let floor = HealingFloor(plan: plan, samples: row[5])
            #expect(floor.guaranteed == row[9])
            #expect(floor.typical == row[10])
        }
    }

    /// What is said of typical coverage: in the table as in the code, and as it is measured anew for
    /// small matrices.
    @Test func typicalCoverage() throws {
        let table = try rows("sampling.md")
        for preset in [Preset.mainnet, .minimal] {
            let row = try #require(table.first { $0[0] == preset.name })
            #expect(row.dropFirst().compactMap { Double($0) } == TypicalCoverage.table(preset))
        }
        var random = SeededRandom(number: 11)
        for dataRows in [1, 4, 8] {
            let shape = try MatrixShape(preset: .mainnet, dataRows: dataRows)
            let share = TypicalCoverage.fraction(dataRows: dataRows, preset: .mainnet)
            let held = Int((share * Double(shape.cellCount)).rounded())
            var decoded = 0
            for _ in 0..<300 {
                let cells = Erasure.random(held, of: .all(of: shape), using: &random)
                if Decodability.isDecodable(cells) { decoded += 1 }
            }
            // 297 expected, standard deviation 1.7.
            #expect(decoded >= 288, "\(dataRows): \(decoded)")
        }
    }

    @Test func sizesInTheText() throws {
        let headers = String(decoding: try specification("headers.md"), as: UTF8.self)
        let signed = try HeaderFields(network(), dataRows: 1).signed().summary
        #expect(headers.contains("\(signed.summary.encoded.count) bytes"))
        #expect(headers.contains("frame \(signed.encoded.count),"))
        let parameters = String(decoding: try specification("parameters.md"), as: UTF8.self)
        for domain in SigningDomain.allCases {
            #expect(parameters.contains("| `\(domain.rawValue)` |"))
        }
        let messages = String(decoding: try specification("messages.md"), as: UTF8.self)
        for request in NetworkNames.RequestProtocol.allCases {
            #expect(messages.contains("| `\(request.rawValue)` |"))
        }
        let evidence = try rows("evidence.md")
        #expect(
            evidence.filter { $0.count == 2 && Int($0[0]) != nil }.map { $0[0] }
                == Evidence.Kind.allCases.map { "\($0.rawValue)" })
    }
}
