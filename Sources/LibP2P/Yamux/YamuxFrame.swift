/// The 12 bytes in front of every yamux frame: version 0, type, flags, stream and length, all
/// big-endian.
package struct YamuxHeader: Equatable, Sendable {
    /// What a frame is; raw values are those on the wire.
    package enum Kind: UInt8, Sendable {
        /// Bytes of a stream; the length counts them.
        case data = 0
        /// Credit for a stream; the length is the credit.
        case windowUpdate = 1
        /// A sign of life; the length is an arbitrary number that the answer repeats.
        case ping = 2
        /// The end of the session; the length is a reason.
        case goAway = 3
    }

    /// Flags, which may ride on data and window updates (SYN and ACK on pings too).
    package struct Flags: OptionSet, Sendable {
        package let rawValue: UInt16

        package init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        /// Opens a stream; asks, in a ping.
        package static let syn = Flags(rawValue: 1)
        /// Accepts a stream; answers, in a ping.
        package static let ack = Flags(rawValue: 2)
        /// The sender writes no more.
        package static let fin = Flags(rawValue: 4)
        /// The stream ends at once.
        package static let rst = Flags(rawValue: 8)
    }

    /// Bytes of a header.
    package static let byteCount = 12

    package var kind: Kind
    package var flags: Flags
    /// Zero for pings and go-aways.
    package var stream: StreamID
    package var length: UInt32

    package init(_ kind: Kind, _ flags: Flags = [], stream: StreamID, length: UInt32 = 0) {
        self.kind = kind
        self.flags = flags
        self.stream = stream
        self.length = length
    }

    /// Decodes a header from 12 bytes.
    package init(_ bytes: UnsafeRawBufferPointer) throws(YamuxError) {
        guard bytes[0] == 0 else { throw .unsupportedVersion(bytes[0]) }
        guard let kind = Kind(rawValue: bytes[1]) else { throw .unknownType(bytes[1]) }
        self.kind = kind
        flags = Flags(
            rawValue: UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2, as: UInt16.self)))
        stream = StreamID(
            UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        length = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
    }

    /// Writes the header to the first 12 bytes of `bytes`.
    package func write(to bytes: UnsafeMutableRawBufferPointer) {
        bytes[0] = 0
        bytes[1] = kind.rawValue
        bytes.storeBytes(of: flags.rawValue.bigEndian, toByteOffset: 2, as: UInt16.self)
        bytes.storeBytes(of: stream.rawValue.bigEndian, toByteOffset: 4, as: UInt32.self)
        bytes.storeBytes(of: length.bigEndian, toByteOffset: 8, as: UInt32.self)
    }
}

/// The reason in a go-away frame.
package enum YamuxGoAway: UInt32, Sendable {
    case normal = 0
    case protocolError = 1
    case internalError = 2
}

/// How a peer broke the rules of yamux. All of these end the connection.
package enum YamuxError: Error, Equatable, Sendable {
    case unsupportedVersion(UInt8)
    case unknownType(UInt8)
    /// A data or window frame for stream 0, or a ping or go-away for another.
    case wrongStream(StreamID)
    /// A stream opened with an id of this side's parity.
    case wrongParity(StreamID)
    /// A stream opened with the id of a live one.
    case duplicateStream(StreamID)
    /// More data than the receive window allows, in bytes.
    case windowExceeded(StreamID, length: UInt32, window: Int)
    /// A window update that takes the send window over the limit.
    case windowOverflow(StreamID, delta: UInt32)
    /// Data after the sender had closed its side.
    case dataAfterFin(StreamID)
    /// More data for streams that don't exist than closed ones could still have under way.
    case tooMuchStrayData
    /// Streams opened faster than the budget.
    case streamFlood
    /// Streams opened and reset faster than the budget.
    case rapidReset
    /// Pings faster than the budget.
    case pingFlood
    /// Frames that carry nothing, more than the budget.
    case emptyFrameFlood
    /// The peer does not take the answers that its frames call for.
    case controlQueueFull(limit: Int)
}
