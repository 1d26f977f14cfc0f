import LibP2P

/// Two yamux sessions that obey every command, and one session that faces frames of any kind.
///
/// Between honest sides no bytes are lost, changed or out of order, nobody is ever accused, and no
/// more is under way than windows allow. Against a hostile side memory stays within the limits and
/// events tell a story that makes sense.
let yamuxTarget = FuzzTarget(
    name: "yamux", maximumLength: 1024,
    seeds: {
        (0..<40).map { number in
            var random = FuzzRandom(seed: UInt64(700 + number))
            return [UInt8(number % 3)] + random.bytes(100 + 10 * number)
        }
    },
    run: { bytes in
        var reader = ByteReader(bytes)
        switch reader.below(3) {
        case 0: YamuxPair(&reader).run(&reader)
        case 1: faceFrames(&reader)
        default: faceBytes(&reader)
        }
    })

private func limits(_ reader: inout ByteReader) -> YamuxLimits {
    var limits = YamuxLimits()
    limits.receiveWindow = reader.bit() ? YamuxLimits.initialWindow : 400_000
    limits.maximumInboundStreams = 1 + reader.below(12)
    limits.maximumOutboundStreams = 1 + reader.below(16)
    limits.maximumUnacknowledged = 1 + reader.below(8)
    limits.dataFrameBytes = [100, 1024, 16_384, 70_000][reader.below(4)]
    limits.maximumQueuedBytesPerStream = 300_000
    limits.maximumQueuedBytes = 900_000
    return limits
}

/// What one side has seen and done on one stream, for comparison with the other.
private struct StreamRecord {
    var written: [UInt8] = []
    var reported = 0
    var received: [UInt8] = []
    var consumed = 0
    var isFinished = false
    var readClosed = false
    /// Ended by this side, or so reported.
    var isOver = false
    var isReset = false
}

private struct YamuxEnd {
    var yamux: Yamux
    let limits: YamuxLimits
    var records: [StreamID: StreamRecord] = [:]
    var isGoingAway = false
    /// Whether the other side may open streams under old numbers.
    var isHostile = false

    var live: [StreamID] {
        records.filter { !$0.value.isOver }.map(\.key).sorted()
    }

    /// Takes events and checks that each makes sense after those before it.
    mutating func take() {
        for event in yamux.takeEvents() {
            switch event {
            case .opened(let stream):
                require(
                    records[stream].map { isHostile && $0.isOver } ?? true,
                    "stream \(stream) opened twice")
                records[stream] = StreamRecord()
            case .data(let stream, let bytes):
                guard let record = records[stream], !record.isOver, !record.readClosed else {
                    finding("data on a stream that is not there")
                }
                require(!bytes.isEmpty, "no data")
                records[stream]?.received += bytes
                let unconsumed = record.received.count + bytes.count - record.consumed
                require(
                    unconsumed <= max(limits.receiveWindow, YamuxLimits.initialWindow),
                    "\(unconsumed) bytes beyond the window")
            case .readClosed(let stream):
                guard let record = records[stream], !record.isOver, !record.readClosed else {
                    finding("the end of a stream that is not there")
                }
                records[stream]?.readClosed = true
            case .closed(let stream, let reset):
                guard let record = records[stream], !record.isOver else {
                    finding("a stream that is not there was closed")
                }
                require(
                    reset || (record.isFinished && record.readClosed), "a stream closed too early")
                records[stream]?.isOver = true
                records[stream]?.isReset = reset
            case .written(let stream, let count):
                guard let record = records[stream] else { finding("written where nothing is") }
                records[stream]?.reported += count
                require(
                    count > 0 && record.reported + count <= record.written.count,
                    "more written than given")
            case .goAway: isGoingAway = true
            }
        }
        require(yamux.queuedBytes <= limits.maximumQueuedBytes, "queued bytes")
        require(yamux.inboundCount <= limits.maximumInboundStreams, "inbound streams")
        require(
            yamux.streamCount - yamux.inboundCount <= limits.maximumOutboundStreams,
            "outbound streams")
        require(yamux.streamCount == live.count, "streams")
    }

    mutating func fill(_ capacity: Int) -> [UInt8] {
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = yamux.fill(UnsafeMutableRawBufferPointer(buffer))
        }
        take()
        return bytes
    }
}

private struct YamuxPair {
    var ends: [YamuxEnd]
    /// Bytes on their way to each end.
    var wires: [[UInt8]] = [[], []]
    var now = Instant.zero
    var streamsReset: Set<StreamID> = []
    var serial: UInt8 = 0

