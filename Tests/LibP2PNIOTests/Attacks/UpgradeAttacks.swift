import LibP2P
import LibP2PNIO
import SystemCrypto
import Testing

private let header = Multistream.line(Multistream.header)
private let noise = header + Multistream.line("/noise")

/// Bytes that a peer sends before its connection is secured.
struct ClearAttack: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]

    init(_ name: String, _ bytes: [UInt8]) {
        testDescription = name
        self.bytes = bytes
    }

    static let all: [ClearAttack] = [
        ClearAttack("garbage", Array("GET / HTTP/1.1\r\n".utf8).repeated(100)),
        ClearAttack("mss-huge", [0xff, 0x7f] + [UInt8](repeating: 65, count: 16_383)),
        ClearAttack("mss-varint", [UInt8](repeating: 0xff, count: 40)),
        ClearAttack("mss-long-line", header + [0x81, 0x10] + [UInt8](repeating: 66, count: 2049)),
        ClearAttack("mss-na-flood", header + Multistream.line("/x").repeated(10_000)),
        ClearAttack("noise-zero", noise + [0, 0]),
        ClearAttack("noise-loworder", noise + [0, 32] + [UInt8](repeating: 0, count: 32)),
        ClearAttack("noise-large", noise + [0xff, 0xff]),
        ClearAttack("noise-short", noise + [0, 3, 1, 2, 3]),
    ]
}

/// A handshake whose last message is wrong.
enum HandshakeAttack: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case badSignature = "noise-badsig"
    case badTag = "noise-badtag"
    case badPayload = "noise-badpayload"
    case emptyPayload = "noise-nopayload"
    case frameBadTag = "noise-frame-badtag"

    var testDescription: String { rawValue }

    /// Dials as a well-behaved peer does, up to the last message.
    func script() -> RawPeer.Script {
        let identity = IdentityKey()
        let staticKey = X25519.PrivateKey()
        var handshake = NoiseHandshake(
            role: .dialer, identity: NoiseIdentity(identity, staticKey: staticKey),
            ephemeral: X25519.PrivateKey(), muxers: ["/yamux/1.0.0"], expectedPeer: nil)
        switch self {
        case .badSignature:
            // Signed, but for another channel's key.
            let other = X25519.PrivateKey()
            handshake.payloadOverride =
                NoisePayload(
                    identityKey: identity.publicKey.encoded,
                    signature: identity.sign(
                        Array("noise-libp2p-static-key:".utf8) + other.publicKey),
                    muxers: ["/yamux/1.0.0"]
                ).encoded
        case .badPayload:
            handshake.payloadOverride = [UInt8](repeating: 0xff, count: 300)
        case .emptyPayload:
            handshake.payloadOverride = []
        case .badTag, .frameBadTag:
            break
        }
        var isGreeted = false
        var isSent = false
        return { inbox in
            if !isGreeted, inbox.count >= noise.count {
                isGreeted = true
                inbox.removeFirst(noise.count)
                guard let first = try? handshake.writeMessage() else { return [] }
                return Self.framed(first)
            }
            guard isGreeted, !isSent, inbox.count >= 2,
                inbox.count >= 2 + Int(inbox[0]) << 8 + Int(inbox[1])
            else { return [] }
            isSent = true
            guard (try? handshake.readMessage(inbox[2...])) != nil,
                var last = try? handshake.writeMessage()
            else { return [] }
            switch self {
            case .badTag:
                last[last.count - 1] ^= 1
                return Self.framed(last)
            case .frameBadTag:
                return Self.framed(last) + Self.framed([UInt8](repeating: 7, count: 200))
            default:
                return Self.framed(last)
            }
        }
    }

    private static func framed(_ message: [UInt8]) -> [UInt8] {
        [UInt8(message.count >> 8), UInt8(message.count & 255)] + message
    }
}

extension Attacks {
    @Test(arguments: ClearAttack.all)
    func beforeTheChannelIsSecured(attack: ClearAttack) async throws {
        let arena = try await Arena.open()
        try await arena.run(expecting: .cutOff) {
            for _ in 0..<10 {
                let peer = try await RawPeer.connect(to: arena.host.address)
                peer.send(attack.bytes)
            }
            let offender = try await RawPeer.connect(to: arena.host.address)
            offender.send(attack.bytes)
            return offender
        }
    }

    @Test(arguments: HandshakeAttack.allCases)
    func handshakes(attack: HandshakeAttack) async throws {
        let arena = try await Arena.open()
        try await arena.run(expecting: .cutOff) {
            let offender = try await RawPeer.connect(to: arena.host.address) { attack.script() }
            offender.send(noise)
            return offender
        } afterwards: {
            let others = arena.host.news.count {
                if case .peerConnected(let peer, _, _) = $0 {
                    peer != arena.pinger.peer && peer != arena.reader.peer
                } else {
                    false
                }
            }
            // The handshake itself was right in one case, and what came then was not.
            #expect(others == (attack == .frameBadTag ? 1 : 0))
        }
    }

    /// noise-half1, noise-half2, slowloris, slowloris-noise: whatever comes how slowly, the upgrade has one
    /// deadline.
    @Test func slowUpgrades() async throws {
        let arena = try await Arena.open { $0.connections.upgradeTimeout = .milliseconds(800) }
        let host = arena.host
        let first = noise + [0, 32] + X25519.PrivateKey().publicKey
        try await arena.run(expecting: nil) {
            let silent = try await RawPeer.connect(to: host.address)
            let halfLine = try await RawPeer.connect(to: host.address)
            halfLine.send(Array(noise.prefix(9)))
            let half1 = try await RawPeer.connect(to: host.address)
            half1.send(noise + [0, 32] + [UInt8](repeating: 9, count: 20))
            let half2 = try await RawPeer.connect(to: host.address)
            half2.send(first)
            let trickles = [noise, first].map { bytes in
                Task {
                    let peer = try await RawPeer.connect(to: host.address)
                    for byte in bytes {
                        peer.send([byte])
                        try await Task.sleep(for: .milliseconds(50))
                    }
                    return await peer.isClosed(within: .seconds(5))
                }
            }
            for peer in [silent, halfLine, half1, half2] {
                #expect(await peer.isClosed(within: .seconds(5)))
            }
            for trickle in trickles { #expect(try await trickle.value) }
            #expect(try await host.service.connectionCount() == 2)
            return nil
        }
    }

    /// idle-conns: 300 transports that say nothing; the oldest give way to who comes.
    @Test func idleTransports() async throws {
        let arena = try await Arena.open { $0.admission.maximumHalfOpen = 64 }
        let host = arena.host
        try await arena.run(expecting: .contained, within: 0.3) {
            var last: RawPeer?
            var first: RawPeer?
            for _ in 0..<300 {
                last = try await RawPeer.connect(to: host.address)
                first = first ?? last
            }
            #expect(await first?.isClosed(within: .seconds(5)) == true)
            #expect(try await host.service.connectionCount() <= 64 + 2)
            // Who goes on is served.
            let honest = try await TestHost.start()
            #expect(try await honest.service.dial(host.address) == host.peer)
            await honest.service.shutDown()
            return last
        }
    }

    /// idle-secured: secured connections of which nothing is made end after a while.
    @Test func idleSecuredConnections() async throws {
        let arena = try await Arena.open { $0.connections.idleTimeout = .milliseconds(500) }
        try await arena.run(expecting: .cutOff) {
            var last: RawPeer?
            for _ in 0..<40 {
                last = try await RawPeer.connect(to: arena.host.address, secured: true)
            }
            return last
        }
    }
}
