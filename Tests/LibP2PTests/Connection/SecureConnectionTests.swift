import LibP2P
import Testing

private func pattern(_ count: Int, _ factor: Int = 7) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* factor ^ ($0 >> 8)) }
}

@Suite struct SecureConnectionTests {
    @Test(arguments: [1, 2, 3, 50, 100_000], [true, false])
    func establishes(piece: Int, namesMuxer: Bool) throws {
        var limits = ConnectionLimits()
        limits.namesMuxerInHandshake = namesMuxer
        let link = try Link.established(maximumPiece: piece, dialer: limits)
        let (dialer, listener) = (link.dialer, link.listener)
        #expect(dialer.connection.isEstablished && listener.connection.isEstablished)
        let dialerKey = try IdentityKey(seed: [UInt8](repeating: 1, count: 32))
        let listenerKey = try IdentityKey(seed: [UInt8](repeating: 2, count: 32))
        #expect(dialer.directives == [.established(listenerKey.peerID, listenerKey.publicKey)])
        #expect(listener.directives == [.established(dialerKey.peerID, dialerKey.publicKey)])
        #expect(dialer.connection.bufferedOutbound == 0)
    }

    @Test(arguments: 0..<12)
    func largeTransfersBothWaysInRandomPieces(seed: Int) throws {
        let link = try Link.established(
            seed: UInt64(seed), maximumPiece: [1, 17, 1000, 70_000][seed % 4])
        let (dialer, listener) = (link.dialer, link.listener)
        let count = seed % 4 == 0 ? 40_000 : 700_000
        let up = pattern(count)
        let down = pattern(count + 13, 11)
        let stream = try #require(dialer.openStream())
        link.settle()
        #expect(dialer.happened(.streamOpened(stream, protocol: "/echo/1", inbound: false)))
        #expect(listener.happened(.streamOpened(stream, protocol: "/echo/1", inbound: true)))
        for start in stride(from: 0, to: up.count, by: 9_999) {
            dialer.connection.write(stream, Array(up[start..<min(start + 9_999, up.count)]))
        }
        listener.connection.write(stream, down)
        dialer.connection.finish(stream)
        link.settle()
        #expect(listener.data(stream) == up)
        #expect(dialer.data(stream) == down)
        #expect(listener.happened(.readClosed(stream)))
        #expect(!dialer.happened(.readClosed(stream)))
        // Half closed: the listener still writes.
        listener.connection.write(stream, [1, 2, 3])
        listener.connection.finish(stream)
        link.settle()
        #expect(dialer.data(stream) == down + [1, 2, 3])
        for side in [dialer, listener] {
            #expect(side.happened(.readClosed(stream)))
            #expect(side.happened(.streamClosed(stream, reset: false)))
            #expect(side.connection.streamCount == 0)
            #expect(side.failure == nil)
        }
    }

    @Test func writtenCountsExactlyWhatWasGiven() throws {
        let link = try Link.established()
        let stream = try #require(link.dialer.openStream())
        link.settle()
        link.listener.connection.write(stream, pattern(5000))
        link.dialer.connection.write(stream, pattern(100_000))
        link.settle()
        func written(_ side: Side) -> Int {
            var sum = 0
            for case .written(stream, let count) in side.directives { sum += count }
            return sum
        }
        #expect(written(link.dialer) == 100_000)
        #expect(written(link.listener) == 5000)
    }

    @Test func manyStreamsBothWays() throws {
        let link = try Link.established(seed: 5, maximumPiece: 3000)
        var streams: [(StreamID, Side, Side)] = []
        for index in 0..<60 {
            let (from, to) =
                index % 2 == 0 ? (link.dialer, link.listener) : (link.listener, link.dialer)
            let stream = try #require(from.openStream(["/none/1", "/echo/1"]))
            streams.append((stream, from, to))
        }
        link.settle()
        for (index, (stream, from, _)) in streams.enumerated() {
            from.connection.write(stream, pattern(20_000 + index, index))
            from.connection.finish(stream)
        }
        link.settle()
        for (index, (stream, _, to)) in streams.enumerated() {
            #expect(to.data(stream) == pattern(20_000 + index, index))
        }
    }

