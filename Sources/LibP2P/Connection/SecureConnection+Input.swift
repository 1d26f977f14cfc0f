extension SecureConnection {
    /// Takes bytes that arrived, of any number and cut anywhere. They are decrypted where they are,
    /// so their memory's content is unspecified afterwards.
    package mutating func received(_ bytes: UnsafeMutableRawBufferPointer, now: Instant) {
        guard !bytes.isEmpty, !isClosed else { return }
        lastReceived = now
        pingedAt = nil
        var rest = bytes[...]
        do throws(ConnectionError) {
            while !rest.isEmpty, !isClosed {
                if case .negotiatingSecurity(let multistream) = phase {
                    try negotiateSecurity(&rest, multistream)
                } else {
                    try takeFrame(&rest, now: now)
                }
            }
            closeIfDone()
        } catch {
            fail(error)
        }
    }

    private mutating func negotiateSecurity(
        _ rest: inout Slice<UnsafeMutableRawBufferPointer>, _ state: Multistream
    ) throws(ConnectionError) {
        var multistream = state
        let step = try Self.step(&multistream, Array(rest)[...]) { $0 == Self.noiseProtocol }
        phase = .negotiatingSecurity(multistream)
        clearOutput += step.output
        rest = rest.suffix(step.leftover.count)
        if step.agreed != nil {
            do throws(NoiseError) { try startHandshake() } catch { throw .noise(error) }
        }
    }

    private static func step(
        _ multistream: inout Multistream, _ bytes: ArraySlice<UInt8>,
        _ accepting: (String) -> Bool
    ) throws(ConnectionError) -> Multistream.Step {
        do throws(MultistreamError) {
            return try multistream.received(bytes, accepting: accepting)
        } catch {
            throw .negotiation(error)
        }
    }

    // MARK: frames

    /// Takes one Noise message, or the part of one that is there, from the front of `rest`.
    private mutating func takeFrame(
        _ rest: inout Slice<UnsafeMutableRawBufferPointer>, now: Instant
    ) throws(ConnectionError) {
        if partialFrame.isEmpty, rest.count >= 2 {
            let length = try frameLength(rest[rest.startIndex], rest[rest.startIndex + 1])
            if rest.count >= 2 + length {
                let frame = UnsafeMutableRawBufferPointer(
                    rebasing: rest.dropFirst(2).prefix(length))
                rest = rest.dropFirst(2 + length)
                try receivedFrame(frame, now: now)
                return
            }
        }
        // The frame is not whole: collect it.
        if partialFrame.isEmpty { frameSince = now }
        var wanted = 2
        if partialFrame.count >= 2 { wanted += try frameLength(partialFrame[0], partialFrame[1]) }
        let part = rest.prefix(wanted - partialFrame.count)
        rest = rest.dropFirst(part.count)
        partialFrame.append(contentsOf: part)
        guard partialFrame.count == wanted else { return }
        guard wanted > 2 else {
            // The length has just become known: refuse a wrong one now.
            _ = try frameLength(partialFrame[0], partialFrame[1])
            return
        }
        // Moved out, since taking the frame changes the rest of this value.
        var frame: [UInt8] = []
        swap(&frame, &partialFrame)
        frameSince = nil
        let outcome = frame.withUnsafeMutableBytes { bytes in
            Result { () throws(ConnectionError) in
                try receivedFrame(UnsafeMutableRawBufferPointer(rebasing: bytes[2...]), now: now)
            }
        }
        try outcome.get()
        frame.removeAll(keepingCapacity: true)
        if !isClosed { swap(&frame, &partialFrame) }
    }

    /// The length that two bytes announce, if there can be such a frame now.
    private func frameLength(_ high: UInt8, _ low: UInt8) throws(ConnectionError) -> Int {
        let length = Int(high) << 8 | Int(low)
        if case .handshake(let handshake) = phase {
            guard handshake.isReading, length > 0 else {
                throw .noise(.wrongMessageLength(message: 0, byteCount: length))
            }
            guard length <= limits.maximumHandshakeMessage else {
                throw .handshakeMessageTooLong(
                    byteCount: length, limit: limits.maximumHandshakeMessage)
            }
        } else if length < NoiseCipher.frameOverhead - 2 {
            throw .noise(.frameTooShort(byteCount: length))
        }
        return length
    }

    private mutating func receivedFrame(
        _ frame: UnsafeMutableRawBufferPointer, now: Instant
    ) throws(ConnectionError) {
        if case .handshake(let handshake) = phase {
            do throws(NoiseError) {
                try receivedHandshake(frame, handshake, now: now)
            } catch {
                throw .noise(error)
            }
            return
        }
        let count: Int
        do throws(NoiseError) {
            guard let opened = try receiving?.open(inPlace: frame) else { return }
            count = opened
        } catch {
            throw .noise(error)
        }
        let plaintext = UnsafeRawBufferPointer(rebasing: frame[..<count])
        if case .negotiatingMuxer(let multistream) = phase {
            try negotiateMuxer(plaintext, multistream, now: now)
        } else {
            try receivedByMuxer(plaintext, now: now)
        }
    }

    private mutating func negotiateMuxer(
        _ plaintext: UnsafeRawBufferPointer, _ state: Multistream, now: Instant
    ) throws(ConnectionError) {
        var multistream = state
        let step = try Self.step(&multistream, Array(plaintext)[...]) { $0 == Self.muxerProtocol }
        phase = .negotiatingMuxer(multistream)
        channelOutput += step.output
        guard step.agreed != nil else { return }
        establish(now: now)
        let leftover = plaintext.suffix(step.leftover.count)
        try receivedByMuxer(UnsafeRawBufferPointer(rebasing: leftover), now: now)
    }

    private mutating func receivedByMuxer(
        _ plaintext: UnsafeRawBufferPointer, now: Instant
    ) throws(ConnectionError) {
        do throws(YamuxError) {
            try yamux?.received(plaintext, now: now)
        } catch {
            throw .yamux(error)
        }
        try takeMuxerEvents(now: now)
    }

    // MARK: the multiplexer's events

    mutating func takeMuxerEvents(now: Instant) throws(ConnectionError) {
        while let events = yamux?.takeEvents(), !events.isEmpty {
            for event in events {
                switch event {
                case .opened(let stream):
                    begin(stream, isInbound: true, .listening, now: now)
                case .data(let stream, let bytes):
                    if negotiations.isEmpty || negotiations[stream] == nil {
                        directives.append(.data(stream, bytes))
                    } else {
                        negotiate(stream, bytes)
                    }
                case .readClosed(let stream):
                    if negotiations[stream] == nil {
                        directives.append(.readClosed(stream))
                    } else {
                        abandon(stream, .reset)
                    }
                case .closed(let stream, let reset):
                    if negotiations[stream] == nil {
                        directives.append(.streamClosed(stream, reset: reset))
                    } else {
                        abandon(stream, .reset)
                    }
                case .written(let stream, let count):
                    directives.append(.written(stream, count))
                case .goAway(let reason):
                    guard reason == YamuxGoAway.normal.rawValue else {
                        throw .peerWentAway(reason)
                    }
                }
            }
        }
        if streamCount > 0 {
            idleSince = nil
        } else if idleSince == nil {
            idleSince = now
        }
    }

    /// Once a side is going away and no stream is left, the connection is over.
    mutating func closeIfDone() {
        guard isEstablished, let yamux, yamux.streamCount == 0 else { return }
        if yamux.goAwayReceived {
            fail(.peerWentAway(YamuxGoAway.normal.rawValue))
        } else if yamux.goAwaySent, !yamux.hasOutput {
            fail(.idle)
        }
    }

    // MARK: the protocol of a stream

    mutating func begin(
        _ stream: StreamID, isInbound: Bool, _ multistream: Multistream, now: Instant
    ) {
        negotiations[stream] = StreamNegotiation(isInbound: isInbound, multistream: multistream)
        negotiationDeadlines.append((stream, now + limits.negotiationTimeout))
        yamux?.writeUnreported(stream, multistream.opening)
        idleSince = nil
    }

    private mutating func negotiate(_ stream: StreamID, _ bytes: [UInt8]) {
        guard var negotiation = negotiations[stream] else { return }
        let step: Multistream.Step
        do throws(MultistreamError) {
            step = try negotiation.multistream.received(bytes[...]) { protocols.contains($0) }
        } catch {
            abandon(stream, .negotiation(error))
            return
        }
        yamux?.writeUnreported(stream, step.output)
        yamux?.consumed(stream, bytes.count - step.leftover.count)
        guard let name = step.agreed else {
            negotiations[stream] = negotiation
            return
        }
        negotiations[stream] = nil
        directives.append(
            .streamOpened(stream, protocol: name, inbound: negotiation.isInbound))
        if !step.leftover.isEmpty {
            directives.append(.data(stream, Array(step.leftover)))
        }
    }

    /// Gives a stream up before its protocol is agreed on.
    mutating func abandon(_ stream: StreamID, _ error: StreamOpenError) {
        guard let negotiation = negotiations.removeValue(forKey: stream) else { return }
        yamux?.reset(stream)
        if !negotiation.isInbound { directives.append(.openFailed(stream, error)) }
    }
}
