extension SecureConnection {
    /// The smallest room that `output` needs to make progress, in bytes.
    package static let minimumOutputRoom = 2048

    /// Whether `output` has something to write.
    package var hasOutput: Bool {
        if !clearOutput.isEmpty || !channelOutput.isEmpty { return true }
        return sending != nil && yamux?.hasOutput == true
    }

    /// Bytes that wait to be sent, before encryption; those that windows hold back included.
    package var bufferedOutbound: Int {
        clearOutput.count + channelOutput.count + (yamux?.bufferedOutbound ?? 0)
    }

    /// Writes bytes for the transport to the front of `target`, encrypted where they are written.
    ///
    /// The shell calls it when the transport takes more, so that what is urgent can still overtake
    /// what waits here.
    ///
    /// - Parameters:
    ///   - target: Room for at least `minimumOutputRoom` bytes; some 64 KiB are efficient.
    ///   - now: The present moment.
    /// - Returns: The number of bytes written; 0 if there is nothing to send.
    package mutating func output(
        into target: UnsafeMutableRawBufferPointer, now: Instant
    ) -> Int {
        var filled = 0
        if !clearOutput.isEmpty {
            filled = min(clearOutput.count, target.count)
            target.copyBytes(from: clearOutput.prefix(filled))
            clearOutput.removeFirst(filled)
        }
        guard sending != nil, clearOutput.isEmpty else { return filled }
        do throws(ConnectionError) {
            while target.count - filled >= Self.minimumOutputRoom || filled == 0 {
                let room = min(
                    target.count - filled - NoiseCipher.frameOverhead,
                    NoiseCipher.maximumPlaintextByteCount)
                guard room > YamuxHeader.byteCount else { break }
                let start = filled + 2
                let count = nextPlaintext(
                    UnsafeMutableRawBufferPointer(rebasing: target[start..<start + room]))
                guard count > 0 else { break }
                let length = count + NoiseCipher.frameOverhead - 2
                target[filled] = UInt8(length >> 8)
                target[filled + 1] = UInt8(length & 0xff)
                try seal(
                    UnsafeMutableRawBufferPointer(rebasing: target[start..<start + length]))
                filled = start + length
            }
            if !isClosed {
                try takeMuxerEvents(now: now)
                closeIfDone()
            }
        } catch {
            fail(error)
        }
        return filled
    }

    /// Writes what goes into the next frame; the multiplexer's negotiation goes before its frames.
    private mutating func nextPlaintext(_ target: UnsafeMutableRawBufferPointer) -> Int {
        guard channelOutput.isEmpty else {
            let count = min(channelOutput.count, target.count)
            target.copyBytes(from: channelOutput.prefix(count))
            channelOutput.removeFirst(count)
            return count
        }
        return yamux?.fill(target) ?? 0
    }

    /// A frame of any content, as a hostile peer might send it: for tests.
    package mutating func sealed(_ plaintext: [UInt8]) -> [UInt8] {
        let length = plaintext.count + NoiseCipher.frameOverhead - 2
        var frame = [UInt8(length >> 8), UInt8(length & 0xff)] + plaintext
        frame += [UInt8](repeating: 0, count: length - plaintext.count)
        frame.withUnsafeMutableBytes { bytes in
            try? seal(UnsafeMutableRawBufferPointer(rebasing: bytes[2...]))
        }
        return frame
    }

    private mutating func seal(
        _ buffer: UnsafeMutableRawBufferPointer
    ) throws(ConnectionError) {
        do throws(NoiseError) {
            try sending?.seal(inPlace: buffer)
        } catch {
            throw .noise(error)
        }
    }
}
