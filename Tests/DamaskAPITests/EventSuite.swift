import DamaskAPI
import DamaskClient
import DamaskNode
import NodeCore
import SSZ
import Synchronization
import Testing

/// News as a stream.
@Suite struct EventSuite {
    private func waitForReader(_ node: FakeNode, count: Int = 1) async throws {
        for _ in 0..<500 where node.readerCount < count {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(node.readerCount >= count)
    }

    @Test func inOrderWithGapsTold() async throws {
        try await serving { served in
            let tell = Task {
                try await waitForReader(served.node)
                for number: UInt64 in [4, 5, 9] {
                    served.node.tell(.state(.zero, .available), number: number)
                }
                served.node.tell(.lost(3), number: 12)
                served.node.tell(.peerConnected(peerID: "p"), number: 13)
                served.node.tell(
                    .publication(
                        PublicationStatus(
                            root: .zero, height: 1, slot: 2, commitments: [], stage: .published,
                            messages: 3, firstCopies: 3, complete: 3, isRepeated: false)),
                    number: 14)
            }
            var seen: [EventAnswer] = []
            try await served.client { client in
                try await client.events { event in
                    seen.append(event)
                    return event.number < 14
                }
            }
            try await tell.value
            #expect(
                seen.map(\.kind)
                    == [
                        "state", "state", "lost", "state", "lost", "peer_connected", "publication",
                    ])
            #expect(seen.map(\.lost) == [nil, nil, 3, nil, 3, nil, nil])
            #expect(seen.first?.state == "available")
            #expect(seen.last?.publication?.stage == .published)
        }
    }

    @Test func signsOfLife() async throws {
        try await serving({ $0.heartbeatSeconds = 0.05 }) { served in
            let answer = try await served.raw(
                "GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n", readingUpTo: 400)
            #expect(answer.contains("text/event-stream"))
            #expect(answer.contains(": alive\n\n"))
        }
    }

    @Test func onlyTheKindsAskedFor() async throws {
        try await serving { served in
            let tell = Task {
                try await waitForReader(served.node)
                served.node.tell(.peerConnected(peerID: "p"), number: 1)
                served.node.tell(.state(.zero, .late), number: 2)
                served.node.tell(.state(.zero, .withheld), number: 3)
            }
            let answer = try await served.raw(
                "GET /v1/events?kinds=state,evidence HTTP/1.1\r\nHost: localhost\r\n\r\n",
                readingUpTo: 400)
            try await tell.value
            #expect(answer.contains("late"))
            #expect(!answer.contains("peer_connected"))
        }
    }

    @Test func endsInOrderWithTheServer() async throws {
        try await serving { served in
            let stop = Task {
                try await waitForReader(served.node, count: 3)
                await served.stop()
            }
            // All end by themselves, or this test never does.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        try await served.client { try await $0.events { _ in true } }
                    }
                }
                try await group.waitForAll()
            }
            try await stop.value
        }
    }

    @Test func readersHaveALimit() async throws {
        try await serving { served in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<APILimits.eventStreams {
                    group.addTask {
                        try await served.client { try await $0.events { _ in true } }
                    }
                }
                try await waitForReader(served.node, count: APILimits.eventStreams)
                try await served.client { client in
                    await ReadingSuite.expect("busy", "\(APILimits.eventStreams)") {
                        try await client.events { _ in true }
                    }
                    _ = try await client.status()
                }
                await served.stop()
                try await group.waitForAll()
            }
        }
    }

    @Test func whoeverDoesNotReadLosesEventsAndThenTheConnection() async throws {
        try await serving({ $0.stallSeconds = 0.4 }) { served in
            let open = Task {
                // Reads the head and nothing more until the server closes.
                try await served.raw(
                    "GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n", readingUpTo: 40)
            }
            try await waitForReader(served.node)
            _ = try await open.value
            for number in UInt64(0)..<5000 {
                served.node.tell(.state(.zero, .available), number: number)
            }
            try await served.client { _ = try await $0.status() }
        }
    }
}
