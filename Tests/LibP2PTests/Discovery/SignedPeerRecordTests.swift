import LibP2P
import SystemCrypto
import Testing

@Suite struct SignedPeerRecordTests {
    static let seed = [UInt8](
        hex: "7e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d")
    /// Made by py-libp2p 0.8.1 from the key and the addresses below.
    static let envelope = [UInt8](
        hex: "0a24080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"
            + "120203011a620a260024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e"
            + "42d474fce27e10fbd095ffbc311a0a0a080408080808060fa11a160a142926064700000000000000"
            + "000000000001060fa21a0d0a0b040808080891020fa1cd032a404c1b0cc0e48bf3676a6d26f8b302"
            + "e4febf6332f30441291ad77ce07939bb985f7bf64e9fda84face62a2c1b61fca8002f2fe6fa277cd"
            + "2138fa50fb17d3a57f0f")
    static let empty = [UInt8](
        hex: "0a24080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e"
            + "120203011a2a0a260024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e"
            + "42d474fce27e10012a40e754442aece9f5f7eaff321b08b2954398685cb6e5830ba4362afec043fa"
            + "62e37a676f1fcb3a158a8a7343bc717ceb5e2c04942b78086dc8e34252db8f44c50a")

    static func addresses() throws -> [Multiaddr] {
        try [
            "/ip4/8.8.8.8/tcp/4001", "/ip6/2606:4700::1/tcp/4002",
            "/ip4/8.8.8.8/udp/4001/quic-v1",
        ].map { try Multiaddr($0) }
    }

    @Test func foreignVectors() throws {
        let identity = try IdentityKey(seed: Self.seed)
        let record = try SignedPeerRecord(verifying: Self.envelope)
        #expect(record.peer == identity.peerID)
        #expect(record.sequence == 1_700_000_000_123)
        #expect(record.addresses == (try Self.addresses()))
        #expect(try SignedPeerRecord(verifying: Self.empty).addresses == [])
        // Ed25519 is deterministic, so our record of the same content is the same.
        let ours = SignedPeerRecord(
            identity: identity, sequence: 1_700_000_000_123, addresses: try Self.addresses())
        #expect(ours == record)
        #expect(
            SignedPeerRecord(identity: identity, sequence: 1, addresses: [])?.envelope
                == Self.empty)
    }

    @Test func everyChangedBitIsRefused() throws {
        for index in Self.envelope.indices {
            for bit in 0..<8 {
                var changed = Self.envelope
                changed[index] ^= 1 << UInt8(bit)
                #expect(throws: PeerRecordError.self) {
                    _ = try SignedPeerRecord(verifying: changed)
                }
            }
        }
        for count in Self.envelope.indices {
            #expect(throws: PeerRecordError.self) {
                _ = try SignedPeerRecord(verifying: Array(Self.envelope.prefix(count)))
            }
        }
    }

    /// An envelope around any payload, signed rightly.
    private func sealed(
        _ identity: IdentityKey, domain: String = "libp2p-peer-record",
        type: [UInt8] = [3, 1], _ write: (inout WireWriter) -> Void
    ) -> [UInt8] {
        var payload = WireWriter()
        write(&payload)
        return SignedEnvelope(
            domain: domain, payloadType: type, payload: payload.bytes, identity: identity
        ).encoded
    }

    @Test func reasonsOfRefusal() throws {
        let identity = try IdentityKey(seed: Self.seed)
        let other = IdentityKey()
        let own = { (writer: inout WireWriter) in writer.bytes(1, identity.peerID.bytes) }
        func refusal(_ bytes: [UInt8]) -> PeerRecordError? {
            do {
                _ = try SignedPeerRecord(verifying: bytes)
                return nil
            } catch { return error }
        }
        #expect(refusal(sealed(identity, own)) == nil)
        #expect(refusal([]) == .malformed(.missing(field: 1)))
        #expect(
            refusal([UInt8](repeating: 0, count: 2049)) == .tooLong(byteCount: 2049, limit: 2048))
        #expect(refusal(sealed(identity, domain: "other", own)) == .invalidSignature)
        #expect(refusal(sealed(identity, type: [3, 2], own)) == .wrongPayloadType([3, 2]))
        #expect(
            refusal(sealed(identity) { $0.bytes(1, other.peerID.bytes) })
                == .wrongPeer(signer: identity.peerID, subject: other.peerID))
        #expect(refusal(sealed(identity) { $0.bytes(1, [1, 2, 3]) }) == .malformedPeerID)
        #expect(refusal(sealed(identity) { _ in }) == .malformed(.missing(field: 1)))
        #expect(
            refusal(sealed(identity) { $0.uint64(1, 5) }) == .malformed(.wrongWireType(field: 1)))
        // The same fields in another order, with an unknown field, with one field twice.
        let envelope = try SignedEnvelope(decoding: Self.envelope, limit: 2048)
        for order in [[2, 1, 3, 5], [1, 2, 3, 5, 5], [1, 2, 3, 4, 5]] {
            var writer = WireWriter()
            for field in order {
                switch field {
                case 1: writer.bytes(1, envelope.publicKey.encoded)
                case 2: writer.bytes(2, envelope.payloadType)
                case 3: writer.bytes(3, envelope.payload)
                case 5: writer.bytes(5, envelope.signature)
                default: writer.bytes(4, [])
                }
            }
            #expect(refusal(writer.bytes) == .notCanonical)
        }
        // A key that can't be checked here.
        var foreign = WireWriter()
        foreign.bytes(1, [0x08, 0x02, 0x12, 0x21] + [UInt8](repeating: 2, count: 33))
        foreign.bytes(2, [3, 1])
        foreign.bytes(3, [])
        foreign.bytes(5, [])
        #expect(refusal(foreign.bytes) == .unsupportedKeyType(.secp256k1))
    }

    @Test func addressesAreCutAndCleaned() throws {
        let identity = try IdentityKey(seed: Self.seed)
        let stranger = IdentityKey().peerID
        let good = Multiaddr(.v4(0x0808_0808), tcp: 1)
        let bytes = sealed(identity) { writer in
            writer.bytes(1, identity.peerID.bytes)
            writer.message(3) { $0.bytes(1, [0xff, 0xff, 0x01]) }
            writer.message(3) { $0.bytes(1, good.with(stranger).bytes) }
            writer.message(3) { $0.bytes(1, good.with(identity.peerID).bytes) }
            for port in 2..<40 {
                writer.message(3) {
                    $0.bytes(1, Multiaddr(.v4(0x0808_0808), tcp: UInt16(port)).bytes)
                }
            }
        }
        let record = try SignedPeerRecord(verifying: bytes)
        #expect(record.addresses.count == SignedPeerRecord.maximumAddresses - 1)
        #expect(record.addresses[0] == good)
        let names = try (0..<16).map {
            try Multiaddr([.dns(.any, String(repeating: "a", count: 200 + $0)), .tcp(1)])
        }
        #expect(SignedPeerRecord(identity: identity, sequence: 1, addresses: names) == nil)
    }

    @Test func randomBytesNeverTrap() {
        var random = SeededRandom(number: 21)
        for _ in 0..<20_000 {
            var bytes = Self.envelope
            for _ in 0..<(1 + random.uniform(below: 4)) {
                let at = random.uniform(below: bytes.count)
                if random.uniform(below: 2) == 0 {
                    bytes[at] = UInt8(random.uniform(below: 256))
                } else {
                    bytes.remove(at: at)
                }
            }
            #expect((try? SignedPeerRecord(verifying: bytes)) == nil || bytes == Self.envelope)
        }
    }
}