    @Test func unknownProtocolsFailTheStreamOnly() throws {
        let link = try Link.established()
        let stream = try #require(link.dialer.openStream(["/nope/1", "/nope/2"]))
        link.settle()
        #expect(link.dialer.happened(.openFailed(stream, .negotiation(.noCommonProtocol))))
        #expect(link.dialer.connection.isEstablished && link.listener.connection.isEstablished)
        #expect(link.listener.connection.streamCount == 0)
        link.listener.connection.setProtocols(["/nope/1"])
        let second = try #require(link.dialer.openStream(["/nope/1"]))
        link.settle()
        #expect(
            link.listener.happened(.streamOpened(second, protocol: "/nope/1", inbound: true)))
    }

    @Test func resetReachesTheOtherSide() throws {
        let link = try Link.established()
        let stream = try #require(link.dialer.openStream())
        link.settle()
        link.dialer.connection.write(stream, pattern(200_000))
        link.dialer.connection.reset(stream)
        link.settle()
        #expect(link.listener.happened(.streamClosed(stream, reset: true)))
        #expect(!link.dialer.happened(.streamClosed(stream, reset: true)))
        #expect(link.dialer.connection.bufferedOutbound == 0)
        let isTaken = link.dialer.connection.write(stream, [1])
        #expect(!isTaken)
        // A stream that is still being negotiated can be reset too.
        let early = try #require(link.dialer.openStream())
        link.dialer.connection.reset(early)
        link.settle()
        #expect(!link.dialer.happened(.openFailed(early, .reset)))
        #expect(link.listener.connection.streamCount == 0)
    }

    @Test func unreadDataHoldTheSenderBack() throws {
        let link = try Link.established()
        link.listener.consumesAtOnce = false
        let stream = try #require(link.dialer.openStream())
        link.settle()
        link.dialer.connection.write(stream, pattern(3_000_000))
        link.settle()
        // The negotiation was given back, but not enough for an update; so a little less than the
        // window arrives.
        let first = link.listener.data(stream).count
        #expect(first <= 262_144 && first > 261_600)
        #expect(link.dialer.connection.bufferedOutbound == 3_000_000 - first)
        link.listener.connection.consumed(stream, first)
        link.settle()
        #expect(link.listener.data(stream).count > 500_000)
    }

    @Test func wrongPeerIsRefused() throws {
        let other = try IdentityKey(seed: [UInt8](repeating: 9, count: 32)).peerID
        let listener = try Side(.listener, seed: 2)
        let link = Link(try Side(.dialer, seed: 1, expectedPeer: other), listener)
        link.settle()
        let actual = try IdentityKey(seed: [UInt8](repeating: 2, count: 32)).peerID
        #expect(
            link.dialer.failure == .noise(.unexpectedPeer(expected: other, actual: actual)))
        #expect(!listener.connection.isEstablished)
        #expect(listener.directives.isEmpty)
    }

    @Test func goingAwayLetsStreamsEnd() throws {
        let link = try Link.established()
        let stream = try #require(link.dialer.openStream())
        link.settle()
        link.listener.connection.goAway()
        link.settle()
        #expect(link.dialer.openStream() == nil)
        #expect(link.listener.openStream() == nil)
        link.dialer.connection.write(stream, [1, 2, 3])
        link.dialer.connection.finish(stream)
        link.listener.connection.finish(stream)
        link.settle()
        #expect(link.listener.data(stream) == [1, 2, 3])
        #expect(link.dialer.failure == .peerWentAway(0))
        #expect(link.listener.failure == .idle)
    }

    @Test func closingTellsThePeer() throws {
        let link = try Link.established()
        let stream = try #require(link.dialer.openStream())
        link.settle()
        link.listener.connection.close()
        #expect(link.listener.connection.isClosed)
        link.dialer.received(link.listener.output())
        #expect(link.listener.failure == nil)
        #expect(link.dialer.openStream() == nil)
        #expect(!link.dialer.happened(.streamClosed(stream, reset: true)))
        // Nothing moves a closed connection any more.
        link.dialer.connection.close()
        link.dialer.received([1, 2, 3])
        link.dialer.tick(now: .distantFuture)
        #expect(link.dialer.connection.nextDeadline == nil)
    }
}

