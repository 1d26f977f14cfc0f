import LibP2P
import Testing

@Suite struct MultistreamTests {
    @Test func linesEqualTheVectors() {
        #expect(
            Multistream.line("/multistream/1.0.0").hex == "132f6d756c746973747265616d2f312e302e300a"
        )
        #expect(Multistream.line("/noise").hex == "072f6e6f6973650a")
        #expect(Multistream.line("/yamux/1.0.0").hex == "0d2f79616d75782f312e302e300a")
        #expect(Multistream.line("na").hex == "036e610a")
    }

    /// Runs both sides with messages cut into pieces of `step` bytes.
    private func negotiate(
        _ proposals: [String], _ accepted: [String], step: Int
    ) throws -> (dialer: String?, listener: String?) {
        var dialer = Multistream(proposing: proposals)
        var listener = Multistream.listening
        var toListener = dialer.opening
        var toDialer = listener.opening
        var outcome: (dialer: String?, listener: String?) = (nil, nil)
        while !toListener.isEmpty || !toDialer.isEmpty {
            if !toListener.isEmpty {
                let piece = toListener.prefix(step)
                toListener.removeFirst(piece.count)
                let result = try listener.received(piece) { accepted.contains($0) }
                toDialer += result.output
                outcome.listener = outcome.listener ?? result.agreed
            }
            if !toDialer.isEmpty {
                let piece = toDialer.prefix(step)
                toDialer.removeFirst(piece.count)
                let result = try dialer.received(piece)
                toListener += result.output
                outcome.dialer = outcome.dialer ?? result.agreed
            }
        }
        return outcome
    }

    @Test(arguments: [1, 2, 5, 1000])
    func agrees(step: Int) throws {
        #expect(try negotiate(["/a"], ["/a"], step: step) == ("/a", "/a"))
        #expect(try negotiate(["/x", "/y", "/b"], ["/a", "/b"], step: step) == ("/b", "/b"))
        #expect(throws: MultistreamError.noCommonProtocol) {
            _ = try negotiate(["/x", "/y"], ["/a"], step: step)
        }
    }

    @Test func whatFollowsIsHandedBack() throws {
        var listener = Multistream.listening
        let bytes = Multistream.line(Multistream.header) + Multistream.line("/a") + [1, 2, 3]
        let step = try listener.received(bytes[...]) { $0 == "/a" }
        #expect(step.agreed == "/a")
        #expect(Array(step.leftover) == [1, 2, 3])
        #expect(step.output == Multistream.line("/a"))
        var dialer = Multistream(proposing: ["/a"])
        #expect(try Array(dialer.received(bytes[...]).leftover) == [1, 2, 3])
    }

    @Test func listIsRefusedPolitely() throws {
        var listener = Multistream.listening
        let bytes = Multistream.line(Multistream.header) + Multistream.line("ls")
        #expect(try listener.received(bytes[...]).output == Multistream.line("na"))
    }

    @Test(
        arguments: [
            ("ffff03", MultistreamError.malformedLength(.tooLong(maximumBytes: 2))),
            ("8000", .malformedLength(.notMinimal)),
            ("8008", nil), ("8108", .lineTooLong(length: 1025, limit: 1024)),
            ("ff7f", .lineTooLong(length: 16383, limit: 1024)),
            ("00", .missingNewline),
            ("0161", .missingNewline),
            ("072f6e6f6973650a", .missingHeader),
            ("474554202f", nil),
            ("010a", .missingHeader),
        ] as [(String, MultistreamError?)])
    func malformedLines(hex: String, error: MultistreamError?) {
        for var machine in [Multistream.listening, Multistream(proposing: ["/a"])] {
            if let error {
                #expect(throws: error) { try machine.received([UInt8](hex: hex)[...]) }
            } else {
                #expect(throws: Never.self) { try machine.received([UInt8](hex: hex)[...]) }
            }
        }
    }

    @Test func proposalsAreCounted() throws {
        var listener = Multistream.listening
        _ = try listener.received(Multistream.line(Multistream.header)[...])
        for _ in 1..<Multistream.maximumProposals {
            #expect(try listener.received(Multistream.line("/x")[...]).output.hex == "036e610a")
        }
        #expect(throws: MultistreamError.tooManyProposals(limit: 16)) {
            try listener.received(Multistream.line("/x")[...])
        }
    }

    @Test func dialerTakesOnlyWhatItProposed() throws {
        var dialer = Multistream(proposing: ["/a", "/b"])
        let header = Multistream.line(Multistream.header)
        #expect(throws: MultistreamError.unexpectedAnswer) {
            try dialer.received((header + Multistream.line("/b"))[...])
        }
    }

    @Test func randomBytesNeverTrap() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<5_000 {
            var machine = Bool.random() ? Multistream.listening : Multistream(proposing: ["/a"])
            for _ in 0..<4 {
                var bytes = Bool.random() ? Multistream.line(Multistream.header) : []
                bytes += (0..<Int.random(in: 0..<20)).map { _ in
                    UInt8.random(in: 0...12, using: &random)
                }
                guard (try? machine.received(bytes[...])) != nil else { break }
            }
        }
    }
}
