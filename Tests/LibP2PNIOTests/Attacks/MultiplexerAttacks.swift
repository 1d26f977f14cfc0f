import LibP2P
import LibP2PNIO
import Testing

/// Frames that a peer sends over the secured channel.
struct FrameAttack: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let outcome: Outcome

    init(_ name: String, _ bytes: [UInt8], _ outcome: Outcome = .cutOff) {
        testDescription = name
        self.bytes = bytes
        self.outcome = outcome
    }

    private static func streams(_ count: UInt32, reset: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in 0..<count {
            bytes += frame(.windowUpdate, .syn, 2 * index + 1)
            if reset { bytes += frame(.windowUpdate, .rst, 2 * index + 1) }
        }
        return bytes
    }

    private static let opened = frame(.windowUpdate, .syn, 901)

    static let all: [FrameAttack] = [
        FrameAttack("yamux-bad-version", [9] + frame(.data, [], 1).dropFirst()),
        FrameAttack("yamux-bad-type", [0, 9] + frame(.data, [], 1).dropFirst(2)),
        FrameAttack("yamux-even-id", frame(.windowUpdate, .syn, 1000)),
        FrameAttack("yamux-dup-syn", opened.repeated(2)),
        FrameAttack("yamux-syn-zero", frame(.windowUpdate, .syn, 0)),
        FrameAttack("yamux-syn-oversize", frame(.data, .syn, 901, length: 1 << 30)),
        FrameAttack("yamux-oversize", opened + frame(.data, [], 901, length: 1 << 21)),
        FrameAttack("yamux-window-overflow", opened + frame(.data, [], 901, length: .max)),
        FrameAttack(
            "yamux-window-wrap",
            opened + frame(.windowUpdate, [], 901, length: .max).repeated(3)),
        FrameAttack("yamux-ping-flood", frame(.ping, .syn, 0, length: 1).repeated(10_000)),
        FrameAttack("yamux-ping-answers", frame(.ping, .ack, 0, length: 0).repeated(10_000)),
        FrameAttack("yamux-stream-flood", streams(20_000)),
        FrameAttack("yamux-rapid-reset", streams(20_000, reset: true)),
        FrameAttack("yamux-empty-frames", frame(.data, [], 901).repeated(20_000)),
        FrameAttack("yamux-go-away-flood", frame(.goAway, [], 0).repeated(20_000)),
        FrameAttack(
            "yamux-stray-data",
            frame(.data, [], 999, [UInt8](repeating: 1, count: 60_000)).repeated(80)),
        FrameAttack("yamux-unknown-stream", frame(.data, [], 999, [1, 2, 3]), .contained),
        FrameAttack("yamux-streams", streams(200), .contained),
        FrameAttack("yamux-half-frame", opened + frame(.data, [], 901, length: 1000), .contained),
    ]
}

extension Attacks {
    @Test(arguments: FrameAttack.all)
    func onTheMultiplexer(attack: FrameAttack) async throws {
        let arena = try await Arena.open()
        let isCutOff = if case .cutOff = attack.outcome { true } else { false }
        try await arena.run(expecting: attack.outcome, within: isCutOff ? 5 : 0.5) {
            let offender = try await RawPeer.connect(to: arena.host.address, secured: true)
            offender.sendFrames(attack.bytes)
            return offender
        }
    }

    /// The body of an announced frame has to arrive.
    @Test func framesThatDoNotEnd() async throws {
        let arena = try await Arena.open { $0.connections.frameTimeout = .milliseconds(500) }
        try await arena.run(expecting: .cutOff) {
            let offender = try await RawPeer.connect(to: arena.host.address, secured: true)
            offender.sendFrames(
                frame(.windowUpdate, .syn, 901) + frame(.data, [], 901, length: 1000) + [1, 2, 3])
            return offender
        }
    }

    /// Proposals of protocols that nobody speaks, on many streams at once.
    @Test func proposalsOnStreams() async throws {
        let arena = try await Arena.open()
        let header = Multistream.line(Multistream.header)
        try await arena.run(expecting: nil) {
            let offender = try await RawPeer.connect(to: arena.host.address, secured: true)
            for stream in stride(from: 901, to: 1101, by: 2) as StrideTo<UInt32> {
                let proposals = header + Multistream.line("/x").repeated(200)
                offender.sendFrames(
                    frame(.windowUpdate, .syn, stream) + frame(.data, [], stream, proposals))
            }
            return offender
        }
    }

    /// Requests of which the answers are asked for and not read.
    @Test func answersThatNobodyReads() async throws {
        let arena = try await Arena.open { $0.stallTimeout = .seconds(1) }
        let host = arena.host
        try await arena.run(expecting: nil) {
            let offender = try await RawPeer.connect(
                to: host.address, secured: true, receiveBuffer: 4096)
            try await offender.stopReading()
            let request = Multistream.line(Multistream.header) + Multistream.line("/echo/1")
            for stream in stride(from: 901, to: 1001, by: 2) as StrideTo<UInt32> {
                let body = [UInt8](repeating: 1, count: 240_000)
                offender.sendFrames(
                    frame(.windowUpdate, .syn, stream, length: 1 << 29)
                        + frame(.data, [], stream, request + FrameAssembler.frame(body)))
                try await Task.sleep(for: .milliseconds(10))
            }
            // It does not see its connection end, since it reads nothing.
            var count = 3
            for _ in 0..<100 where count > 2 {
                try await Task.sleep(for: .milliseconds(100))
                count = try await host.service.connectionCount()
            }
            #expect(count == 2)
            return offender
        }
    }

    /// Requests that never become whole: each stream ends at its deadline, and what they hold is bounded.
    @Test func requestsThatDoNotEnd() async throws {
        let arena = try await Arena.open {
            $0.host.protocols[0].requestTimeout = .milliseconds(800)
            $0.host.protocols[0].maximumInboundPerPeer = 8
        }
        try await arena.run(expecting: .contained, within: 0.3) {
            let offender = try await RawPeer.connect(to: arena.host.address, secured: true)
            for _ in 0..<8 {
                let stream = try await offender.openStream("/echo/1")
                // 8 MiB announced, 2 MiB sent.
                offender.write(stream, [0x80, 0x80, 0x80, 0x04])
                offender.write(stream, [UInt8](repeating: 1, count: 2 << 20))
            }
            var ended = 0
            for _ in 0..<50 where ended < 8 {
                try await Task.sleep(for: .milliseconds(100))
                ended = try await offender.received().endedStreams
            }
            #expect(ended == 8)
            return offender
        }
    }
}
