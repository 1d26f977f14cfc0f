import LibP2P
import Testing

@Suite struct MultiaddrTests {
    @Test(arguments: [
        (
            "/ip4/127.0.0.1/tcp/4001/p2p/12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq",
            "047f000001060fa1a503260024080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e"
                + "42d474fce27e"
        ),
        ("/ip6/::1/tcp/4001", "2900000000000000000000000000000001060fa1"),
        ("/ip4/127.0.0.1/udp/4001/quic-v1", "047f00000191020fa1cd03"),
        ("/dns4/example.org/tcp/443/wss", "360b6578616d706c652e6f72670601bbde03"),
        ("/dns/a/tcp/1", "350161060001"),
    ])
    func vectors(text: String, hex: String) throws {
        let address = try Multiaddr(text)
        #expect(address.bytes.hex == hex)
        #expect("\(address)" == text)
        #expect(try Multiaddr(bytes: [UInt8](hex: hex)) == address)
    }

    @Test func parts() throws {
        let id = try PeerID("12D3KooWBtg3aaRMjxwedh83aGiUkwSxDwUZkzuJcfaqUmo7R3pq")
        let address = try Multiaddr("/ip4/10.1.2.3/tcp/4001")
        #expect(address.peerID == nil)
        #expect(address.with(id).peerID == id)
        #expect(address.with(id).with(id).transport == address)
        #expect(address.ipAddress == .v4(0x0a01_0203))
        #expect(address.tcpEndpoint?.port == 4001)
        #expect(try Multiaddr("/ip4/1.2.3.4/udp/1/quic-v1").tcpEndpoint == nil)
        #expect(try Multiaddr("/ip4/1.2.3.4/tcp/1/ws").tcpEndpoint == nil)
        #expect(try Multiaddr("/p2p/\(id)").transport == Multiaddr("/p2p/\(id)"))
        #expect(try Multiaddr("/ipfs/\(id)").peerID == id)
    }

    @Test(arguments: [
        "", "/", "//", "ip4/1.2.3.4", "/ip4", "/ip4/", "/ip4/1.2.3", "/ip4/1.2.3.256",
        "/ip4/01.2.3.4", "/ip4/1.2.3.4/tcp", "/ip4/1.2.3.4/tcp/", "/ip4/1.2.3.4/tcp/65536",
        "/ip4/1.2.3.4/tcp/-1", "/ip4/1.2.3.4/tcp/+1", "/ip4/::1", "/ip6/1.2.3.4", "/ip6/:::",
        "/ip6/1::2::3", "/ip6/1:2:3:4:5:6:7", "/ip6/1:2:3:4:5:6:7:8:9", "/ip6/12345::",
        "/ip6/1:2:3:4:5:6:7::8", "/p2p/x", "/nothing/1", "/dns//tcp/1", "/dns/a b/tcp/1",
        "/ip4/1.2.3.4//tcp/1", "/ip6/+1::", "/ip6/1.2.3.4::1",
    ])
    func refusesText(text: String) {
        #expect(throws: MultiaddrError.self) { try Multiaddr(text) }
    }

    @Test(arguments: [
        "", "04", "047f0000", "2900", "06", "0601", "a503", "a50326", "a503ff",
        "ffffffffffffffff7f",
        "8400", "8080", "0c", "3500", "3502ff61", "a50302" + "0000", "35ffffffffffffffff7f",
        String(repeating: "060001", count: 13), "35020061",
    ])
    func refusesBytes(hex: String) {
        #expect(throws: MultiaddrError.self) { try Multiaddr(bytes: [UInt8](hex: hex)) }
    }

    @Test func unknownProtocolsAreNamed() {
        #expect(throws: MultiaddrError.unknownProtocolCode(12)) {
            try Multiaddr(bytes: [UInt8](hex: "047f0000010c"))
        }
        #expect(throws: MultiaddrError.unknownProtocolName("sctp")) {
            try Multiaddr("/ip4/1.2.3.4/sctp/1")
        }
    }

    @Test func randomBytesNeverTrap() {
        var random = SystemRandomNumberGenerator()
        let codes: [UInt8] = [4, 6, 41, 53, 54, 0x91, 2, 0xa5, 3, 0xcd]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<48, using: &random)
            let bytes = (0..<count).map { _ in
                Bool.random(using: &random)
                    ? codes[Int.random(in: 0..<codes.count, using: &random)]
                    : UInt8.random(in: .min ... .max, using: &random)
            }
            guard let address = try? Multiaddr(bytes: bytes) else { continue }
            #expect((try? Multiaddr(bytes: address.bytes)) == address)
            #expect((try? Multiaddr("\(address)")) == address)
        }
    }
}

@Suite struct IPAddressTests {
    @Test(arguments: [
        ("::", "::"), ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:0", "::"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:DB8::1", "2001:db8::1"),
        ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("::ffff:1.2.3.4", "::ffff:102:304"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("0.0.0.0", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.255"), ("1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"),
    ])
    func text(input: String, output: String) throws {
        let address = try #require(IPAddress(input))
        #expect("\(address)" == output)
        #expect(IPAddress(output) == address)
        #expect(IPAddress(bytes: address.bytes) == address)
    }

    @Test func ranges() throws {
        let loopback = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]
        let inner = [
            "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
            "100.127.255.255", "169.254.1.1", "224.0.0.1", "fe80::1", "fd00::1", "ff02::1",
            "::ffff:10.0.0.1", "0.0.0.0", "::",
        ]
        let outer = [
            "8.8.8.8", "172.15.0.1", "172.32.0.1", "192.169.0.1", "100.63.0.1", "100.128.0.1",
            "2606:4700::1", "::ffff:8.8.8.8",
        ]
        for text in loopback + inner + outer {
            let address = try #require(IPAddress(text))
            #expect(address.isLoopback == loopback.contains(text), "\(text)")
            #expect(address.isPrivate == !outer.contains(text), "\(text)")
        }
        #expect(IPAddress("1.2.3.4")?.group == IPAddress("1.2.0.0"))
        #expect(IPAddress("2001:db8:1::1")?.group == IPAddress("2001:db8::"))
    }
}
