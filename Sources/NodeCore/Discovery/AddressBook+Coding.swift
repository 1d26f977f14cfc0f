import Availability
package import LibP2P
import SSZ
import SystemCrypto

/// Why bytes are no saved address book.
package enum AddressBookError: Error, Equatable, Sendable {
    /// Longer than any book, in bytes.
    case tooLong(byteCount: Int, limit: Int)
    /// Not the beginning of a saved book.
    case notABook
    /// A version of the format that this software does not know.
    case unknownVersion(UInt8)
    /// The bytes changed since they were saved, or are not all there.
    case damaged
    /// The content is malformed although its hash is right.
    case malformed
}

/// The form in which remembered peers outlive the process: eight letters, a version byte, the SHA-256 of
/// what follows, and a protobuf. Moments are kept as seconds since 1970.
extension AddressBook {
    private static let magic = Array("DMSKPEER".utf8)
    private static let version: UInt8 = 1
    private static let headerBytes = 8 + 1 + 32
    /// Bytes of a saved book, at most.
    package static let maximumSavedBytes = 8 << 20
    /// Entries of a saved book that are read; further ones are skipped.
    private static let maximumSavedEntries = 4096

    private enum Field {
        static let entry = 1
        static let peer = 1
        static let address = 2
        static let record = 3
        static let custody = 4
        static let added = 5
        static let reached = 6
        static let failures = 7
        static let sourcePeer = 8
        static let sourceScope = 9
        static let sourceAddress = 10
    }

    /// The book as bytes.
    ///
    /// - Parameters:
    ///   - now: The present moment.
    ///   - unixSeconds: The same on the wall clock.
    /// - Returns: What `restore` takes.
    package func saved(now: Instant, unixSeconds: UInt64) -> [UInt8] {
        func seconds(_ moment: Instant) -> UInt64 {
            let age = max(0, (now - moment).components.seconds)
            return unixSeconds >= UInt64(age) ? unixSeconds - UInt64(age) : 0
        }
        var body = WireWriter(reservingCapacity: 512 * count)
        for entry in entries {
            body.message(Field.entry) { part in
                part.bytes(Field.peer, entry.peer.bytes)
                for address in entry.addresses { part.bytes(Field.address, address.bytes) }
                if let record = entry.record { part.bytes(Field.record, record.envelope) }
                if let custody = entry.custody { part.bytes(Field.custody, custody.encoded) }
                part.uint64(Field.added, seconds(entry.addedAt))
                if let reached = entry.reachedAt { part.uint64(Field.reached, seconds(reached)) }
                part.uint64(Field.failures, UInt64(entry.failures))
                part.bytes(Field.sourcePeer, entry.source.peer.bytes)
                part.uint64(Field.sourceScope, UInt64(entry.source.scope.rawValue))
                if let address = entry.source.address {
                    part.bytes(Field.sourceAddress, address.bytes)
                }
            }
        }
        return Self.magic + [Self.version] + SHA256.hash(body.bytes) + body.bytes
    }

    /// Takes over a saved book; what is there already stays. Signatures are checked again, addresses
    /// too, and the limits hold; what does not pass is left out.
    ///
    /// - Parameters:
    ///   - bytes: What `saved` gave.
    ///   - now: The present moment.
    ///   - unixSeconds: The same on the wall clock.
    /// - Throws: ``AddressBookError``; then nothing has changed.
    package mutating func restore(
        _ bytes: [UInt8], now: Instant, unixSeconds: UInt64
    ) throws(AddressBookError) {
        guard bytes.count <= Self.maximumSavedBytes else {
            throw .tooLong(byteCount: bytes.count, limit: Self.maximumSavedBytes)
        }
        guard bytes.starts(with: Self.magic), bytes.count >= Self.headerBytes else {
            throw .notABook
        }
        guard bytes[8] == Self.version else { throw .unknownVersion(bytes[8]) }
        let body = Array(bytes[Self.headerBytes...])
        guard SHA256.hash(body) == Array(bytes[9..<Self.headerBytes]) else { throw .damaged }
        var restored: [Entry] = []
        do {
            var reader = WireReader(body)
            while let field = try reader.next() {
                guard field.number == Field.entry, restored.count < Self.maximumSavedEntries
                else { continue }
                let part = try field.message(limit: Self.maximumSavedBytes)
                if let entry = try entry(part, now: now, unixSeconds: unixSeconds) {
                    restored.append(entry)
                }
            }
        } catch {
            throw .malformed
        }
        var room = (proven: settings.maximumProven, unproven: settings.maximumUnproven)
        for entry in entries {
            if entry.standing == .proven { room.proven -= 1 } else { room.unproven -= 1 }
        }
        for entry in restored where table[entry.peer] == nil && entry.peer != local {
            if entry.standing == .proven {
                guard room.proven > 0 else { continue }
                room.proven -= 1
            } else {
                guard room.unproven > 0 else { continue }
                room.unproven -= 1
            }
            table[entry.peer] = entry
        }
    }

    /// Nil for an entry that does not pass.
    private func entry(
        _ part: WireReader, now: Instant, unixSeconds: UInt64
    ) throws(WireError) -> Entry? {
        func moment(_ seconds: UInt64) -> Instant {
            let age = unixSeconds >= seconds ? unixSeconds - seconds : 0
            return now - .seconds(Int64(clamping: age))
        }
        var peer: PeerID?
        var addresses: [Multiaddr] = []
        var record: SignedPeerRecord?
        var custody: CustodyRecord?
        var added = now
        var reached: Instant?
        var failures: UInt64 = 0
        var sourcePeer: PeerID?
        var scope = AddressScope.world
        var sourceAddress: IPAddress?
        var reader = part
        while let field = try reader.next() {
            switch field.number {
            case Field.peer: peer = try? PeerID(bytes: try field.slice(limit: .max))
            case Field.address:
                if let address = try? Multiaddr(bytes: try field.slice(limit: .max)) {
                    addresses.append(address)
                }
            case Field.record:
                record = try? SignedPeerRecord(verifying: try field.bytes(limit: .max))
            case Field.custody:
                custody = try? CustodyRecord(encoded: try field.bytes(limit: .max))
            case Field.added: added = moment(try field.uint64())
            case Field.reached: reached = moment(try field.uint64())
            case Field.failures: failures = try field.uint64()
            case Field.sourcePeer: sourcePeer = try? PeerID(bytes: try field.slice(limit: .max))
            case Field.sourceScope:
                scope = AddressScope(rawValue: Int(clamping: try field.uint64())) ?? .world
            case Field.sourceAddress: sourceAddress = IPAddress(bytes: try field.slice(limit: 16))
            default: break
            }
        }
        guard let peer, let sourcePeer else { return nil }
        let source = AddressSource(sourcePeer, scope: scope, address: sourceAddress)
        let usable = usable(addresses, from: source)
        guard !usable.isEmpty, record.map({ $0.peer == peer }) ?? true else { return nil }
        var entry = Entry(peer: peer, addresses: usable, source: source, addedAt: added)
        entry.record = record
        if let custody, custody.node.typed == peer.publicKey?.encoded, custody.isSignatureValid {
            entry.custody = custody
        }
        entry.reachedAt = reached
        entry.failures = Int(clamping: failures)
        return entry
    }
}
