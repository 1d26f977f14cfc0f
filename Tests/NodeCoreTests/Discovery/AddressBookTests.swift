import Availability
import LibP2P
import NodeCore
import SystemCrypto
import Testing

@Suite struct AddressBookTests {
    private let now = Instant(nanoseconds: 1_000_000_000_000)

    private func book(_ change: (inout DiscoverySettings) -> Void = { _ in }) throws -> AddressBook
    {
        var settings = DiscoverySettings()
        change(&settings)
        return AddressBook(local: try DiscoveryFixture.peer(0), settings: settings)
    }

    private func source(_ number: Int, at address: Multiaddr? = nil) throws -> AddressSource {
        AddressSource(
            try DiscoveryFixture.peer(number), at: address ?? DiscoveryFixture.address(number))
    }

    @discardableResult
    private func tell(
        _ book: inout AddressBook, _ number: Int, from source: AddressSource,
        at addresses: [Multiaddr]? = nil, sequence: UInt64 = 1
    ) throws -> AddressBook.Verdict {
        let record = try DiscoveryFixture.record(number, sequence: sequence, at: addresses)
        return book.add(
            record.peer, addresses: record.addresses, record: record, from: source, now: now)
    }

    @Test func newerRecordsReplaceOlderOnes() throws {
        var book = try book()
        let source = try source(9)
        let peer = try DiscoveryFixture.peer(1)
        let (old, new) = (DiscoveryFixture.address(1), DiscoveryFixture.address(2))
        #expect(try tell(&book, 1, from: source, at: [old], sequence: 5) == .added)
        #expect(try tell(&book, 1, from: source, at: [new], sequence: 4) == .known)
        #expect(try tell(&book, 1, from: source, at: [new], sequence: 5) == .known)
        #expect(book[peer]?.addresses == [old])
        #expect(try tell(&book, 1, from: source, at: [new], sequence: 6) == .renewed)
        #expect(book[peer]?.addresses == [new])
        #expect(try tell(&book, 0, from: source) == .itself)
        // What it says of itself counts for as much as a record of the same number, not more.
        let own = try self.source(1)
        #expect(try tell(&book, 1, from: own, at: [old], sequence: 6) == .renewed)
        #expect(try tell(&book, 1, from: own, at: [new], sequence: 5) == .known)
        #expect(
            book.add(peer, addresses: [new], record: nil, from: own, now: now) == .known)
    }

    @Test func addressesOfNarrowerScopesAreNotBelieved() throws {
        let texts = [
            "/ip4/127.0.0.1/tcp/1", "/ip4/10.0.0.1/tcp/1", "/ip4/192.168.1.1/tcp/1",
            "/ip4/100.64.0.1/tcp/1", "/ip4/169.254.169.254/tcp/80", "/ip4/0.0.0.0/tcp/1",
            "/ip4/192.0.2.1/tcp/1", "/ip4/224.0.0.1/tcp/1", "/ip6/::1/tcp/1", "/ip6/fd00::1/tcp/1",
            "/ip6/fe80::1/tcp/1", "/ip6/::ffff:127.0.0.1/tcp/1", "/ip6/64:ff9b::7f00:1/tcp/1",
            "/ip6/2002:7f00:1::/tcp/1", "/ip4/8.8.8.8/tcp/0", "/ip4/8.8.8.8/udp/1/quic-v1",
            "/dns4/localhost/tcp/1", "/dns/example.org/tcp/1",
        ]
        for text in texts {
            var book = try book()
            let verdict = try tell(&book, 1, from: try source(9), at: [try Multiaddr(text)])
            #expect(verdict == .unusable, "\(text)")
            #expect(book.count == 0)
        }
        // Neighbours believe each other more; the machine's own most.
        var book = try book()
        let neighbour = try source(9, at: try Multiaddr("/ip4/10.0.0.9/tcp/1"))
        let same = try source(9, at: try Multiaddr("/ip4/127.0.0.1/tcp/1"))
        let site = try Multiaddr("/ip4/10.0.0.1/tcp/1")
        let machine = try Multiaddr("/ip4/127.0.0.1/tcp/1")
        #expect(try tell(&book, 1, from: neighbour, at: [machine, site]) == .added)
        #expect(book[try DiscoveryFixture.peer(1)]?.addresses == [site])
        #expect(try tell(&book, 2, from: same, at: [machine, site]) == .added)
        #expect(book[try DiscoveryFixture.peer(2)]?.addresses == [machine, site])
    }

    @Test func oneSourceCannotCrowdOutOthers() throws {
        var book = try book {
            $0.maximumUnproven = 100
            $0.maximumPerSource = 10
            $0.maximumPerSourceGroup = 20
        }
        for number in 1...20 { try tell(&book, number, from: try source(100 + number)) }
        for number in 1000..<1200 { try tell(&book, number, from: try source(99)) }
        for number in 1...20 { #expect(book[try DiscoveryFixture.peer(number)] != nil) }
        #expect(book.count == 30)
        // The newest of what the source told are there.
        #expect(book[try DiscoveryFixture.peer(1199)] != nil)
        // Other peers of the same network share what there is for the network.
        for other in 0..<10 {
            let address = DiscoveryFixture.address(99, host: 2 + other)
            for number in 0..<10 {
                try tell(
                    &book, 2000 + 10 * other + number, from: try source(500 + other, at: address))
            }
        }
        #expect(book.count == 40)
        // Many networks: those that told most give way first.
        for network in 0..<30 {
            for number in 0..<10 {
                try tell(
                    &book, 3000 + 10 * network + number, from: try source(600 + network))
            }
        }
        #expect(book.count == 100)
        for number in 1...20 { #expect(book[try DiscoveryFixture.peer(number)] != nil) }
    }

    @Test func provenPeersAndClaimsOutrankHearsay() throws {
        var book = try book {
            $0.maximumPerAddress = 2
            $0.maximumUnproven = 10
        }
        let victim = DiscoveryFixture.address(1)
        let liar = try source(50)
        for number in 10..<20 {
            let expected: AddressBook.Verdict = number < 12 ? .added : .crowded
            #expect(try tell(&book, number, from: liar, at: [victim]) == expected)
        }
        // The one that is really there says so itself, and takes the place of a lie.
        #expect(try tell(&book, 1, from: try source(1), at: [victim]) == .added)
        #expect(book.entries.count { $0.addresses == [victim] } == 2)
        let honest = try DiscoveryFixture.peer(1)
        #expect(book[honest]?.standing == .claimed)
        // A lie that turned out to be one gives way to the next hearsay.
        let lie = try #require(book.entries.first { $0.peer != honest }?.peer)
        book.failed(lie, at: victim, retryAt: now, now: now)
        #expect(try tell(&book, 20, from: try source(51), at: [victim]) == .added)
        #expect(book[lie] == nil)
        // Who says so from elsewhere is hearsay.
        #expect(
            try tell(&book, 2, from: try source(2), at: [DiscoveryFixture.address(3)]) == .added)
        #expect(book[try DiscoveryFixture.peer(2)]?.standing == .hearsay)
        // Reached: stays, whatever is told.
        book.reached(honest, at: victim, now: now)
        #expect(book[honest]?.standing == .proven)
        for number in 100..<200 { try tell(&book, number, from: try source(1000 + number)) }
        #expect(book[honest] != nil)
        #expect(book.count == 11)
    }

    @Test func provenPeersAreBoundedToo() throws {
        var book = try book {
            $0.maximumProven = 20
            $0.maximumUnproven = 1000
            $0.maximumPerGroup = 50
        }
        // Ten of different networks, then forty of one.
        for number in 1...10 {
            try tell(&book, number, from: try source(number))
            book.reached(
                try DiscoveryFixture.peer(number), at: DiscoveryFixture.address(number), now: now)
        }
        for number in 0..<40 {
            let address = DiscoveryFixture.address(190, host: 10 + number)
            try tell(
                &book, 100 + number, from: try source(100 + number, at: address), at: [address])
            book.reached(try DiscoveryFixture.peer(100 + number), at: address, now: now)
        }
        #expect(book.entries.count { $0.standing == .proven } == 20)
        for number in 1...10 { #expect(book[try DiscoveryFixture.peer(number)] != nil) }
    }

    @Test func failuresRotateAddressesAndForget() throws {
        var book = try book()
        let peer = try DiscoveryFixture.peer(1)
        let addresses = [DiscoveryFixture.address(1), DiscoveryFixture.address(2)]
        try tell(&book, 1, from: try source(9), at: addresses)
        book.failed(peer, at: addresses[0], retryAt: now, now: now)
        #expect(book[peer]?.addresses == addresses.reversed())
        for _ in 0..<4 { book.failed(peer, at: addresses[1], retryAt: now, now: now) }
        #expect(book[peer] != nil)
        book.failed(peer, at: addresses[1], retryAt: now, now: now)
        #expect(book[peer] == nil)
        // One that was reached is kept for a week.
        try tell(&book, 1, from: try source(9), at: addresses)
        book.reached(peer, at: addresses[1], now: now)
        #expect(book[peer]?.addresses.first == addresses[1])
        for _ in 0..<20 { book.failed(peer, at: addresses[0], retryAt: now, now: now) }
        #expect(book[peer] != nil)
        book.failed(peer, at: addresses[0], retryAt: now, now: now + .seconds(8 * 86400))
        #expect(book[peer] == nil)
        // Somebody else at the address: it is dropped at once.
        try tell(&book, 1, from: try source(9), at: addresses)
        book.isNot(peer, at: addresses[0])
        #expect(book[peer]?.addresses == [addresses[1]])
        book.isNot(peer, at: addresses[1])
        #expect(book[peer] == nil)
    }

    private func filled() throws -> AddressBook {
        var book = try book()
        for number in 1...40 {
            try tell(
                &book, number, from: try source(100 + number / 4), sequence: UInt64(number))
            if number.isMultiple(of: 3) {
                book.reached(
                    try DiscoveryFixture.peer(number), at: DiscoveryFixture.address(number),
                    now: now - .seconds(Int64(number) * 100))
            }
            if number.isMultiple(of: 4) {
                book.setCustody(
                    try DiscoveryFixture.custody(number, ColumnGroups([number % 32])),
                    of: try DiscoveryFixture.peer(number))
            }
        }
        // On loopback, without a record.
        let local = Multiaddr(.v4(0x7f00_0001), tcp: 9)
        book.add(
            try DiscoveryFixture.peer(41), addresses: [local], record: nil,
            from: try source(41, at: local), now: now)
        return book
    }

    @Test func savedAndRestored() throws {
        let book = try filled()
        let bytes = book.saved(now: now, unixSeconds: 1_700_000_000)
        var restored = try self.book()
        // An hour later, on a clock with another origin.
        let later = Instant(nanoseconds: 5)
        try restored.restore(bytes, now: later, unixSeconds: 1_700_003_600)
        #expect(restored.count == book.count)
        for (old, new) in zip(book.entries, restored.entries) {
            #expect(old.peer == new.peer)
            #expect(old.addresses == new.addresses)
            #expect(old.record == new.record)
            #expect(old.custody == new.custody)
            #expect(old.source == new.source)
            #expect(old.standing == new.standing)
            if let reached = old.reachedAt {
                #expect(new.reachedAt == later - ((now - reached) + .seconds(3600)))
            }
        }
        // Saved again, it is the same.
        #expect(restored.saved(now: later, unixSeconds: 1_700_003_600) == bytes)
        // Smaller limits hold when it is restored.
        var small = try self.book {
            $0.maximumProven = 3
            $0.maximumUnproven = 4
        }
        try small.restore(bytes, now: now, unixSeconds: 0)
        #expect(small.count == 7)
    }

    @Test func damagedFilesAreRefused() throws {
        let bytes = try filled().saved(now: now, unixSeconds: 1_700_000_000)
        var random = SeededRandom(number: 3)
        for _ in 0..<300 {
            var changed = bytes
            changed[random.uniform(below: changed.count)] ^= UInt8(1 + random.uniform(below: 255))
            var book = try book()
            #expect(throws: AddressBookError.self) {
                try book.restore(changed, now: now, unixSeconds: 0)
            }
            #expect(book.count == 0)
        }
        for count in stride(from: 0, to: bytes.count, by: 97) {
            var book = try book()
            #expect(throws: AddressBookError.self) {
                try book.restore(Array(bytes.prefix(count)), now: now, unixSeconds: 0)
            }
        }
        var book = try book()
        #expect(throws: AddressBookError.notABook) {
            try book.restore([], now: now, unixSeconds: 0)
        }
        var newer = bytes
        newer[8] = 2
        #expect(throws: AddressBookError.unknownVersion(2)) {
            try book.restore(newer, now: now, unixSeconds: 0)
        }
        let long = [UInt8](repeating: 0, count: AddressBook.maximumSavedBytes + 1)
        #expect(
            throws: AddressBookError.tooLong(
                byteCount: long.count, limit: AddressBook.maximumSavedBytes)
        ) { try book.restore(long, now: now, unixSeconds: 0) }
        // Garbage with a right hash neither traps nor leaves anything.
        for _ in 0..<2000 {
            let body = (0..<random.uniform(below: 80)).map { _ in
                UInt8(random.uniform(below: 256))
            }
            let forged = Array("DMSKPEER".utf8) + [1] + SHA256.hash(body) + body
            try? book.restore(forged, now: now, unixSeconds: 0)
            #expect(book.count == 0)
        }
    }
}