    init(_ reader: inout ByteReader) {
        ends = [ConnectionRole.dialer, .listener].map { role in
            let limits = limits(&reader)
            return YamuxEnd(
                yamux: Yamux(role: role, limits: limits, now: .zero), limits: limits)
        }
    }

    func run(_ reader: inout ByteReader) {
        var pair = self
        while !reader.isAtEnd { pair.step(&reader) }
        pair.settle()
        pair.compare()
    }

    private mutating func step(_ reader: inout ByteReader) {
        let side = reader.below(2)
        switch reader.below(12) {
        case 0, 1:
            if let stream = ends[side].yamux.open(now: now) {
                require(ends[side].records[stream] == nil, "an old number")
                ends[side].records[stream] = StreamRecord()
            }
        case 2, 3, 4:
            guard let stream = pick(side, &reader) else { return }
            serial &+= 1
            let count = [0, 1, 100, 1000, 20_000, 200_000, 400_000][reader.below(7)]
            let bytes = testBytes(count, serial)
            let queued = ends[side].yamux.queuedBytes
            let isTaken = ends[side].yamux.write(stream, bytes)
            let isFinished = ends[side].records[stream]?.isFinished == true
            require(!(isTaken && isFinished), "a write after the end")
            require(
                ends[side].yamux.queuedBytes == queued + (isTaken ? count : 0), "queued bytes")
            if isTaken { ends[side].records[stream]?.written += bytes }
        case 5:
            guard let stream = pick(side, &reader) else { return }
            ends[side].yamux.finish(stream)
            ends[side].records[stream]?.isFinished = true
        case 6:
            guard reader.below(3) == 0, let stream = pick(side, &reader) else { return }
            ends[side].yamux.reset(stream)
            ends[side].records[stream]?.isOver = true
            streamsReset.insert(stream)
        case 7:
            guard let stream = pick(side, &reader), let record = ends[side].records[stream]
            else { return }
            let open = record.received.count - record.consumed
            consume(side, stream, reader.bit() ? open : open / 2)
        case 8:
            now = now + .milliseconds(250 + reader.below(4000))
            ends[side].yamux.ping(reader.uint32())
        case 9: if reader.below(16) == 0 { ends[side].yamux.goAway() }
        default:
            let capacity = [12, 13, 100, 2000, 65_536][reader.below(5)]
            wires[1 - side] += ends[side].fill(capacity)
            deliver(to: reader.below(2), at: [1, 7, 12, 1000, 100_000][reader.below(5)])
        }
        ends[side].take()
    }

    private func pick(_ side: Int, _ reader: inout ByteReader) -> StreamID? {
        let live = ends[side].live
        return live.isEmpty ? nil : live[reader.below(live.count)]
    }

    private mutating func consume(_ side: Int, _ stream: StreamID, _ count: Int) {
        ends[side].yamux.consumed(stream, count)
        ends[side].records[stream]?.consumed += count
    }

    private mutating func deliver(to side: Int, at most: Int) {
        let bytes = Array(wires[side].prefix(most))
        wires[side].removeFirst(bytes.count)
        // So that no budget runs out: what is tested here is that honest sides get on.
        now = now + .milliseconds(5)
        do throws(YamuxError) {
            try receive(bytes, &ends[side].yamux, now)
        } catch { finding("an honest side is accused: \(error)") }
        ends[side].take()
    }

    /// Everything is delivered and consumed.
    private mutating func settle() {
        for _ in 0..<400 {
            var moved = false
            for side in 0..<2 {
                wires[1 - side] += ends[side].fill(65_536)
                for _ in 0..<4 where !wires[side].isEmpty {
                    deliver(to: side, at: 50_000)
                    moved = true
                }
                for (stream, record) in ends[side].records where !record.isOver {
                    consume(side, stream, record.received.count - record.consumed)
                }
            }
            if !moved, wires.allSatisfy({ $0.isEmpty }),
                !ends.contains(where: { $0.yamux.hasOutput })
            {
                return
            }
        }
        finding("two sides that do not come to rest")
    }

    private func compare() {
        for side in 0..<2 {
            for (stream, record) in ends[side].records {
                let other = ends[1 - side].records[stream]
                let isCut =
                    record.isReset || other?.isReset == true || streamsReset.contains(stream)
                let received = other?.received ?? []
                require(record.written.starts(with: received), "bytes of \(stream) changed")
                guard !isCut else { continue }
                // Opened by one side, it is there on the other, with everything.
                guard let other else { finding("stream \(stream) did not arrive") }
                require(received.count == record.written.count, "bytes of \(stream) are missing")
                require(record.reported == record.written.count, "writes were not reported")
                require(other.readClosed == record.isFinished, "the end of \(stream) got lost")
                require(
                    record.isOver == (record.isFinished && other.isFinished),
                    "\(stream) is not over on both sides")
            }
        }
    }
}

