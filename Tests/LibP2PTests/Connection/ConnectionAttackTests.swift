import LibP2P
import SystemCrypto
import Testing

private let securityNegotiation =
    Multistream.line(Multistream.header) + Multistream.line("/noise")

@Suite struct ConnectionAttackTests {
    @Test(
        arguments: [
            (Array("GET / HTTP/1.1\r\n\r\n".utf8), nil),
            (
                [0xff, 0xff, 0x03],
                ConnectionError.negotiation(.malformedLength(.tooLong(maximumBytes: 2)))
            ),
            ([0xff, 0x7f], .negotiation(.lineTooLong(length: 16383, limit: 1024))),
            ([0x16, 0x03, 0x01, 0x02, 0x00], nil),
            (securityNegotiation + [0, 0], .noise(.wrongMessageLength(message: 0, byteCount: 0))),
            (
                securityNegotiation + [0xff, 0xff],
                .handshakeMessageTooLong(byteCount: 65_535, limit: 16_384)
            ),
            (
                securityNegotiation + [0, 31] + [UInt8](repeating: 5, count: 31),
                .noise(.wrongMessageLength(message: 1, byteCount: 31))
            ),
            (
                securityNegotiation + [0, 32] + [UInt8](repeating: 0, count: 32),
                .noise(.weakKey(message: 2))
            ),
            (
                Multistream.line(Multistream.header) + Multistream.line("/tls/1.0.0") * 20,
                .negotiation(.tooManyProposals(limit: 16))
            ),
        ] as [([UInt8], ConnectionError?)])
    func inTheClear(bytes: [UInt8], error: ConnectionError?) throws {
        for piece in [1, bytes.count] {
            let listener = try Side(.listener, seed: 2)
            for start in stride(from: 0, to: bytes.count, by: piece) {
                listener.received(Array(bytes[start..<start + piece]))
            }
            if let error { #expect(listener.failure == error) }
            #expect(!listener.connection.isEstablished)
            if listener.failure == nil { listener.tick(now: .zero + .seconds(10)) }
            #expect(listener.connection.isClosed)
            #expect(listener.directives.count == 1)
        }
    }

    @Test func alteredBytesEndTheHandshakeOrTheChannel() throws {
        var random = SplitMix(seed: 3)
        for _ in 0..<300 {
            let dialer = try Side(.dialer, seed: 1)
            let listener = try Side(.listener, seed: 2)
            let target = Int(random.next() % 700)
            var sent = 0
            var altered = false
            for _ in 0..<10 {
                var bytes = dialer.output()
                if !altered, target < sent + bytes.count {
                    bytes[target - sent] ^= UInt8(1 << (random.next() % 8))
                    altered = true
                }
                sent += bytes.count
                listener.received(bytes)
                dialer.received(listener.output())
                if dialer.connection.isEstablished, dialer.connection.streamCount == 0 {
                    _ = dialer.openStream()
                }
            }
            listener.tick(now: .zero + .seconds(60))
            #expect(listener.connection.isClosed || !altered)
        }
    }

    @Test func alteredFramesEndTheChannel() throws {
        let link = try Link.established()
        _ = link.dialer.openStream()
        var bytes = link.dialer.output()
        bytes[bytes.count - 1] ^= 1
        link.listener.received(bytes)
        let failure = try #require(link.listener.failure)
        guard case .noise(.authenticationFailed) = failure else {
            Issue.record("\(failure)")
            return
        }
        #expect(link.listener.output().isEmpty)
        let short = try Link.established()
        short.listener.received([0, 15])
        #expect(short.listener.failure == .noise(.frameTooShort(byteCount: 15)))
        let empty = try Link.established()
        // A frame without plaintext is legal.
        empty.listener.received(empty.dialer.connection.sealed([]))
        #expect(empty.listener.failure == nil)
    }

    /// A connection whose dialer sends frames of its own making.
    private func attack(_ frames: [UInt8]) throws -> Side {
        let link = try Link.established()
        for start in stride(from: 0, to: frames.count, by: 60_000) {
            let part = Array(frames[start..<min(start + 60_000, frames.count)])
            link.listener.received(link.dialer.connection.sealed(part))
        }
        return link.listener
    }

    private static let brokenFrames: [([UInt8], YamuxError)] = [
        ([1] + frame(.data, [], 1).dropFirst(), .unsupportedVersion(1)),
        ([0, 9] + frame(.data, [], 1).dropFirst(2), .unknownType(9)),
        (frame(.windowUpdate, .syn, 2), .wrongParity(StreamID(2))),
        (
            frame(.data, .syn, 1, length: 1 << 31),
            .windowExceeded(StreamID(1), length: 1 << 31, window: 262_144)
        ),
        (frame(.windowUpdate, .syn, 1) * 2, .duplicateStream(StreamID(1))),
        (
            frame(.windowUpdate, .syn, 1) + frame(.windowUpdate, [], 1, length: .max),
            .windowOverflow(StreamID(1), delta: .max)
        ),
        (frame(.ping, .syn, 0, length: 1) * 1000, .pingFlood),
        (openings(6000), .controlQueueFull(limit: 2048)),
        (openings(1000, reset: true), .rapidReset),
    ]

    /// Frames that open streams, and reset each at once if so asked.
    private static func openings(_ count: UInt32, reset: Bool = false) -> [UInt8] {
        var bytes: [UInt8] = []
        for index in 0..<count {
            bytes += frame(.windowUpdate, .syn, 2 * index + 1)
            if reset { bytes += frame(.windowUpdate, .rst, 2 * index + 1) }
        }
        return bytes
    }

    @Test(arguments: brokenFrames)
    func brokenMultiplexing(frames: [UInt8], error: YamuxError) throws {
        let listener = try attack(frames)
        #expect(listener.failure == .yamux(error))
        // The last word is a go-away.
        #expect(!listener.output().isEmpty)
        #expect(listener.output().isEmpty)
        #expect(listener.connection.streamCount == 0)
    }

    @Test func streamsBeyondTheCapAreRefusedOnly() throws {
        let link = try Link.established()
        let frames = Self.openings(300)
        link.listener.received(link.dialer.connection.sealed(frames))
        #expect(link.listener.failure == nil)
        #expect(link.listener.connection.streamCount == 256)
        // None of them says what it wants, so all of them go.
        link.listener.tick(now: .zero + .seconds(10))
        #expect(link.listener.connection.streamCount == 0)
    }

    @Test func brokenStreamNegotiationEndsTheStreamOnly() throws {
        for content in [
            [0xff, 0xff, 0x03], Array("GET /".utf8), Multistream.line("/echo/1"),
            Multistream.line(Multistream.header) + Multistream.line("/x") * 40,
        ] {
            let frames = frame(.windowUpdate, .syn, 1) + frame(.data, [], 1, content)
            let listener = try attack(frames)
            #expect(listener.failure == nil)
            if content.first != UInt8(ascii: "G") {
                #expect(listener.connection.streamCount == 0)
            }
        }
        // A stream that closes before it says what it wants is dropped.
        let listener = try attack(frame(.windowUpdate, [.syn, .fin], 1))
        #expect(listener.connection.streamCount == 0)
        #expect(listener.directives.count == 1)
    }

    @Test(arguments: 0..<8)
    func randomBytesNeverTrap(seed: Int) throws {
        var random = SplitMix(seed: UInt64(seed))
        for _ in 0..<150 {
            let side = try Side(random.next() % 2 == 0 ? .dialer : .listener, seed: 2)
            if random.next() % 2 == 0 { side.received(securityNegotiation) }
            for _ in 0..<6 {
                let bytes = (0..<Int(random.next() % 90)).map { _ in
                    UInt8(truncatingIfNeeded: random.next()) & (random.next() % 2 == 0 ? 31 : 255)
                }
                side.received(bytes)
                _ = side.output()
                side.tick(now: .zero + .milliseconds(Int(random.next() % 12_000)))
            }
        }
        // The same behind the encryption.
        for _ in 0..<60 {
            let link = try Link.established()
            for _ in 0..<40 {
                var plaintext = (0..<Int(random.next() % 60)).map { _ in
                    UInt8(truncatingIfNeeded: random.next())
                }
                for index in plaintext.indices.prefix(8) { plaintext[index] &= 3 }
                if random.next() % 3 == 0 {
                    plaintext =
                        frame(.windowUpdate, .syn, 2 * UInt32(random.next() % 9) + 1) + plaintext
                }
                link.listener.received(link.dialer.connection.sealed(plaintext))
                _ = link.listener.output()
            }
            link.listener.tick(now: .zero + .seconds(100))
        }
    }
}

private func * (bytes: [UInt8], count: Int) -> [UInt8] {
    (0..<count).flatMap { _ in bytes }
}
