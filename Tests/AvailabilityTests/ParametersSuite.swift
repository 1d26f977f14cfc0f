import Availability
import KZGCommitments
import SSZ
import Testing

@Suite struct ParametersSuite {
    private func parameters(
        slot: UInt32 = 6000, tolerance: UInt32 = 500, late: UInt32 = 1, suspected: UInt32 = 2,
        withheld: UInt32 = 3, rows: UInt16 = 256, target: UInt8 = 9, retention: UInt64 = 100,
        peers: UInt16 = 3, requests: UInt32 = 1, bytes: UInt32 = 65_536,
        sequencers: [UInt8] = [1], genesis: UInt64 = 0
    ) throws -> NetworkParameters {
        try NetworkParameters(
            sequencers: sequencers.map { try key($0).publicKey },
            genesis: UnixTime(milliseconds: genesis), slotMilliseconds: slot,
            clockToleranceMilliseconds: tolerance, lateMilliseconds: late,
            suspectedMilliseconds: suspected, withheldMilliseconds: withheld,
            maximumDataRows: rows, samplingTarget: target, retentionSlots: retention,
            reportPeers: peers, requestsPerPeerPerSlot: requests, bytesPerPeerPerSlot: bytes)
    }

    @Test func rules() throws {
        _ = try parameters()
        #expect(throws: ParametersError.noSequencer) { try parameters(sequencers: []) }
        #expect(throws: ParametersError.tooManySequencers(65)) {
            try parameters(sequencers: Array(1...65))
        }
        #expect(throws: ParametersError.repeatedSequencer) { try parameters(sequencers: [1, 1]) }
        for slot in [0, 99, 3_600_001, .max] as [UInt32] {
            #expect(throws: ParametersError.slotLength(slot)) { try parameters(slot: slot) }
        }
        #expect(throws: ParametersError.clockTolerance(60_001)) {
            try parameters(tolerance: 60_001)
        }
        #expect(throws: ParametersError.deadlines(late: 0, suspected: 2, withheld: 3)) {
            try parameters(late: 0)
        }
        #expect(throws: ParametersError.deadlines(late: 2, suspected: 2, withheld: 3)) {
            try parameters(late: 2)
        }
        #expect(throws: ParametersError.deadlines(late: 1, suspected: 3, withheld: 3)) {
            try parameters(suspected: 3)
        }
        for rows in [0, 3, 512, .max] as [UInt16] {
            #expect(throws: ParametersError.dataRows(rows)) { try parameters(rows: rows) }
        }
        for target in [0, 19, .max] as [UInt8] {
            #expect(throws: ParametersError.samplingTarget(target)) {
                try parameters(target: target)
            }
        }
        #expect(throws: ParametersError.retention(slots: 1, minimum: 2)) {
            try parameters(retention: 1)
        }
        #expect(throws: ParametersError.retention(slots: .max, minimum: 2)) {
            try parameters(retention: .max)
        }
        for peers in [0, 129] as [UInt16] {
            #expect(throws: ParametersError.reportPeers(peers)) { try parameters(peers: peers) }
        }
        #expect(throws: ParametersError.budgets(requests: 0, bytes: 65_536)) {
            try parameters(requests: 0)
        }
        #expect(throws: ParametersError.budgets(requests: 1, bytes: 65_535)) {
            try parameters(bytes: 65_535)
        }
    }

    @Test func slots() throws {
        let network = try parameters(genesis: 1000)
        #expect(network.slot(at: UnixTime(milliseconds: 999)) == nil)
        #expect(network.slot(at: UnixTime(milliseconds: 1000)) == 0)
        #expect(network.slot(at: UnixTime(milliseconds: 6999)) == 0)
        #expect(network.slot(at: UnixTime(milliseconds: 7000)) == 1)
        let last = (UInt64.max - 1000) / 6000
        #expect(network.slot(at: UnixTime(milliseconds: .max)) == last)
        #expect(network.start(ofSlot: 2) == UnixTime(milliseconds: 13_000))
        #expect(network.start(ofSlot: .max) == nil)
        #expect(network.start(ofSlot: last) != nil)
        #expect(network.start(ofSlot: last + 1) == nil)
        #expect(network.deadlines(ofSlot: .max) == nil)
        let deadlines = try #require(network.deadlines(ofSlot: last))
        #expect(deadlines.start <= deadlines.late && deadlines.late <= deadlines.withheld)
    }

    @Test func everyFieldChangesTheNetworkID() throws {
        let ids = try [
            parameters(), parameters(slot: 6001), parameters(tolerance: 501),
            parameters(late: 1, suspected: 4, withheld: 5),
            parameters(late: 1, suspected: 3, withheld: 5),
            parameters(late: 1, suspected: 3, withheld: 6), parameters(rows: 128),
            parameters(target: 8), parameters(retention: 101), parameters(peers: 4),
            parameters(requests: 2), parameters(bytes: 65_537), parameters(sequencers: [1, 2]),
            parameters(sequencers: [2, 1]), parameters(genesis: 1),
            NetworkParameters(
                preset: .minimal, sequencers: [key(1).publicKey],
                genesis: UnixTime(milliseconds: 0)),
        ].map(\.networkID)
        #expect(Set(ids).count == ids.count)
    }

    @Test func decoderChecksTheRules() throws {
        let network = try parameters()
        #expect(try NetworkParameters(encoded: network.encoded) == network)
        var bytes = network.encoded
        bytes[1] = 2
        #expect(throws: SSZError(.invalid("preset 2 is unknown"), path: [.field("preset")])) {
            try NetworkParameters(encoded: bytes)
        }
        bytes = network.encoded
        bytes[0] = 2
        #expect(throws: SSZError(.invalid("version 2, expected 1"), path: [.field("version")])) {
            try NetworkParameters(encoded: bytes)
        }
    }

    @Test func fuzzing() throws {
        try fuzz(NetworkParameters.self, [network(), network(.minimal)])
    }

    @Test func names() throws {
        let names = NetworkNames(networkID: try root(0xab))
        #expect(names.prefix == "/damask/abababab")
        #expect(names.name(of: .headers) == "/damask/abababab/headers")
        #expect(names.name(of: .columns(group: 31)) == "/damask/abababab/columns-31")
        #expect(names.name(of: .headersByRoot) == "/damask/abababab/headers-by-root/1")
        for topic in NetworkNames.Topic.all {
            #expect(names.topic(named: names.name(of: topic)) == topic)
        }
        #expect(NetworkNames.Topic.all.count == 34)
        for request in NetworkNames.RequestProtocol.allCases {
            #expect(names.request(named: names.name(of: request)) == request)
        }
        #expect(names.topic(named: "/damask/00000000/headers") == nil)
        #expect(names.topic(named: "/damask/abababab/columns-32") == nil)
        #expect(NetworkNames.group(ofColumn: 97) == 1)
        #expect(NetworkNames.columns(ofGroup: 5, of: 128) == [5, 37, 69, 101])
        #expect(NetworkNames.columns(ofGroup: 3, of: 4) == [3])
        #expect(NetworkNames.columns(ofGroup: 5, of: 4) == [])
    }

    @Test func keys() throws {
        let key = try key(1).publicKey
        #expect(key.typed == [8, 1, 18, 32] + key.ed25519)
        #expect(try NodeKey(typed: key.typed) == key)
        #expect(throws: NodeKeyError.unsupportedType) {
            try NodeKey(typed: [8, 2, 18, 32] + key.ed25519)
        }
        #expect(throws: NodeKeyError.wrongLength(actual: 33, expected: 32)) {
            try NodeKey(typed: key.typed + [0])
        }
        // Small order, and not canonical.
        #expect(throws: NodeKeyError.malformed) {
            try NodeKey(ed25519: [1] + [UInt8](repeating: 0, count: 31))
        }
        #expect(throws: NodeKeyError.malformed) {
            try NodeKey(ed25519: [UInt8](repeating: 0xff, count: 32))
        }
        #expect(throws: NodeKeyError.wrongLength(actual: 31, expected: 32)) {
            try SigningKey(seed: [UInt8](repeating: 0, count: 31))
        }
    }

    @Test func files() throws {
        let network = try network()
        let bytes = NetworkFile.encode(network)
        #expect(try NetworkFile.decode(bytes) == network)
        for index in bytes.indices {
            var altered = bytes
            altered[index] ^= 0x10
            #expect(throws: FileError.self) { try NetworkFile.decode(altered) }
            #expect(throws: FileError.self) { try NetworkFile.decode(Array(bytes[..<index])) }
        }
        let most = try NetworkParameters(
            sequencers: (1...64).map { try key($0).publicKey }, genesis: genesis)
        #expect(try NetworkFile.decode(NetworkFile.encode(most)) == most)
        #expect(NetworkParameters.maximumByteCount <= 8192)
    }
}
