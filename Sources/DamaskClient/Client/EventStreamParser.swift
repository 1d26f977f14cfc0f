/// Reads a stream of server-sent events (`text/event-stream`), as it comes, within limits.
///
/// A value without I/O. Of the format's fields it knows `event`, `data` and `id`; what it does not
/// know it passes over, as the format says.
package struct EventStreamParser: Sendable {
    /// One event.
    package struct Event: Sendable, Hashable {
        /// Its name; `message` if the stream gives none.
        package var name: String
        /// Its data, the lines joined by newlines.
        package var data: String
        /// Its id, if any.
        package var id: String?
    }

    /// Why a stream is not read on.
    package enum Failure: Error, Sendable, Hashable {
        /// A line or an event of more bytes than this.
        case tooLong(limit: Int)
    }

    private let limit: Int
    private var line: [UInt8] = []
    private var lastWasReturn = false
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var id: String?

    /// A parser of events of at most so many bytes.
    package init(maximumEventBytes limit: Int) {
        self.limit = limit
    }

    /// Takes bytes.
    ///
    /// - Returns: The events that they complete.
    /// - Throws: ``Failure``; then the stream is to be closed.
    package mutating func take(_ bytes: some Sequence<UInt8>) throws(Failure) -> [Event] {
        var events: [Event] = []
        for byte in bytes {
            // Lines end with LF, CR or both.
            if byte == 0x0a, lastWasReturn {
                lastWasReturn = false
                continue
            }
            lastWasReturn = byte == 0x0d
            if byte == 0x0a || byte == 0x0d {
                if let event = endLine() { events.append(event) }
            } else {
                guard line.count + data.count < limit else { throw .tooLong(limit: limit) }
                line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() -> Event? {
        defer { line.removeAll(keepingCapacity: true) }
        guard !line.isEmpty else { return endEvent() }
        guard line.first != UInt8(ascii: ":") else { return nil }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value = value.dropFirst() }
        switch String(decoding: line[..<colon], as: UTF8.self) {
        case "event": name = String(decoding: value, as: UTF8.self)
        case "id": id = String(decoding: value, as: UTF8.self)
        case "data":
            if hasData { data.append(0x0a) }
            data += value
            hasData = true
        default: break
        }
        return nil
    }

    private mutating func endEvent() -> Event? {
        defer {
            name = ""
            data = []
            hasData = false
        }
        guard hasData else { return nil }
        return Event(
            name: name.isEmpty ? "message" : name, data: String(decoding: data, as: UTF8.self),
            id: id)
    }
}
