import LibP2P
import Testing

/// A listener with one stream, 1, that the peer opened.
private func listenerWithStream(_ limits: YamuxLimits = YamuxLimits()) throws -> YamuxSession {
    let listener = YamuxSession(.listener, limits)
    try listener.received(frame(.windowUpdate, .syn, 1))
    _ = listener.takeEvents()
    _ = listener.output()
    return listener
}

@Suite struct YamuxFrameTests {
    @Test func headersEqualTheVectors() {
        #expect(frame(.windowUpdate, .syn, 1).hex == "000100010000000100000000")
        #expect(frame(.data, [], 1, Array("abc".utf8)).hex == "000000000000000100000003616263")
        #expect(frame(.data, .fin, 1).hex == "000000040000000100000000")
        #expect(frame(.data, .rst, 1).hex == "000000080000000100000000")
        #expect(frame(.ping, .syn, 0, length: 7).hex == "000200010000000000000007")
        #expect(frame(.ping, .ack, 0, length: 7).hex == "000200020000000000000007")
        #expect(frame(.goAway, [], 0, length: 1).hex == "000300000000000000000001")
    }
}

@Suite struct YamuxSessionTests {
    @Test func streamFromOpeningToEnd() throws {
        let dialer = YamuxSession(.dialer)
        let listener = YamuxSession(.listener)
        let stream = try #require(dialer.open())
        #expect(stream == StreamID(1))
        #expect(dialer.write(stream, Array("hello".utf8)))
        dialer.finish(stream)
        #expect(!dialer.write(stream, [1]))
        let bytes = dialer.output()
        #expect(
            bytes == frame(.windowUpdate, .syn, 1) + frame(.data, .fin, 1, Array("hello".utf8)))
        #expect(dialer.takeEvents() == [.written(stream, 5)])
        for byte in bytes { try listener.received([byte]) }
        let events = listener.takeEvents()
        #expect(events.first == .opened(stream))
        #expect(events.last == .readClosed(stream))
        #expect(events.count == 7)
        #expect(listener.write(stream, [9]))
        listener.finish(stream)
        let answer = listener.output()
        #expect(answer == frame(.windowUpdate, .ack, 1) + frame(.data, .fin, 1, [9]))
        #expect(listener.takeEvents() == [.written(stream, 1), .closed(stream, reset: false)])
        try dialer.received(answer)
        #expect(
            dialer.takeEvents() == [
                .data(stream, [9]), .readClosed(stream), .closed(stream, reset: false),
            ])
        #expect(dialer.streamCount == 0 && listener.streamCount == 0)
        #expect(dialer.bufferedOutbound == 0 && listener.bufferedOutbound == 0)
        #expect(dialer.open() == StreamID(3))
        #expect(listener.open() == StreamID(2))
    }

    @Test func flagsRideOnWindowUpdatesToo() throws {
        let listener = try listenerWithStream()
        try listener.received(frame(.windowUpdate, .fin, 1))
        #expect(listener.takeEvents() == [.readClosed(StreamID(1))])
        try listener.received(frame(.windowUpdate, .rst, 1))
        #expect(listener.takeEvents() == [.closed(StreamID(1), reset: true)])
        try listener.received(frame(.data, .syn, 3, [1, 2]))
        #expect(listener.takeEvents() == [.opened(StreamID(3)), .data(StreamID(3), [1, 2])])
        try listener.received(frame(.windowUpdate, [.syn, .fin], 5, length: 100))
        #expect(listener.takeEvents() == [.opened(StreamID(5)), .readClosed(StreamID(5))])
    }

    @Test func nothingIsSentBeyondTheWindow() throws {
        let listener = try listenerWithStream()
        let stream = StreamID(1)
        #expect(listener.write(stream, [UInt8](repeating: 1, count: 300_000)))
        let first = listener.output(capacity: 1 << 20)
        #expect(first.count == 262_144 + 16 * 12)
        #expect(listener.queuedBytes == 300_000 - 262_144)
        #expect(!listener.hasOutput)
        try listener.received(frame(.windowUpdate, [], 1, length: 1000))
        #expect(listener.output().count == 1000 + 12)
        try listener.received(frame(.windowUpdate, [], 1, length: 1 << 20))
        listener.finish(stream)
        let rest = listener.output()
        #expect(rest.count == 300_000 - 262_144 - 1000 + 3 * 12)
        #expect(listener.queuedBytes == 0)
    }

    @Test func creditComesWithConsumption() throws {
        let listener = try listenerWithStream()
        let stream = StreamID(1)
        try listener.received(frame(.data, [], 1, [UInt8](repeating: 0, count: 262_144)))
        #expect(listener.output().isEmpty)
        #expect(throws: YamuxError.windowExceeded(stream, length: 1, window: 0)) {
            let copy = YamuxSession(copying: listener)
            try copy.received(frame(.data, [], 1, [1]))
        }
        listener.consumed(stream, 131_071)
        #expect(listener.output().isEmpty)
        listener.consumed(stream, 1)
        #expect(listener.output() == frame(.windowUpdate, [], 1, length: 131_072))
        // More than there is to consume gives no credit.
        listener.consumed(stream, .max)
        #expect(listener.output() == frame(.windowUpdate, [], 1, length: 131_072))
        listener.consumed(stream, 1_000_000)
        listener.consumed(stream, -5)
        #expect(listener.output().isEmpty)
        try listener.received(frame(.data, [], 1, [UInt8](repeating: 0, count: 262_144)))
    }

    /// Half of the window used up within two round trips: the window holds the stream back, and doubles, up
    /// to its limit.
    @Test(arguments: [(milliseconds: 19, grows: true), (milliseconds: 21, grows: false)])
    func windowsGrowOnLongPaths(milliseconds: Int, grows: Bool) throws {
        var limits = YamuxLimits()
        limits.maximumReceiveWindow = 1 << 20
        let listener = YamuxSession(.listener, limits)
        listener.measureRoundTrip()
        #expect(listener.output() == frame(.ping, .syn, 0, length: 0))
        var now = Instant.zero + .milliseconds(10)
        try listener.received(frame(.ping, .ack, 0, length: 0), now: now)
        try listener.received(frame(.windowUpdate, .syn, 1), now: now)
        _ = listener.output()
        var window = 262_144
        for _ in 0..<4 {
            now += .milliseconds(milliseconds)
            let half = window / 2
            try listener.received(
                frame(.data, [], 1, [UInt8](repeating: 0, count: half)), now: now)
            listener.consumed(StreamID(1), half)
            let larger = grows ? min(2 * window, 1 << 20) : window
            let credit = UInt32(half + larger - window)
            #expect(listener.output() == frame(.windowUpdate, [], 1, length: credit))
            window = larger
        }
        #expect(throws: YamuxError.self) {
            try listener.received(frame(.data, [], 1, length: UInt32(window + 1)), now: now)
        }
    }

    @Test func largerWindowsAreAnnounced() throws {
        var limits = YamuxLimits()
        limits.receiveWindow = 1 << 20
        let dialer = YamuxSession(.dialer, limits)
        _ = dialer.open()
        #expect(dialer.output() == frame(.windowUpdate, .syn, 1, length: (1 << 20) - 262_144))
        let listener = YamuxSession(.listener, limits)
        try listener.received(frame(.windowUpdate, .syn, 1, length: 5))
        #expect(listener.output() == frame(.windowUpdate, .ack, 1, length: (1 << 20) - 262_144))
        for _ in 0..<4 {
            try listener.received(frame(.data, [], 1, [UInt8](repeating: 0, count: 262_144)))
        }
    }

    @Test func streamsTakeTurnsAndControlGoesFirst() throws {
        let dialer = YamuxSession(.dialer)
        let large = try #require(dialer.open())
        let small = try #require(dialer.open())
        _ = dialer.output()
        #expect(dialer.write(large, [UInt8](repeating: 1, count: 200_000)))
        #expect(dialer.write(small, [2]))
        try dialer.received(frame(.ping, .syn, 0, length: 5))
        let bytes = dialer.output(capacity: 40_000)
        let pong = frame(.ping, .ack, 0, length: 5)
        #expect(Array(bytes.prefix(12)) == pong)
        let after = bytes[(12 + 12 + 16_384)...]
        #expect(Array(after.prefix(13)) == frame(.data, [], 3, [2]))
    }

    @Test func resetFreesAtOnce() throws {
        let dialer = YamuxSession(.dialer)
        let stream = try #require(dialer.open())
        _ = dialer.write(stream, [UInt8](repeating: 1, count: 100_000))
        dialer.reset(stream)
        #expect(dialer.queuedBytes == 0 && dialer.streamCount == 0)
        #expect(
            dialer.output() == frame(.windowUpdate, .syn, 1) + frame(.windowUpdate, .rst, 1))
        #expect(dialer.takeEvents().isEmpty)
        // What the peer had under way is dropped.
        try dialer.received(frame(.data, .ack, 1, [UInt8](repeating: 0, count: 262_144)))
        try dialer.received(frame(.windowUpdate, .fin, 1))
        #expect(dialer.takeEvents().isEmpty)
    }

    @Test func limitsOfOpening() throws {
        var limits = YamuxLimits()
        limits.maximumUnacknowledged = 3
        limits.maximumOutboundStreams = 4
        let dialer = YamuxSession(.dialer, limits)
        for _ in 0..<3 { #expect(dialer.open() != nil) }
        #expect(dialer.open() == nil)
        try dialer.received(frame(.windowUpdate, .ack, 1))
        #expect(dialer.open() != nil)
        try dialer.received(frame(.windowUpdate, .ack, 3))
        #expect(dialer.open() == nil)
        try dialer.received(frame(.windowUpdate, .rst, 5))
        #expect(dialer.open() != nil)
        try dialer.received(frame(.goAway, [], 0, length: 0))
        try dialer.received(frame(.windowUpdate, .rst, 1))
        #expect(dialer.open() == nil)
    }

    @Test func writeQueuesAreBounded() throws {
        var limits = YamuxLimits()
        limits.maximumQueuedBytesPerStream = 1000
        limits.maximumQueuedBytes = 1500
        let dialer = YamuxSession(.dialer, limits)
        let first = try #require(dialer.open())
        let second = try #require(dialer.open())
        #expect(dialer.write(first, [UInt8](repeating: 0, count: 1000)))
        #expect(!dialer.write(first, [0]))
        #expect(dialer.write(second, [UInt8](repeating: 0, count: 500)))
        #expect(!dialer.write(second, [0]))
        #expect(!dialer.write(StreamID(99), [0]))
        _ = dialer.output()
        #expect(dialer.write(first, [0]))
    }

    @Test func goingAwayRefusesNewStreams() throws {
        let listener = try listenerWithStream()
        listener.goAway()
        #expect(listener.output() == frame(.goAway, [], 0, length: 0))
        try listener.received(frame(.windowUpdate, .syn, 3))
        #expect(listener.output() == frame(.windowUpdate, .rst, 3))
        #expect(listener.open() == nil)
        #expect(listener.isOpen(StreamID(1)))
    }

    @Test(arguments: [13, 20, 100, 1035, 1036, 5000])
    func smallOutputBuffers(capacity: Int) throws {
        var limits = YamuxLimits()
        limits.dataFrameBytes = min(capacity - 12, 16_384)
        let dialer = YamuxSession(.dialer, limits)
        let listener = YamuxSession(.listener)
        let stream = try #require(dialer.open())
        let content = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for start in stride(from: 0, to: content.count, by: 77) {
            _ = dialer.write(stream, Array(content[start..<min(start + 77, content.count)]))
        }
        dialer.finish(stream)
        try listener.received(dialer.output(capacity: capacity))
        var received: [UInt8] = []
        for case .data(_, let bytes) in listener.takeEvents() { received += bytes }
        #expect(received == content)
    }
}
