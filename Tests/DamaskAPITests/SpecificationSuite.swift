import DamaskAPI
import DamaskClient
import Foundation
import Testing

/// `specs/http.md` says what the code does.
@Suite struct HTTPSpecificationSuite {
    private var page: String {
        get throws {
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../../specs/http.md")
            return try String(contentsOf: file, encoding: .utf8)
        }
    }

    private func rows() throws -> [[String]] {
        try page.split(separator: "\n").filter { $0.hasPrefix("|") }.map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map {
                    $0.trimmingCharacters(in: .whitespaces).replacingOccurrences(of: "`", with: "")
                }
        }
    }

    @Test func routes() throws {
        let written = try page.split(separator: "\n").filter { $0.hasPrefix("### ") }
            .map { $0.dropFirst(4).replacingOccurrences(of: "`", with: "") }
        #expect(written == APIRoutes.all.map { "\($0.method) \($0.path)" })
    }

    @Test func codes() throws {
        let written = try rows().filter {
            $0.count == 3 && $0[1].count == 3 && Int($0[1]) != nil && $0[0] == $0[0].lowercased()
        }
        .map { $0[0] }
        #expect(Set(written) == Set(ErrorCode.allCases.map(\.rawValue)))
    }

    @Test func limits() throws {
        let code: [String: Int] = [
            "PAYLOAD_BYTES": APILimits.payloadBytes,
            "RAW_PAYLOAD_BYTES": APILimits.rawPayloadBytes,
            "TARGET_BYTES": APILimits.targetBytes,
            "HEADER_FIELD_BYTES": APILimits.headerFieldBytes,
            "HEADER_BYTES": APILimits.headerBytes,
            "HEADER_FIELDS": APILimits.headerFields,
            "CONNECTIONS": APILimits.connections,
            "IDLE_SECONDS": APILimits.idleSeconds,
            "BODY_SECONDS": APILimits.bodySeconds,
            "STALL_SECONDS": APILimits.stallSeconds,
            "PUBLICATIONS": APILimits.publications,
            "PAYLOAD_READS": APILimits.payloadReads,
            "WAIT_MILLISECONDS": Int(APILimits.waitMilliseconds),
            "HEADERS": APILimits.headers,
            "BLOCKS": APILimits.blocks,
            "CELLS": APILimits.cells,
            "EVIDENCE": APILimits.evidence,
            "EVENT_STREAMS": APILimits.eventStreams,
            "QUEUED_EVENTS": APILimits.queuedEvents,
            "HEARTBEAT_SECONDS": APILimits.heartbeatSeconds,
            "EVENT_BYTES": APILimits.eventBytes,
            "ANSWER_BYTES": APILimits.answerBytes,
        ]
        let name = /[A-Z][A-Z_]+/
        let table = try rows().filter { $0[0].wholeMatch(of: name) != nil }
        #expect(table.count == code.count)
        for row in table { #expect(code[row[0]] == Int(row[1]), "\(row[0])") }
    }
}