@Suite struct SecureConnectionTimeTests {
    private func seconds(_ value: Int) -> Instant { .zero + .seconds(value) }

    @Test func upgradeHasOneDeadline() throws {
        let listener = try Side(.listener, seed: 2)
        #expect(listener.connection.nextDeadline == seconds(10))
        // Bytes that trickle in do not move it.
        for second in 1..<10 {
            listener.received(
                [Multistream.line(Multistream.header)[second - 1]], now: seconds(second))
            listener.tick(now: seconds(second))
        }
        #expect(listener.failure == nil)
        #expect(listener.connection.nextDeadline == seconds(10))
        listener.tick(now: seconds(10))
        #expect(listener.failure == .upgradeTimeout)
        #expect(listener.connection.nextDeadline == nil)
    }

    @Test func quietPeersAreAskedAndThenCutOff() throws {
        let link = try Link.established()
        let stream = try #require(link.dialer.openStream())
        link.settle()
        #expect(link.dialer.happened(.streamOpened(stream, protocol: "/echo/1", inbound: false)))
        link.dialer.tick(now: seconds(30))
        link.listener.tick(now: seconds(30))
        link.settle(now: seconds(30))
        #expect(link.dialer.connection.nextDeadline == seconds(60))
        link.dialer.tick(now: seconds(60))
        #expect(!link.dialer.output().isEmpty)
        #expect(link.dialer.connection.nextDeadline == seconds(70))
        link.dialer.tick(now: seconds(69))
        #expect(link.dialer.failure == nil)
        link.dialer.tick(now: seconds(70))
        #expect(link.dialer.failure == .keepAliveTimeout)
    }

    @Test func connectionsWithoutStreamsEnd() throws {
        let link = try Link.established()
        for second in stride(from: 30, through: 120, by: 30) {
            link.dialer.tick(now: seconds(second))
            link.listener.tick(now: seconds(second))
            link.settle(now: seconds(second))
        }
        #expect(link.dialer.failure == .idle || link.listener.failure == .idle)
    }

    @Test func negotiationsHaveADeadline() throws {
        let link = try Link.established()
        let stream = try #require(link.dialer.openStream(now: seconds(1)))
        #expect(link.dialer.connection.nextDeadline == seconds(11))
        _ = link.dialer.output()
        link.dialer.tick(now: seconds(11))
        #expect(link.dialer.directives.last == .openFailed(stream, .timeout))
        #expect(link.dialer.connection.streamCount == 0)
    }

    @Test func frameMustBeCompleted() throws {
        let link = try Link.established()
        _ = try #require(link.dialer.openStream())
        link.settle()
        link.dialer.connection.write(StreamID(1), [1, 2, 3])
        let bytes = link.dialer.output()
        link.listener.received(Array(bytes.prefix(9)), now: seconds(1))
        for second in 2...60 { link.listener.tick(now: seconds(second)) }
        // The keep-alive comes first here; a peer that trickles bytes meets the frame's deadline.
        #expect(link.listener.failure == .keepAliveTimeout)
        let slow = try Link.established()
        _ = try #require(slow.dialer.openStream())
        slow.settle()
        slow.dialer.connection.write(StreamID(1), pattern(300))
        let frame = slow.dialer.output()
        for (second, byte) in frame.prefix(100).enumerated() {
            slow.listener.received([byte], now: seconds(second))
            slow.listener.tick(now: seconds(second))
        }
        #expect(slow.listener.failure == .frameTimeout)
    }
}
