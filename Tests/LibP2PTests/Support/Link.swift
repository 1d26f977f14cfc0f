import LibP2P
import SystemCrypto

/// One side of a connection behind a reference, with everything that happened on it.
final class Side {
    var connection: SecureConnection
    var directives: [ConnectionDirective] = []
    /// Whether received data are given back as credit at once.
    var consumesAtOnce = true

    init(
        _ role: ConnectionRole, seed: UInt8, expectedPeer: PeerID? = nil,
        protocols: [String] = ["/echo/1", "/other/1"],
        limits: ConnectionLimits = ConnectionLimits()
    ) throws {
        let identity = try IdentityKey(seed: [UInt8](repeating: seed, count: 32))
        let channelKey = try X25519.PrivateKey(bytes: [UInt8](repeating: seed &+ 100, count: 32))
        connection = SecureConnection(
            role: role, identity: NoiseIdentity(identity, staticKey: channelKey),
            ephemeralSeed: SystemRandom.bytes(32), expectedPeer: expectedPeer, protocols: protocols,
            limits: limits, now: .zero)
    }

    /// Feeds bytes and keeps what happened.
    func received(_ bytes: [UInt8], now: Instant = .zero) {
        var bytes = bytes
        bytes.withUnsafeMutableBytes { connection.received($0, now: now) }
        collect()
    }

    func collect() {
        for directive in connection.drain() {
            if consumesAtOnce, case .data(let stream, let bytes) = directive {
                connection.consumed(stream, bytes.count)
            }
            directives.append(directive)
        }
    }

    func tick(now: Instant) {
        connection.tick(now: now)
        collect()
    }

    /// Output in one buffer of at most `capacity` bytes.
    func output(capacity: Int = 65_536, now: Instant = .zero) -> [UInt8] {
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = connection.output(into: UnsafeMutableRawBufferPointer(buffer), now: now)
        }
        collect()
        return bytes
    }

    func openStream(_ protocols: [String] = ["/echo/1"], now: Instant = .zero) -> StreamID? {
        connection.openStream(protocols, now: now)
    }

    /// The error that the connection ended with.
    var failure: ConnectionError? {
        for case .closed(let error) in directives { return error }
        return nil
    }

    /// All bytes that arrived on a stream.
    func data(_ stream: StreamID) -> [UInt8] {
        var bytes: [UInt8] = []
        for case .data(stream, let part) in directives { bytes += part }
        return bytes
    }

    func happened(_ directive: ConnectionDirective) -> Bool { directives.contains(directive) }
}

/// Two sides whose bytes are carried over in pieces of sizes that a generator gives.
final class Link {
    let dialer: Side
    let listener: Side
    private var random: SplitMix
    private let maximumPiece: Int

    init(_ dialer: Side, _ listener: Side, seed: UInt64 = 1, maximumPiece: Int = 100_000) {
        self.dialer = dialer
        self.listener = listener
        random = SplitMix(seed: seed)
        self.maximumPiece = maximumPiece
    }

    /// Carries bytes over until neither side has any.
    func settle(now: Instant = .zero) {
        var moved = true
        while moved {
            moved = carry(from: dialer, to: listener, now)
            moved = carry(from: listener, to: dialer, now) || moved
        }
    }

    private func carry(from: Side, to: Side, _ now: Instant) -> Bool {
        var bytes = from.output(now: now)[...]
        guard !bytes.isEmpty else { return false }
        while !bytes.isEmpty {
            let piece = bytes.prefix(1 + Int(random.next() % UInt64(maximumPiece)))
            bytes = bytes.dropFirst(piece.count)
            to.received(Array(piece), now: now)
        }
        return true
    }

    /// Two sides that have settled.
    static func established(
        seed: UInt64 = 1, maximumPiece: Int = 100_000,
        dialer: ConnectionLimits = ConnectionLimits(),
        listener: ConnectionLimits = ConnectionLimits()
    ) throws -> Link {
        let link = Link(
            try Side(.dialer, seed: 1, limits: dialer),
            try Side(.listener, seed: 2, limits: listener), seed: seed,
            maximumPiece: maximumPiece)
        link.settle()
        return link
    }
}
