import DamaskAPI
import DamaskClient
import DamaskNode
import DataMatrix
import NodeCore
import SystemCrypto
import Testing

/// Writing: who may, what is taken, and that the same bytes are recognised.
@Suite struct PublishingSuite {
    private let namespace = HexBytes([0xab])

    @Test func theSameBytesAreRecognised() async throws {
        try await serving { served in
            try await served.client { client in
                let bytes = SystemRandom.bytes(100_000)
                let first = try await client.publish(bytes, namespace: namespace)
                #expect(!first.repeated && first.stage == .signed && first.messages == 65)
                #expect(first.commitments.map(\.bytes.count) == [34])
                let again = try await client.publish(bytes, namespace: namespace)
                #expect(again.repeated && again.root == first.root)
                let other = try await client.publish(bytes, namespace: HexBytes([]))
                #expect(!other.repeated && other.root != first.root)
                #expect(
                    served.node.edit { $0.published.first?.payloads }
                        == [Payload(namespace: [0xab], bytes: bytes, encoding: .packed)])
                #expect(try await client.publication(first.root).stage == .available)
            }
        }
    }

    @Test func onlyWithTheToken() async throws {
        try await serving { served in
            for token in [nil, "", "a-token-of-the-test", "a-token-of-the-testsx", "x"] {
                try await served.client(token: token) { client in
                    await ReadingSuite.expect("unauthorised", "token") {
                        _ = try await client.publish([1], namespace: namespace)
                    }
                }
            }
            let answer = try await served.raw(
                "POST /v1/publish?namespace=0x HTTP/1.1\r\nHost: localhost\r\n"
                    + "Authorization: Basic \(Served.token)\r\nContent-Length: 1\r\n\r\nx",
                readingUpTo: 100)
            #expect(answer.hasPrefix("HTTP/1.1 401"))
            #expect(served.node.edit { $0.published.isEmpty })
        }
    }

    @Test func withoutAnyTokenNobodyMay() async throws {
        try await serving({ $0.token = nil }) { served in
            try await served.client { client in
                await ReadingSuite.expect("unauthorised", "takes nothing") {
                    _ = try await client.publish([1], namespace: namespace)
                }
            }
        }
    }

    @Test func sizes() async throws {
        try await serving { served in
            try await served.client { client in
                let most = [UInt8](repeating: 1, count: APILimits.payloadBytes)
                let answer = try await client.publish(most, namespace: namespace)
                #expect(!answer.repeated)
                await ReadingSuite.expect("invalid_request", "empty") {
                    _ = try await client.publish([], namespace: namespace)
                }
                await ReadingSuite.expect("invalid_request", "namespace") {
                    _ = try await client.publish(
                        [1], namespace: HexBytes([UInt8](repeating: 0, count: 33)))
                }
            }
            let answer = try await served.raw(
                "POST /v1/publish?namespace=0x HTTP/1.1\r\nHost: localhost\r\n"
                    + "Authorization: Bearer \(Served.token)\r\n"
                    + "Content-Length: \(APILimits.payloadBytes + 1)\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 413"))
            #expect(answer.contains("\"limit\":\(APILimits.payloadBytes)"))
            #expect(served.node.edit { $0.published.count } == 1)
        }
    }

    @Test func refusalsOfTheSequencer() async throws {
        try await serving { served in
            try await served.client { client in
                for (failure, code, word) in [
                    (BackendError.notSequencer, "not_a_sequencer", "no sequencer"),
                    (.sequencer(.listening(milliseconds: 2500)), "not_signed", "2500 ms"),
                    (.sequencer(.foreignHeader(height: 8)), "not_signed", "height 8"),
                    (.busy(retryMilliseconds: 10), "busy", "10 ms"),
                    (.storage("disk full"), "storage", "disk full"),
                    (.stopping, "stopping", "stopping"),
                    (.tooLarge(what: "payload", actual: 5, maximum: 4), "too_large", "4"),
                ] {
                    served.node.edit { $0.publishFailure = failure }
                    await ReadingSuite.expect(code, word) {
                        _ = try await client.publish([1], namespace: namespace)
                    }
                }
            }
            served.node.edit {
                $0.publishFailure = .sequencer(.listening(milliseconds: 2500))
            }
            let answer = try await served.raw(
                "POST /v1/publish?namespace=0x HTTP/1.1\r\nHost: localhost\r\n"
                    + "Authorization: bearer \(Served.token)\r\nContent-Length: 1\r\n\r\nx",
                readingUpTo: 100)
            #expect(answer.hasPrefix("HTTP/1.1 503"))
            #expect(answer.lowercased().contains("retry-after: 3"))
        }
    }

    @Test func slowBodiesAreNotWaitedFor() async throws {
        try await serving({ $0.bodySeconds = 0.2 }) { served in
            let answer = try await served.raw(
                "POST /v1/publish?namespace=0x HTTP/1.1\r\nHost: localhost\r\n"
                    + "Authorization: Bearer \(Served.token)\r\nContent-Length: 10\r\n\r\nx",
                readingUpTo: 100)
            #expect(answer.hasPrefix("HTTP/1.1 408"))
        }
    }

    @Test func chunkedBodiesHaveTheSameLimit() async throws {
        try await serving { served in
            let head =
                "POST /v1/publish?namespace=0x HTTP/1.1\r\nHost: localhost\r\n"
                + "Authorization: Bearer \(Served.token)\r\nTransfer-Encoding: chunked\r\n\r\n"
            let chunk = Array("100000\r\n".utf8) + [UInt8](repeating: 1, count: 1 << 20) + [13, 10]
            var bytes = Array(head.utf8)
            for _ in 0..<33 { bytes += chunk }
            let answer = try await served.raw(bytes, readingUpTo: 100)
            #expect(answer.hasPrefix("HTTP/1.1 413"))
            #expect(served.node.edit { $0.published.isEmpty })
        }
    }
}
