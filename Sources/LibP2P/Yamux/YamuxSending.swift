extension Yamux {
    /// Whether `fill` has something to write.
    package var hasOutput: Bool { !control.isEmpty || !ready.isEmpty }

    /// Bytes that wait to be sent, of frames and of streams.
    package var bufferedOutbound: Int { control.count * YamuxHeader.byteCount + queuedBytes }

    /// Writes frames to the front of `target`, as many as fit.
    ///
    /// - Parameter target: Room for frames; with less than a header's 12 bytes and some data nothing
    ///   can be written.
    /// - Returns: The number of bytes written.
    package mutating func fill(_ target: UnsafeMutableRawBufferPointer) -> Int {
        var filled = 0
        while target.count - filled >= YamuxHeader.byteCount, let frame = control.popFirst() {
            frame.write(to: UnsafeMutableRawBufferPointer(rebasing: target[filled...]))
            filled += YamuxHeader.byteCount
        }
        // A stream keeps its turn if what is left of the target would cut its frame to a splinter.
        let least = min(1024, limits.dataFrameBytes)
        while let stream = ready.first {
            // A number only: a copy of the stream that lived on would make its queue be copied.
            guard let sendable = streams[stream]?.sendableInTurn else {
                _ = ready.popFirst()
                continue
            }
            let wanted = min(sendable, limits.dataFrameBytes)
            let room = target.count - filled - YamuxHeader.byteCount
            guard room >= 0, room >= min(wanted, least) else { break }
            _ = ready.popFirst()
            let count = min(wanted, room)
            let frame = UnsafeMutableRawBufferPointer(
                rebasing: target[filled..<filled + YamuxHeader.byteCount + count])
            sendData(stream, frame)
            filled += frame.count
        }
        return filled
    }

    /// Writes one data frame that fills all of `frame`, with FIN if it is the stream's last.
    private mutating func sendData(_ stream: StreamID, _ frame: UnsafeMutableRawBufferPointer) {
        let count = frame.count - YamuxHeader.byteCount
        streams[stream]?.isReady = false
        streams[stream]?.dequeue(
            into: UnsafeMutableRawBufferPointer(rebasing: frame[YamuxHeader.byteCount...]))
        queuedBytes -= count
        var header = YamuxHeader(.data, stream: stream, length: UInt32(count))
        if let state = streams[stream], state.isFinishing, state.queuedBytes == 0 {
            header.flags = .fin
            streams[stream]?.finSent = true
        }
        header.write(to: frame)
        let unreported = min(count, streams[stream]?.unreportedBytes ?? 0)
        streams[stream]?.unreportedBytes -= unreported
        if count > unreported { events.append(.written(stream, count - unreported)) }
        makeReady(stream)
        removeIfDone(stream)
    }
}
