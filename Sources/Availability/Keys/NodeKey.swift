public import SSZ
import SystemCrypto

/// The public key of a sequencer, of a peer or of a reporter: an Ed25519 key in libp2p's typed
/// form, `08 01 12 20` and the key's 32 bytes.
///
/// A value is always well-formed: the encoding is canonical and the key is not of small order, so
/// that one key has one name. (That it is a point of the curve shows when a signature is checked.)
public struct NodeKey: Sendable, Hashable {
    /// The most bytes that the field of a typed key may have, with algorithms still to come.
    public static let maximumByteCount = 64

    /// libp2p's prefix of an Ed25519 key: field 1 (type) is 1, field 2 has 32 bytes.
    private static let prefix: [UInt8] = [0x08, 0x01, 0x12, 0x20]

    /// The key's 32 bytes, without the prefix.
    public let ed25519: [UInt8]

    /// A key from its 32 bytes.
    public init(ed25519: [UInt8]) throws(NodeKeyError) {
        guard ed25519.count == Ed25519.publicKeyByteCount else {
            throw .wrongLength(actual: ed25519.count, expected: Ed25519.publicKeyByteCount)
        }
        guard Ed25519.isAcceptable(publicKey: ed25519) else { throw .malformed }
        self.ed25519 = ed25519
    }

    /// A key from libp2p's typed form.
    public init(typed bytes: [UInt8]) throws(NodeKeyError) {
        guard bytes.starts(with: Self.prefix) else { throw .unsupportedType }
        try self.init(ed25519: Array(bytes.dropFirst(Self.prefix.count)))
    }

    /// The key in libp2p's typed form: 36 bytes.
    public var typed: [UInt8] { Self.prefix + ed25519 }

    /// Whether a signature of a message by this key is valid, under the strict rule of
    /// `specs/parameters.md`.
    public func isValid(signature: [UInt8], of message: [UInt8]) -> Bool {
        Ed25519.isValid(signature: signature, of: message, publicKey: ed25519)
    }
}

extension NodeKey: Comparable {
    /// Whether `a` comes before `b` as a byte string.
    public static func < (a: Self, b: Self) -> Bool {
        a.ed25519.lexicographicallyPrecedes(b.ed25519)
    }
}

extension NodeKey: CustomStringConvertible {
    /// `0x` and 64 hexadecimal digits, without the prefix.
    public var description: String { Hexadecimal.text(ed25519) }
}

extension NodeKey: SSZCodable {
    /// `List[uint8, 64]` in the typed form.
    public static let ssz = SSZType<[UInt8]>.byteList(limit: maximumByteCount).map(
        { (key: NodeKey) in key.typed },
        { bytes throws(SSZError) in
            do throws(NodeKeyError) {
                return try NodeKey(typed: bytes)
            } catch {
                throw SSZError(.invalid("\(error)"))
            }
        })
}

/// Why bytes are no key.
public enum NodeKeyError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Not an Ed25519 key in libp2p's typed form.
    case unsupportedType
    /// The wrong number of bytes.
    case wrongLength(actual: Int, expected: Int)
    /// Not the canonical encoding of a point, or one of small order.
    case malformed

    /// What is wrong.
    public var description: String {
        switch self {
        case .unsupportedType: "not an Ed25519 key in libp2p's typed form"
        case .wrongLength(let actual, let expected):
            "key of \(actual) bytes, expected \(expected)"
        case .malformed: "key is not canonical, or of small order"
        }
    }
}
