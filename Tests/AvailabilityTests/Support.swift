import Availability
import DataMatrix
import Foundation
import KZGCommitments
import SSZ
import SystemCrypto
import Testing

/// The bytes of hexadecimal digits, with or without 0x.
func hex(_ digits: String) -> [UInt8] {
    let digits = digits.hasPrefix("0x") ? digits.dropFirst(2) : digits[...]
    let values = digits.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: values.count - 1, by: 2).map {
        UInt8(values[$0] << 4 | values[$0 + 1])
    }
}

/// A file of `specs/`.
func specification(_ path: String) throws -> Data {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../specs")
    return try Data(contentsOf: root.appending(path: path))
}

/// A key that is the same each time.
func key(_ number: UInt8) throws -> SigningKey {
    try SigningKey(seed: [UInt8](repeating: number, count: 32))
}

func root(_ byte: UInt8) throws -> Bytes32 {
    try #require(Bytes32([UInt8](repeating: byte, count: 32)))
}

/// Bytes that stand for a commitment where no one looks at the point.
func commitment(_ number: Int) throws -> KZGCommitment {
    try #require(KZGCommitment([UInt8](repeating: UInt8(number % 255 + 1), count: 48)))
}

func proof(_ number: Int) throws -> KZGProof {
    try #require(KZGProof([UInt8](repeating: UInt8(number % 255 + 1), count: 48)))
}

let genesis = UnixTime(milliseconds: 1_800_000_000_000)

/// A network with two sequencers, those of keys 1 and 2.
func network(
    _ preset: Preset = .mainnet, maximumDataRows: UInt16 = 256
) throws -> NetworkParameters {
    try NetworkParameters(
        preset: preset, sequencers: [key(1).publicKey, key(2).publicKey], genesis: genesis,
        maximumDataRows: maximumDataRows)
}

/// A header that a network accepts, with fields to vary.
struct HeaderFields {
    var version = BlockHeader.version
    var networkID: Bytes32
    var signer: UInt8 = 1
    var height: UInt64 = 5
    var slot: UInt64 = 9
    var parent: Bytes32
    var commitments: [KZGCommitment]
    var index: [PayloadIndexEntry]

    init(_ parameters: NetworkParameters, dataRows: Int = 4) throws {
        networkID = parameters.networkID
        parent = try root(7)
        commitments = try (0..<dataRows).map { try commitment($0) }
        index = [PayloadIndexEntry(namespace: [0], firstCell: 0, length: 100, encoding: .packed)]
    }

    func header() throws -> BlockHeader {
        try BlockHeader(
            version: version, networkID: networkID, sequencer: key(signer).publicKey,
            height: height, slot: slot, parentRoot: parent, commitments: commitments,
            index: index)
    }

    func signed() throws -> SignedHeader {
        try SignedHeader(signing: header(), with: key(signer))
    }
}

/// Whatever decodes encodes to the same bytes, and nothing traps, for truncated, lengthened,
/// altered and random bytes.
func fuzz<Value: SSZCodable>(
    _ type: Value.Type, _ samples: [Value], rounds: Int = 20_000, seed: UInt64 = 1
) {
    var random = SeededRandom(number: seed)
    let encodings = samples.map(\.encoded)
    for bytes in encodings {
        #expect((try? Value(encoded: bytes))?.encoded == bytes)
    }
    for round in 0..<rounds {
        var bytes = encodings[random.uniform(below: encodings.count)]
        // Offsets and counts stand near the start, so most changes are made there.
        let reach = random.uniform(below: 2) == 0 ? min(bytes.count, 200) : bytes.count
        switch round % 5 {
        case 0: bytes = Array(bytes.prefix(random.uniform(below: bytes.count + 1)))
        case 1: bytes += SystemRandom.bytes(1 + random.uniform(below: 40))
        case 2: bytes[random.uniform(below: reach)] = UInt8(random.uniform(below: 256))
        case 3:
            for _ in 0...random.uniform(below: 4) {
                bytes[random.uniform(below: reach)] ^= 1 << UInt8(random.uniform(below: 8))
            }
        default:
            bytes = (0..<random.uniform(below: 600)).map { _ in
                random.uniform(below: 4) == 0 ? UInt8(random.uniform(below: 256)) : 0
            }
        }
        guard let value = try? Value(encoded: bytes) else { continue }
        if value.encoded != bytes { Issue.record("two encodings of one \(type)") }
    }
}
