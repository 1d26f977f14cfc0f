import SystemCrypto

/// A private Ed25519 key with its public one.
public struct SigningKey: Sendable {
    private let key: Ed25519.PrivateKey

    /// The public key.
    public let publicKey: NodeKey

    /// A new key from the system's random source.
    public init() {
        while true {
            // A key of small order would need a scalar that is a multiple of the group order.
            if let key = try? SigningKey(seed: SystemRandom.bytes(Ed25519.seedByteCount)) {
                self = key
                return
            }
        }
    }

    /// The key of a 32-byte seed.
    public init(seed: [UInt8]) throws(NodeKeyError) {
        do throws(CryptoError) {
            key = try Ed25519.PrivateKey(seed: seed)
        } catch {
            throw .wrongLength(actual: seed.count, expected: Ed25519.seedByteCount)
        }
        publicKey = try NodeKey(ed25519: key.publicKey)
    }

    /// The 32-byte seed, for whoever stores the key.
    public var seed: [UInt8] { key.seed }

    /// The 64-byte signature of a message.
    func sign(_ message: [UInt8]) -> [UInt8] {
        key.sign(message)
    }
}
