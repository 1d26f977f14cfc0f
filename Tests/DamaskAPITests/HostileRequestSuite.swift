import DamaskAPI
import DamaskClient
import SystemCrypto
import Testing

/// Requests that no client of ours makes.
@Suite struct HostileRequestSuite {
    private func get(_ target: String, host: String = "localhost") -> String {
        "GET \(target) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
    }

    @Test func refusedWithWords() async throws {
        try await serving { served in
            let root = "0x" + String(repeating: "00", count: 32)
            for (target, status, word) in [
                ("/", 404, "no_such_path"),
                ("/v2/status", 404, "no_such_path"),
                ("/v1/publish", 405, "method_not_allowed"),
                ("/v1/status?x=1", 400, "no parameter of this path"),
                ("/v1/headers/0x12", 400, "32 bytes"),
                ("/v1/headers/\(root)", 404, "not_found"),
                ("/v1/headers/\(root)00", 400, "32 bytes"),
                ("/v1/headers?limit=0", 400, "from 1 to 64"),
                ("/v1/headers?limit=65", 400, "from 1 to 64"),
                ("/v1/headers?limit=99999999999999999999", 400, "from 1 to 64"),
                ("/v1/headers?limit=-1", 400, "from 1 to 64"),
                ("/v1/headers?limit=1&limit=2", 400, "given twice"),
                ("/v1/headers?limit", 400, "no value"),
                ("/v1/headers?from=1", 400, "sequencer"),
                ("/v1/headers?from=18446744073709551616&sequencer=\(root)", 400, "sequencer"),
                ("/v1/headers?sequencer=0x12", 400, "32 to 36 bytes"),
                ("/v1/blocks?limit=1000", 400, "from 1 to 256"),
                ("/v1/blocks/\(root)", 404, "not_found"),
                ("/v1/blocks/\(root)/cells", 400, "at: missing"),
                ("/v1/blocks/\(root)/cells?at=0:0", 404, "not_found"),
                ("/v1/blocks/\(root)/cells?at=0:65536", 400, "row:column"),
                ("/v1/payload", 400, "root: missing"),
                ("/v1/payload?row=0x00", 400, "48 bytes"),
                ("/v1/payloads/\(root)", 400, "34 bytes"),
                ("/v1/payloads/\(root)0000?wait=120001", 400, "from 0 to 120000"),
                ("/v1/evidence/zz", 400, "32 bytes"),
                ("/v1/publications/\(root)", 404, "not_found"),
                ("/v1/headers/%", 400, "invalid_request"),
                ("/" + String(repeating: "a", count: 5000), 414, "too_large"),
                ("/v1/headers?limit=" + String(repeating: "1", count: 5000), 414, "too_large"),
            ] {
                let answer = try await served.raw(get(target))
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(target.prefix(60)): \(answer)")
                #expect(answer.contains(word), "\(target.prefix(60)): \(answer)")
                #expect(answer.contains("\"error\""), "\(target.prefix(60)): \(answer)")
            }
            try await served.client { _ = try await $0.status() }
        }
    }

    @Test func namesOfOtherHosts() async throws {
        try await serving({ $0.hostNames = ["node.example"] }) { served in
            for host in [
                "evil.example", "evil.example:7780", "localhost.evil.example", "127.evil", "",
            ] {
                let answer = try await served.raw(get("/v1/status", host: host))
                #expect(
                    answer.hasPrefix("HTTP/1.1 421") || answer.hasPrefix("HTTP/1.1 400"), "\(host)")
            }
            for host in ["localhost", "localhost:1", "127.0.0.1", "[::1]:80", "node.example:9"] {
                let answer = try await served.raw(get("/v1/status", host: host))
                #expect(answer.hasPrefix("HTTP/1.1 200"), "\(host): \(answer)")
            }
        }
    }

    @Test func headersBeyondTheLimits() async throws {
        try await serving { served in
            for extra in [
                "X: " + String(repeating: "a", count: 20_000) + "\r\n",
                String(repeating: "X: a\r\n", count: 2000),
                String(repeating: "X-Long: \(String(repeating: "a", count: 1000))\r\n", count: 30),
            ] {
                let answer = try await served.raw(
                    "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n" + extra + "\r\n")
                #expect(!answer.hasPrefix("HTTP/1.1 200"), "\(answer.prefix(100))")
            }
            try await served.client { _ = try await $0.status() }
        }
    }

    @Test func bytesThatAreNoRequests() async throws {
        try await serving({ $0.idleSeconds = 0.3 }) { served in
            var random = SeededRandom(number: 11)
            let good = Array(get("/v1/headers?limit=3").utf8)
            for round in 0..<60 {
                var bytes = good
                if round % 2 == 0 {
                    bytes = (0..<Int.random(in: 1...300, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                } else {
                    for _ in 0..<3 {
                        let place = Int.random(in: bytes.indices, using: &random)
                        bytes[place] = UInt8.random(in: 0...255, using: &random)
                    }
                }
                _ = try await served.raw(bytes)
            }
            try await served.client { _ = try await $0.status() }
        }
    }

    @Test func silentConnectionsAreClosed() async throws {
        try await serving({ $0.idleSeconds = 0.2 }) { served in
            // Ends only when the server closes.
            for text in ["", "GET /v1/sta"] {
                let answer = try await served.raw(text)
                #expect(answer.isEmpty)
            }
        }
    }

    @Test func connectionsHaveALimit() async throws {
        try await serving({
            $0.maximumConnections = 2
        }) { served in
            try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 { group.addTask { try await served.raw(get("/healthz")) } }
                for try await answer in group { #expect(answer.hasPrefix("HTTP/1.1 200")) }
            }
        }
    }
}
