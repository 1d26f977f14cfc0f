extension Yamux {
    /// Takes bytes of the connection, of any number and cut anywhere.
    ///
    /// Every length is checked against the stream's window before memory is taken for it. After an
    /// error the session is over.
    package mutating func received(
        _ bytes: UnsafeRawBufferPointer, now: Instant
    ) throws(YamuxError) {
        lastReceived = now
        var rest = bytes[...]
        while !rest.isEmpty {
            if let arriving = body {
                let part = rest.prefix(arriving.remaining)
                rest = rest.dropFirst(part.count)
                deliver(UnsafeRawBufferPointer(rebasing: part), of: arriving)
            } else if header.isEmpty, rest.count >= YamuxHeader.byteCount {
                let part = rest.prefix(YamuxHeader.byteCount)
                rest = rest.dropFirst(YamuxHeader.byteCount)
                try received(YamuxHeader(UnsafeRawBufferPointer(rebasing: part)), now: now)
            } else {
                let part = rest.prefix(YamuxHeader.byteCount - header.count)
                rest = rest.dropFirst(part.count)
                header.append(contentsOf: part)
                guard header.count == YamuxHeader.byteCount else { return }
                let complete = header.withUnsafeBytes { bytes in
                    Result { () throws(YamuxError) in try YamuxHeader(bytes) }
                }
                header.removeAll(keepingCapacity: true)
                try received(try complete.get(), now: now)
            }
        }
    }

    private mutating func received(_ header: YamuxHeader, now: Instant) throws(YamuxError) {
        switch header.kind {
        case .data, .windowUpdate:
            guard header.stream.rawValue != 0 else { throw .wrongStream(header.stream) }
            try receivedStreamFrame(header, now: now)
        case .ping:
            guard header.stream.rawValue == 0 else { throw .wrongStream(header.stream) }
            guard pingBudget.take(now: now) else { throw .pingFlood }
            if header.flags.contains(.syn) {
                try answer(
                    YamuxHeader(.ping, .ack, stream: StreamID(0), length: header.length))
            } else if header.length == Self.probe, let sent = probedAt {
                probedAt = nil
                roundTrip = now - sent
            }
        case .goAway:
            guard header.stream.rawValue == 0 else { throw .wrongStream(header.stream) }
            guard emptyFrameBudget.take(now: now) else { throw .emptyFrameFlood }
            if !goAwayReceived {
                goAwayReceived = true
                events.append(.goAway(header.length))
            }
        }
    }

    private mutating func receivedStreamFrame(
        _ header: YamuxHeader, now: Instant
    ) throws(YamuxError) {
        let stream = header.stream
        if header.length == 0, header.flags.isEmpty {
            guard emptyFrameBudget.take(now: now) else { throw .emptyFrameFlood }
        }
        if header.flags.contains(.syn), try !accept(header, now: now) { return }
        guard let state = streams[stream] else {
            try receivedStray(header, now: now)
            return
        }
        if header.flags.contains(.rst) {
            try receivedReset(header, state, now: now)
            return
        }
        if header.flags.contains(.ack) { acknowledge(stream) }
        let isFin = header.flags.contains(.fin)
        switch header.kind {
        case .data:
            guard !state.finReceived || header.length == 0 else { throw .dataAfterFin(stream) }
            guard header.length <= state.receiveWindow else {
                throw .windowExceeded(
                    stream, length: header.length, window: state.receiveWindow)
            }
            streams[stream]?.receiveWindow -= Int(header.length)
            if header.length > 0 {
                body = Body(
                    stream: stream, remaining: Int(header.length), isFin: isFin, since: now)
            } else if isFin {
                receivedFin(stream)
            }
        default:
            guard
                Int(header.length) <= YamuxLimits.maximumSendWindow - state.sendWindow
            else { throw .windowOverflow(stream, delta: header.length) }
            streams[stream]?.sendWindow += Int(header.length)
            makeReady(stream)
            if isFin { receivedFin(stream) }
        }
    }

    /// Opens a stream for the peer. False if it was refused, with the frame dealt with.
    private mutating func accept(
        _ header: YamuxHeader, now: Instant
    ) throws(YamuxError) -> Bool {
        let stream = header.stream
        guard (stream.rawValue % 2 == 0) == (role == .dialer) else { throw .wrongParity(stream) }
        guard streams[stream] == nil else { throw .duplicateStream(stream) }
        guard streamBudget.take(now: now) else { throw .streamFlood }
        if header.kind == .data, header.length > YamuxLimits.initialWindow {
            throw .windowExceeded(
                stream, length: header.length, window: YamuxLimits.initialWindow)
        }
        guard inboundCount < limits.maximumInboundStreams, !goAwaySent else {
            // The peer may send a whole window before it sees the refusal.
            allowStray(YamuxLimits.initialWindow)
            try answer(YamuxHeader(.windowUpdate, .rst, stream: stream))
            try receivedStray(header, now: now)
            return false
        }
        register(stream, isInbound: true, now: now)
        try answer(YamuxHeader(.windowUpdate, .ack, stream: stream, length: additionalWindow))
        events.append(.opened(stream))
        return true
    }

    /// A frame for a stream that is not there: usually one whose end crossed with it.
    private mutating func receivedStray(
        _ header: YamuxHeader, now: Instant
    ) throws(YamuxError) {
        guard emptyFrameBudget.take(now: now) else { throw .emptyFrameFlood }
        guard header.kind == .data, header.length > 0 else { return }
        guard header.length <= strayAllowance else { throw .tooMuchStrayData }
        strayAllowance -= Int(header.length)
        body = Body(
            stream: StreamID(0), remaining: Int(header.length), isFin: false, since: now)
    }

    private mutating func receivedReset(
        _ header: YamuxHeader, _ state: YamuxStream, now: Instant
    ) throws(YamuxError) {
        remove(header.stream)
        events.append(.closed(header.stream, reset: true))
        if state.isInbound, now - state.opened < limits.youngStreamAge {
            guard resetBudget.take(now: now) else { throw .rapidReset }
        }
        if header.kind == .data, header.length > 0 {
            allowStray(min(Int(header.length), state.receiveWindow))
            try receivedStray(header, now: now)
        }
    }

    private mutating func receivedFin(_ stream: StreamID) {
        guard streams[stream]?.finReceived == false else { return }
        streams[stream]?.finReceived = true
        events.append(.readClosed(stream))
        removeIfDone(stream)
    }

    private mutating func deliver(_ part: UnsafeRawBufferPointer, of arriving: Body) {
        let stream = arriving.stream
        body?.remaining -= part.count
        let isWhole = arriving.remaining == part.count
        if isWhole { body = nil }
        guard streams[stream] != nil else { return }
        streams[stream]?.unconsumed += part.count
        events.append(.data(stream, Array(part)))
        if isWhole, arriving.isFin { receivedFin(stream) }
    }

    private mutating func answer(_ header: YamuxHeader) throws(YamuxError) {
        guard control.count < limits.maximumControlFrames else {
            throw .controlQueueFull(limit: limits.maximumControlFrames)
        }
        control.append(header)
    }
}
