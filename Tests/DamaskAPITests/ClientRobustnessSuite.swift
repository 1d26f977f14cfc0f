import DamaskClient
import Testing

/// Servers that are none of ours.
@Suite struct ClientRobustnessSuite {
    private func answer(
        _ head: String, _ body: String = "", length: Int? = nil
    ) -> [UInt8] {
        Array(
            "HTTP/1.1 \(head)\r\ncontent-length: \(length ?? body.utf8.count)\r\n\r\n\(body)".utf8)
    }

    private func failure(
        _ bytes: [UInt8], _ body: (NodeClient) async throws -> Void
    ) async throws -> ClientError? {
        var failure: ClientError?
        try await RawConnection.answering(bytes) { port in
            do {
                try await NodeClient.with(ServerAddress("127.0.0.1:\(port)"), token: "t", body)
            } catch let error as ClientError {
                failure = error
            }
        }
        return failure
    }

    @Test func nobodyThere() async throws {
        // A port that was free a moment ago.
        var free = 0
        try await RawConnection.answering([]) { free = $0 }
        let address = try ServerAddress("127.0.0.1:\(free)")
        await #expect {
            try await NodeClient.with(address) { _ = try await $0.status() }
        } throws: { error in
            guard case .unreachable(let server, _) = error as? ClientError else { return false }
            return server == address.url
        }
    }

    @Test func answersThatAreNone() async throws {
        for bytes in [
            Array("hello\r\n\r\n".utf8), answer("200 OK", "no json"), answer("200 OK", "{}"),
            answer("200 OK", "{\"role\":1}"), answer("200 OK", "", length: 100),
            answer("200 OK", "", length: 1 << 40), [],
        ] {
            let failure = try await failure(bytes) { _ = try await $0.status() }
            #expect(failure != nil, "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    @Test func redirectsAreNotFollowed() async throws {
        let bytes = Array(
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".utf8)
        let failure = try await failure(bytes) { _ = try await $0.status() }
        guard case .refused(status: 302, _) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
    }

    @Test func payloadsThatBreakOff() async throws {
        let choice = NodeClient.PayloadChoice.commitment(HexBytes([]))
        let short = try await failure(answer("200 OK", "abc", length: 10)) {
            _ = try await $0.payload(choice) { _ in }
        }
        guard case .interrupted = short else {
            Issue.record("\(String(describing: short))")
            return
        }
        let large = try await failure(answer("200 OK", "abc", length: (32 << 20) + 1)) {
            _ = try await $0.payload(choice) { _ in }
        }
        guard case .malformed = large else {
            Issue.record("\(String(describing: large))")
            return
        }
    }

    @Test func streamsOfEventsThatAreNone() async throws {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
        let long = try await failure(
            Array((head + "data: " + String(repeating: "a", count: 100_000)).utf8)
        ) { try await $0.events { _ in true } }
        guard case .malformed = long else {
            Issue.record("\(String(describing: long))")
            return
        }
        let noJSON = try await failure(Array((head + "data: x\n\n").utf8)) {
            try await $0.events { _ in true }
        }
        guard case .malformed = noJSON else {
            Issue.record("\(String(describing: noJSON))")
            return
        }
    }

    @Test func refusalsInUnknownWords() async throws {
        let failure = try await failure(answer("418 Teapot", "short and stout")) {
            _ = try await $0.status()
        }
        guard case .refused(status: 418, let refusal) = failure else {
            Issue.record("\(String(describing: failure))")
            return
        }
        #expect(refusal.code == "none")
    }
}
