/// SHA-256 (FIPS 180-4), computed by the platform's library.
///
/// A value: a copy continues on its own. After ``finalize()`` the value is as new.
package struct SHA256: Sendable {
    /// Bytes in a digest.
    package static let byteCount = 32

    private var backend = SHA256Backend()

    /// Starts an empty message.
    package init() {}

    /// Appends bytes to the message.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count > 0 else { return }
        backend.update(bytes)
    }

    /// Appends bytes to the message.
    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Appends bytes to the message.
    package mutating func update(_ bytes: ArraySlice<UInt8>) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// Appends the integer's little-endian bytes to the message.
    package mutating func update(littleEndian value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { update($0) }
    }

    /// Ends the message and starts an empty one.
    ///
    /// - Returns: The 32-byte digest.
    package mutating func finalize() -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { digest, count in
            backend.finalize(into: UnsafeMutableRawBufferPointer(digest))
            count = Self.byteCount
        }
    }

    /// Ends the message, writes its digest to `digest` and starts an empty message.
    ///
    /// - Parameter digest: Room for at least 32 bytes; it may overlap what was hashed.
    package mutating func finalize(into digest: UnsafeMutableRawBufferPointer) {
        precondition(digest.count >= Self.byteCount, "no room for a digest")
        backend.finalize(into: digest)
    }

    /// The digest of a whole message.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// The digest of a whole message.
    package static func hash(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// The digest of a whole message.
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { digest, count in
            SHA256Backend.hash(bytes, into: UnsafeMutableRawBufferPointer(digest))
            count = byteCount
        }
    }

    /// Writes the digest of a whole message to `digest`.
    ///
    /// - Parameters:
    ///   - bytes: The message.
    ///   - digest: Room for at least 32 bytes; it may overlap the message.
    package static func hash(
        _ bytes: UnsafeRawBufferPointer, into digest: UnsafeMutableRawBufferPointer
    ) {
        precondition(digest.count >= byteCount, "no room for a digest")
        SHA256Backend.hash(bytes, into: digest)
    }
}
