import Foundation
import SSZ

/// Types that vectors are about, with every kind of field.
struct Entry: Equatable, Sendable {
    var namespace: [UInt8]
    var firstCell: UInt32
    var length: UInt32
    var encoding: UInt8

    static let ssz = SSZType<Entry>.container(
        .field("namespace", \.namespace, .byteList(limit: 32)),
        .field("first_cell", \.firstCell, .uint32),
        .field("length", \.length, .uint32),
        .field("encoding", \.encoding, .uint8)
    ) { namespace, firstCell, length, encoding throws(SSZError) in
        Entry(
            namespace: namespace, firstCell: firstCell, length: length, encoding: encoding)
    }
}

struct Fixed: Equatable, Sendable {
    var a: UInt8
    var b: UInt64
    var c: Bytes32
    var d: Bool

    static let ssz = SSZType<Fixed>.container(
        .field("a", \.a, .uint8),
        .field("b", \.b, .uint64),
        .field("c", \.c, .bytes32),
        .field("d", \.d, .boolean)
    ) { a, b, c, d throws(SSZError) in
        Fixed(a: a, b: b, c: c, d: d)
    }
}

struct Mixed: Equatable, Sendable {
    var version: UInt8
    var name: [UInt8]
    var height: UInt64
    var points: [[UInt8]]
    var entries: [Entry]
    var numbers: [UInt16]
    var root: Bytes32
    var fixed: [Fixed]

    static let ssz = SSZType<Mixed>.container(
        .field("version", \.version, .uint8),
        .field("name", \.name, .byteList(limit: 64)),
        .field("height", \.height, .uint64),
        .field("points", \.points, .list(of: .bytes(48), limit: 256)),
        .field("entries", \.entries, .list(of: Entry.ssz, limit: 1024)),
        .field("numbers", \.numbers, .list(of: .uint16, limit: 100)),
        .field("root", \.root, .bytes32),
        .field("fixed", \.fixed, .list(of: Fixed.ssz, limit: 5))
    ) { version, name, height, points, entries, numbers, root, fixed throws(SSZError) in
        Mixed(
            version: version, name: name, height: height, points: points, entries: entries,
            numbers: numbers, root: root, fixed: fixed)
    }
}

/// A case of `specs/vectors/ssz.json`, made by an independent implementation.
struct VectorCase: Decodable, Sendable {
    var type: String
    var encoded: String
    var root: String

    static func all() throws -> [VectorCase] {
        struct File: Decodable { var cases: [VectorCase] }
        let url = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../specs/vectors/ssz.json")
        return try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).cases
    }
}

/// The bytes of hexadecimal digits.
func hex(_ digits: String) -> [UInt8] {
    let values = digits.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: values.count - 1, by: 2).map {
        UInt8(values[$0] << 4 | values[$0 + 1])
    }
}
