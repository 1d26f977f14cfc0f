/// An IPv4 or IPv6 address.
public enum IPAddress: Hashable, Sendable {
    /// An IPv4 address as a big-endian number: 127.0.0.1 is 0x7f000001.
    case v4(UInt32)
    /// An IPv6 address as two big-endian numbers.
    case v6(high: UInt64, low: UInt64)

    /// An address from its 4 or 16 bytes; nil for any other number.
    public init?(bytes: some Collection<UInt8>) {
        switch bytes.count {
        case 4:
            self = .v4(bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16:
            let high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            let low = bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
            self = .v6(high: high, low: low)
        default:
            return nil
        }
    }

    /// The address's 4 or 16 bytes.
    public var bytes: [UInt8] {
        switch self {
        case .v4(let value):
            return (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * $0)) }
        case .v6(let high, let low):
            return [high, low].flatMap { half in
                (0..<8).map { UInt8(truncatingIfNeeded: half >> UInt64(56 - 8 * $0)) }
            }
        }
    }

    /// The IPv4 address that an IPv6 address of the form `::ffff:a.b.c.d` stands for; any other
    /// address unchanged. Limits per address count both forms as one.
    public var unmapped: IPAddress {
        guard case .v6(0, let low) = self, low >> 32 == 0xffff else { return self }
        return .v4(UInt32(truncatingIfNeeded: low))
    }

    /// Whether the address is of this machine only: 127.0.0.0/8 or ::1.
    public var isLoopback: Bool {
        switch unmapped {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }

    /// Whether it stands for "all addresses of this machine": 0.0.0.0 or ::.
    public var isUnspecified: Bool {
        switch self {
        case .v4(let value): value == 0
        case .v6(let high, let low): high == 0 && low == 0
        }
    }

    /// Whether it is not routed on the public internet: loopback, private, shared (RFC 6598),
    /// link-local, unique local, unspecified, multicast, documentation and reserved ranges.
    public var isPrivate: Bool { scope != .world }

    /// The network that an address is counted with where diversity matters: its first 16 bits
    /// for IPv4, 32 for IPv6. Whoever has one address of a group usually has many.
    public var group: IPAddress {
        switch unmapped {
        case .v4(let value): .v4(value & 0xffff_0000)
        case .v6(let high, _): .v6(high: high & 0xffff_ffff_0000_0000, low: 0)
        }
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted decimal, or for IPv6 the shortest form (RFC 5952).
    public var description: String {
        switch self {
        case .v4:
            return bytes.map(String.init).joined(separator: ".")
        case .v6:
            let bytes = bytes
            let groups = (0..<8).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
            // The first longest run of at least two zero groups becomes "::".
            var run = 0..<0
            var start = 0
            while start < 8 {
                var end = start
                while end < 8, groups[end] == 0 { end += 1 }
                if end - start > max(run.count, 1) { run = start..<end }
                start = max(end, start + 1)
            }
            let text = { (part: ArraySlice<UInt16>) in
                part.map { String($0, radix: 16) }.joined(separator: ":")
            }
            guard !run.isEmpty else { return text(groups[...]) }
            return text(groups[..<run.lowerBound]) + "::" + text(groups[run.upperBound...])
        }
    }

    /// An address from text; nil if it is none. No zones, no leading zeros in IPv4.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 45 else { return nil }
        if text.contains(":") {
            guard let groups = Self.groups(ofIPv6: text) else { return nil }
            self.init(bytes: groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xff)] })
        } else {
            guard let bytes = Self.bytes(ofIPv4: text) else { return nil }
            self.init(bytes: bytes)
        }
    }

    private static func bytes(ofIPv4 text: some StringProtocol) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            guard (1...3).contains(part.utf8.count),
                part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                part.utf8.count == 1 || part.utf8.first != UInt8(ascii: "0"),
                let byte = UInt8(part)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    private static func groups(ofIPv6 text: some StringProtocol) -> [UInt16]? {
        /// The groups of a part without "::"; the last may be an IPv4 address.
        func groups(_ part: String) -> [UInt16]? {
            if part.isEmpty { return [] }
            var result: [UInt16] = []
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
            for (index, piece) in pieces.enumerated() {
                if index == pieces.count - 1, piece.contains(".") {
                    guard let v4 = bytes(ofIPv4: piece) else { return nil }
                    result.append(UInt16(v4[0]) << 8 | UInt16(v4[1]))
                    result.append(UInt16(v4[2]) << 8 | UInt16(v4[3]))
                } else {
                    guard (1...4).contains(piece.utf8.count), piece.first?.isHexDigit == true,
                        let group = UInt16(piece, radix: 16)
                    else { return nil }
                    result.append(group)
                }
            }
            return result
        }
        let text = String(text)
        let characters = Array(text.utf8)
        let colon = UInt8(ascii: ":")
        let gap = characters.indices.dropLast().first {
            characters[$0] == colon && characters[$0 + 1] == colon
        }
        guard let gap else {
            guard let all = groups(text), all.count == 8 else { return nil }
            return all
        }
        let tail = String(decoding: characters[(gap + 2)...], as: UTF8.self)
        guard let front = groups(String(decoding: characters[..<gap], as: UTF8.self)),
            !tail.contains("::"), let back = groups(tail), front.count + back.count <= 7,
            !characters[..<gap].contains(UInt8(ascii: "."))
        else { return nil }
        return front + Array(repeating: 0, count: 8 - front.count - back.count) + back
    }
}
