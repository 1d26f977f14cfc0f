/// Numbers that server and client agree on; `specs/http.md` states them.
package enum APILimits {
    /// The most bytes of a packed payload: 31 MiB.
    package static let payloadBytes = 31 << 20
    /// The most bytes of a raw payload: 32 MiB.
    package static let rawPayloadBytes = 32 << 20
    /// The most bytes of a request's path and query.
    package static let targetBytes = 4 << 10
    /// The most bytes of one header field of a request.
    package static let headerFieldBytes = 8 << 10
    /// The most bytes of all header fields of a request.
    package static let headerBytes = 16 << 10
    /// The most header fields of a request.
    package static let headerFields = 64
    /// Connections at a time.
    package static let connections = 256
    /// Seconds without a byte after which a connection on which no answer is under way is closed.
    package static let idleSeconds = 30
    /// Seconds in which a request's body must have come.
    package static let bodySeconds = 120
    /// Seconds without progress after which an answer is given up.
    package static let stallSeconds = 60
    /// Publications that are taken in at a time.
    package static let publications = 4
    /// Payloads that are read at a time.
    package static let payloadReads = 8
    /// The longest time in milliseconds that a payload may be waited for.
    package static let waitMilliseconds: UInt64 = 120_000
    /// The most headers in one answer.
    package static let headers = 64
    /// The most blocks in one answer.
    package static let blocks = 256
    /// The most cells in one answer.
    package static let cells = 128
    /// The most pieces of evidence in one answer.
    package static let evidence = 256
    /// Streams of events at a time.
    package static let eventStreams = 32
    /// Events that wait for one reader.
    package static let queuedEvents = 256
    /// Seconds between signs of life in a stream of events.
    package static let heartbeatSeconds = 10
    /// The most bytes of one event or error.
    package static let eventBytes = 64 << 10
    /// The most bytes of a JSON answer.
    package static let answerBytes = 16 << 20
}
