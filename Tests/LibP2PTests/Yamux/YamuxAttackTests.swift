import LibP2P
import Testing

private func listener(_ limits: YamuxLimits = YamuxLimits()) -> YamuxSession {
    YamuxSession(.listener, limits)
}

private let open = frame(.windowUpdate, .syn, 1)

@Suite struct YamuxAttackTests {
    @Test(
        arguments: [
            ([1] + frame(.data, [], 0).dropFirst(), YamuxError.unsupportedVersion(1)),
            ([0, 4] + frame(.data, [], 0).dropFirst(2), .unknownType(4)),
            (frame(.data, .syn, 2), .wrongParity(StreamID(2))),
            (frame(.windowUpdate, .syn, 2), .wrongParity(StreamID(2))),
            (frame(.windowUpdate, .syn, 0), .wrongStream(StreamID(0))),
            (frame(.data, [], 0, [1]), .wrongStream(StreamID(0))),
            (frame(.ping, .syn, 1), .wrongStream(StreamID(1))),
            (frame(.goAway, [], 1), .wrongStream(StreamID(1))),
            (open + open, .duplicateStream(StreamID(1))),
            (
                frame(.data, .syn, 1, length: 262_145),
                .windowExceeded(StreamID(1), length: 262_145, window: 262_144)
            ),
            (
                frame(.data, .syn, 1, length: .max),
                .windowExceeded(StreamID(1), length: .max, window: 262_144)
            ),
            (
                open + frame(.data, [], 1, length: .max),
                .windowExceeded(StreamID(1), length: .max, window: 262_144)
            ),
            (
                open + frame(.windowUpdate, [], 1, length: .max),
                .windowOverflow(StreamID(1), delta: .max)
            ),
            (
                frame(.windowUpdate, .syn, 1, length: .max),
                .windowOverflow(StreamID(1), delta: .max)
            ),
            (open + frame(.data, .fin, 1) + frame(.data, [], 1, [1]), .dataAfterFin(StreamID(1))),
            (frame(.data, [], 77, length: 262_145), .tooMuchStrayData),
            (frame(.data, .rst, 77, length: .max), .tooMuchStrayData),
        ] as [([UInt8], YamuxError)])
    func rulesAreKept(bytes: [UInt8], error: YamuxError) {
        let whole = listener()
        #expect(throws: error) { try whole.received(bytes) }
        let cut = listener()
        #expect(throws: error) { for byte in bytes { try cut.received([byte]) } }
    }

