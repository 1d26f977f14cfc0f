import SystemCrypto

/// Evidence as a file: a magic, a version, the length, the evidence, a checksum.
///
/// The checksum tells a damaged file from an intact one whose evidence does not hold. Whoever
/// forges a file computes it anew; what then stands between is the signatures, which cover every
/// byte of the evidence.
public enum EvidenceFile {
    /// What a file begins with.
    public static let magic: [UInt8] = Array("DAMASKEV".utf8)
    /// The version of the format.
    public static let version: UInt8 = 1
    /// Bytes before the evidence: magic, version, length.
    private static let headCount = 13
    /// The most bytes of a file.
    public static let maximumByteCount = headCount + Limits.reportBytes + SHA256.byteCount

    /// The bytes of a file.
    public static func encode(_ evidence: Evidence) -> [UInt8] {
        let content = evidence.encoded
        let length = UInt32(content.count)
        var bytes = magic + [version]
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * UInt32($0))) }
        bytes += content
        return bytes + SHA256.hash(bytes)
    }

    /// The evidence of a file.
    ///
    /// - Throws: ``EvidenceError`` if the bytes are no evidence file, or a damaged one. Whether the
    ///   evidence holds is for ``Evidence/verify(parameters:now:)`` to say.
    public static func decode(_ bytes: [UInt8]) throws(EvidenceError) -> Evidence {
        guard bytes.starts(with: magic.prefix(bytes.count)), !bytes.isEmpty else { throw .foreign }
        guard bytes.count <= maximumByteCount else {
            throw .tooLarge(byteCount: bytes.count, limit: maximumByteCount)
        }
        guard bytes.count > headCount + SHA256.byteCount else {
            throw .truncated(byteCount: bytes.count)
        }
        guard bytes[magic.count] == version else { throw .version(bytes[magic.count]) }
        let stated = (0..<4).reduce(0) { $0 | Int(bytes[magic.count + 1 + $1]) << (8 * $1) }
        let end = bytes.count - SHA256.byteCount
        guard end - headCount == stated else {
            throw .length(actual: end - headCount, stated: stated)
        }
        guard SHA256.hash(bytes[..<end]) == Array(bytes[end...]) else { throw .checksum }
        return try Evidence(encoded: bytes[headCount..<end])
    }
}
