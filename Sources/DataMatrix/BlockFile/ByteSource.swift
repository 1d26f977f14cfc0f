/// Bytes that can be read at any place, a file for instance.
///
/// Reading does not move a position, so that one source serves several readers at once. Implement
/// it for files with `pread`; do not map them, since a file that is cut short under a map ends the
/// process.
public protocol ByteSource {
    /// Why bytes could not be read.
    associatedtype Failure: Error

    /// How many bytes there are.
    var byteCount: Int { get throws(Failure) }

    /// Fills `buffer` with the bytes from `offset` on, all of it.
    ///
    /// - Throws: Also if the source ends before.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(Failure)
}

/// Bytes in memory as a source.
public struct MemoryByteSource: ByteSource {
    /// A place outside the bytes.
    public struct OutOfBounds: Error, Hashable {
        /// Where reading was to start.
        public let offset: Int
        /// How many bytes were to be read.
        public let count: Int
    }

    /// Reading past the end is what can go wrong.
    public typealias Failure = OutOfBounds

    private let bytes: [UInt8]

    /// The source that has these bytes.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// How many bytes there are.
    public var byteCount: Int { bytes.count }

    /// Fills `buffer` with the bytes from `offset` on.
    public func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(OutOfBounds) {
        guard offset >= 0, offset <= bytes.count, buffer.count <= bytes.count - offset else {
            throw OutOfBounds(offset: offset, count: buffer.count)
        }
        buffer.copyBytes(from: bytes[offset..<(offset + buffer.count)])
    }
}