private func receive(_ bytes: [UInt8], _ yamux: inout Yamux, _ now: Instant) throws(YamuxError) {
    let outcome = bytes.withUnsafeBytes { bytes in
        Result { () throws(YamuxError) in try yamux.received(bytes, now: now) }
    }
    try outcome.get()
}

// MARK: - Against a hostile side

private func faceFrames(_ reader: inout ByteReader) {
    var limits = limits(&reader)
    limits.maximumControlFrames = 64
    var end = YamuxEnd(
        yamux: Yamux(role: reader.bit() ? .dialer : .listener, limits: limits, now: .zero),
        limits: limits, isHostile: true)
    var now = Instant.zero
    while !reader.isAtEnd {
        if reader.below(4) == 0 {
            command(&end, &reader, now)
            continue
        }
        now = now + .milliseconds(reader.below(16) == 0 ? 1000 : 0)
        let kind = reader.pick([
            YamuxHeader.Kind.data, .data, .windowUpdate, .windowUpdate, .ping, .goAway,
        ])
        let flags = YamuxHeader.Flags(
            rawValue: UInt16(reader.below(32) == 0 ? 0xffff : reader.below(16)))
        let stream = StreamID(reader.below(32) == 0 ? reader.uint32() : UInt32(reader.below(24)))
        let length: UInt32 =
            switch reader.below(8) {
            case 0: reader.uint32()
            case 1: 262_144
            case 2: 262_145
            default: UInt32(reader.below(600))
            }
        let header = YamuxHeader(kind, flags, stream: stream, length: length)
        var frame = [UInt8](repeating: 0, count: 12)
        frame.withUnsafeMutableBytes { header.write(to: $0) }
        if kind == .data { frame += [UInt8](repeating: 7, count: min(Int(length), 300_000)) }
        let repeats = reader.below(16) == 0 ? 40 : 1
        for _ in 0..<repeats {
            guard feed(frame, &end, now) else { return }
        }
    }
}

private func faceBytes(_ reader: inout ByteReader) {
    let limits = limits(&reader)
    var end = YamuxEnd(
        yamux: Yamux(role: .listener, limits: limits, now: .zero), limits: limits, isHostile: true)
    let cut = 1 + reader.below(40)
    let bytes = reader.rest()
    for start in stride(from: 0, to: bytes.count, by: cut) {
        guard feed(Array(bytes[start..<min(start + cut, bytes.count)]), &end, .zero) else { return }
    }
}

/// False once the session has ended.
private func feed(_ bytes: [UInt8], _ end: inout YamuxEnd, _ now: Instant) -> Bool {
    do throws(YamuxError) {
        try receive(bytes, &end.yamux, now)
    } catch {
        // What had been told before stays valid; then nothing is left but the last frame.
        end.take()
        end.yamux.terminate(.protocolError)
        require(end.yamux.bufferedOutbound == YamuxHeader.byteCount, "more than a go-away is left")
        require(end.yamux.streamCount == 0, "streams after the end")
        return false
    }
    end.take()
    require(
        end.yamux.bufferedOutbound
            <= end.limits.maximumQueuedBytes + YamuxHeader.byteCount * 4096,
        "\(end.yamux.bufferedOutbound) bytes wait")
    return true
}

private func command(_ end: inout YamuxEnd, _ reader: inout ByteReader, _ now: Instant) {
    let live = end.live
    let stream = live.isEmpty ? nil : live[reader.below(live.count)]
    switch reader.below(6) {
    case 0: if let new = end.yamux.open(now: now) { end.records[new] = StreamRecord() }
    case 1:
        guard let stream else { return }
        let bytes = [UInt8](repeating: 3, count: reader.below(5000))
        if end.yamux.write(stream, bytes) { end.records[stream]?.written += bytes }
    case 2:
        guard let stream else { return }
        end.yamux.finish(stream)
        end.records[stream]?.isFinished = true
    case 3:
        guard let stream else { return }
        end.yamux.reset(stream)
        end.records[stream]?.isOver = true
    case 4:
        guard let stream, let record = end.records[stream] else { return }
        let count = record.received.count - record.consumed
        end.yamux.consumed(stream, count)
        end.records[stream]?.consumed += count
    default: _ = end.fill([12, 100, 65_536][reader.below(3)])
    }
    end.take()
}
