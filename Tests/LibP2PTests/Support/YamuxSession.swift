import LibP2P
import Testing

/// A yamux session behind a reference, so that expectations can contain calls which change it.
final class YamuxSession {
    private var yamux: Yamux

    init(_ role: ConnectionRole, _ limits: YamuxLimits = YamuxLimits()) {
        yamux = Yamux(role: role, limits: limits, now: .zero)
    }

    init(copying other: YamuxSession) {
        yamux = other.yamux
    }

    var streamCount: Int { yamux.streamCount }
    var inboundCount: Int { yamux.inboundCount }
    var queuedBytes: Int { yamux.queuedBytes }
    var bufferedOutbound: Int { yamux.bufferedOutbound }
    var hasOutput: Bool { yamux.hasOutput }

    func isOpen(_ stream: StreamID) -> Bool { yamux.isOpen(stream) }
    func takeEvents() -> [YamuxEvent] { yamux.takeEvents() }
    func open(now: Instant = .zero) -> StreamID? { yamux.open(now: now) }
    func write(_ stream: StreamID, _ bytes: [UInt8]) -> Bool { yamux.write(stream, bytes) }
    func finish(_ stream: StreamID) { yamux.finish(stream) }
    func reset(_ stream: StreamID) { yamux.reset(stream) }
    func consumed(_ stream: StreamID, _ count: Int) { yamux.consumed(stream, count) }
    func measureRoundTrip() { yamux.measureRoundTrip(now: .zero) }
    func goAway() { yamux.goAway() }
    func terminate(_ reason: YamuxGoAway) { yamux.terminate(reason) }

    /// Feeds bytes.
    func received(_ bytes: [UInt8], now: Instant = .zero) throws {
        try bytes.withUnsafeBytes { try yamux.received($0, now: now) }
    }

    /// Everything to be sent, in buffers of `capacity` bytes.
    func output(capacity: Int = 65_536) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let part = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                count = yamux.fill(UnsafeMutableRawBufferPointer(buffer))
            }
            if part.isEmpty { return all }
            all += part
        }
    }
}

/// A frame's bytes.
func frame(
    _ kind: YamuxHeader.Kind, _ flags: YamuxHeader.Flags = [], _ stream: UInt32,
    length: UInt32? = nil, _ body: [UInt8] = []
) -> [UInt8] {
    let header = YamuxHeader(
        kind, flags, stream: StreamID(stream), length: length ?? UInt32(body.count))
    var bytes = [UInt8](repeating: 0, count: 12)
    bytes.withUnsafeMutableBytes { header.write(to: $0) }
    return bytes + body
}