@Suite struct AddressScopeTests {
    @Test func ranges() throws {
        let expected: [(AddressScope?, [String])] = [
            (.machine, ["127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1"]),
            (
                .site,
                [
                    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
                    "100.127.255.255", "169.254.1.1", "fd00::1", "fc00::1", "::ffff:10.0.0.1",
                ]
            ),
            (
                .world,
                [
                    "8.8.8.8", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.128.0.1",
                    "198.17.255.255", "198.20.0.0", "192.0.3.1", "2606:4700::1", "2001:4860::1",
                    "2a00::1", "::ffff:8.8.8.8",
                ]
            ),
            (
                nil,
                [
                    "0.0.0.0", "0.1.2.3", "192.0.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9",
                    "192.88.99.1", "198.18.0.1", "198.19.255.255", "224.0.0.1", "240.0.0.1",
                    "255.255.255.255", "::", "::2", "fe80::1", "fec0::1", "ff02::1",
                    "2001:db8::1", "3fff::1", "2002:7f00:1::1", "2001::1", "2001:10::1",
                    "2001:2f::1", "64:ff9b::127.0.0.1", "100::1", "::ffff:0.0.0.0",
                ]
            ),
        ]
        for (scope, texts) in expected {
            for text in texts {
                let address = try #require(IPAddress(text))
                #expect(address.scope == scope, "\(text)")
            }
        }
    }

    @Test func whoMayBeToldWhat() throws {
        let machine = try Multiaddr("/ip4/127.0.0.1/tcp/1")
        let site = try Multiaddr("/ip4/192.168.0.9/tcp/1")
        let world = try Multiaddr("/ip4/8.8.8.8/tcp/1")
        let nobody = try Multiaddr("/ip4/192.0.2.1/tcp/1")
        let name = try Multiaddr("/dns4/example.org/tcp/1")
        let told = AddressScope.allCases.map { scope in
            [machine, site, world, nobody, name].map { $0.mayBeTold(to: scope) }
        }
        #expect(
            told == [
                [true, true, true, false, true], [false, true, true, false, true],
                [false, false, true, false, true],
            ])
        // What comes from an address that should not exist is treated like the internet.
        #expect(nobody.scopeOfPeer == .world)
    }
}