    @Test func windowCanNotBeWrapped() throws {
        let session = listener()
        try session.received(open)
        for _ in 0..<3 { try session.received(frame(.windowUpdate, [], 1, length: 300_000_000)) }
        #expect(throws: YamuxError.windowOverflow(StreamID(1), delta: 300_000_000)) {
            try session.received(frame(.windowUpdate, [], 1, length: 300_000_000))
        }
    }

    @Test func streamsBeyondTheCapAreReset() throws {
        let session = listener()
        for index in 0..<400 as Range<UInt32> {
            try session.received(frame(.windowUpdate, .syn, 2 * index + 1))
        }
        #expect(session.streamCount == 256)
        #expect(session.inboundCount == 256)
        let output = session.output()
        #expect(output.count == 400 * 12)
        #expect(Array(output.suffix(12)) == frame(.windowUpdate, .rst, 799))
    }

    @Test func streamFloodEnds() throws {
        let session = listener()
        #expect(throws: YamuxError.streamFlood) {
            for index in 0..<6000 as Range<UInt32> {
                try session.received(frame(.windowUpdate, .syn, 2 * index + 1))
                _ = session.output()
            }
        }
        // At a tolerable rate it goes on for ever.
        let slow = listener()
        for index in 0..<20_000 as Range<UInt32> {
            let now = Instant.zero + .milliseconds(2 * Int(index))
            try slow.received(frame(.windowUpdate, .syn, 2 * index + 1), now: now)
            try slow.received(frame(.windowUpdate, .fin, 2 * index + 1), now: now)
            slow.reset(StreamID(2 * index + 1))
            _ = slow.output()
        }
    }

    @Test func rapidResetEnds() {
        let session = listener()
        #expect(throws: YamuxError.rapidReset) {
            for index in 0..<1000 as Range<UInt32> {
                try session.received(frame(.windowUpdate, .syn, 2 * index + 1))
                try session.received(frame(.windowUpdate, .rst, 2 * index + 1))
                _ = session.output()
            }
        }
        #expect(session.streamCount == 0)
    }

    @Test func pingFloodEnds() {
        for flag in [YamuxHeader.Flags.syn, .ack] {
            let session = listener()
            #expect(throws: YamuxError.pingFlood) {
                for value in 0..<1000 as Range<UInt32> {
                    try session.received(frame(.ping, flag, 0, length: value))
                }
            }
            #expect(session.bufferedOutbound <= 64 * 12)
        }
    }

    @Test func emptyFrameFloodEnds() {
        for empty in [frame(.data, [], 1), frame(.windowUpdate, [], 1), frame(.data, .fin, 99)] {
            let session = listener()
            #expect(throws: YamuxError.emptyFrameFlood) {
                try session.received(open)
                for _ in 0..<20_000 { try session.received(empty) }
            }
        }
    }

    @Test func peerThatTakesNoAnswersIsCutOff() {
        var limits = YamuxLimits()
        limits.maximumControlFrames = 100
        let session = listener(limits)
        #expect(throws: YamuxError.controlQueueFull(limit: 100)) {
            for index in 0..<400 as Range<UInt32> {
                try session.received(frame(.windowUpdate, .syn, 2 * index + 1))
            }
        }
    }

    @Test func unknownStreamsAreTolerated() throws {
        let session = listener()
        try session.received(frame(.data, [], 77, [UInt8](repeating: 0, count: 1000)))
        try session.received(frame(.windowUpdate, [], 77, length: 5))
        try session.received(frame(.windowUpdate, .rst, 78))
        try session.received(frame(.data, .fin, 79))
        #expect(session.takeEvents().isEmpty)
        #expect(throws: YamuxError.tooMuchStrayData) {
            for _ in 0..<300 {
                try session.received(frame(.data, [], 77, [UInt8](repeating: 0, count: 1000)))
            }
        }
    }

    @Test func terminationLeavesOnlyTheReason() throws {
        let session = listener()
        try session.received(open)
        _ = session.write(StreamID(1), [1, 2, 3])
        session.terminate(.protocolError)
        #expect(session.output() == frame(.goAway, [], 0, length: 1))
        #expect(session.streamCount == 0 && session.bufferedOutbound == 0)
    }

    @Test(arguments: 0..<8)
    func randomFramesNeverTrap(seed: Int) {
        var random = SplitMix(seed: UInt64(seed))
        for _ in 0..<400 {
            let session = YamuxSession(random.next() % 2 == 0 ? .dialer : .listener)
            _ = session.open()
            var clock = Instant.zero
            for _ in 0..<200 {
                var bytes: [UInt8]
                if random.next() % 16 == 0 {
                    bytes = (0..<20).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                } else {
                    let lengths: [UInt32] = [0, 1, 5, 300, 262_144, 262_145, .max, 1 << 29]
                    let length = lengths[Int(random.next() % 8)]
                    bytes = frame(
                        YamuxHeader.Kind(rawValue: UInt8(random.next() % 4)) ?? .data,
                        YamuxHeader.Flags(rawValue: UInt16(random.next() % 17)),
                        UInt32(random.next() % 6), length: length,
                        [UInt8](repeating: 7, count: min(Int(length), 300)))
                }
                clock += .milliseconds(Int(random.next() % 50))
                guard (try? session.received(bytes, now: clock)) != nil else {
                    session.terminate(.protocolError)
                    break
                }
                for event in session.takeEvents() {
                    switch event {
                    case .data(let stream, let bytes):
                        session.consumed(stream, bytes.count)
                        if random.next() % 8 == 0 { session.reset(stream) }
                    case .opened(let stream):
                        _ = session.write(stream, [UInt8](repeating: 1, count: 3000))
                        if random.next() % 2 == 0 { session.finish(stream) }
                    default: break
                    }
                }
                _ = session.open(now: clock)
                if random.next() % 4 == 0 { _ = session.output() }
            }
            _ = session.output()
        }
    }
}
