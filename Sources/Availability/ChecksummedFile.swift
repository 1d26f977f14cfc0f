import SystemCrypto

/// The form that small files of the network have: a magic, a version, the length, the content, a
/// checksum.
///
/// The checksum tells a damaged file from an intact one whose content does not hold: whoever forges
/// a file computes it anew, and what then stands between are the content's own signatures and roots.
struct ChecksummedFile {
    /// Eight bytes that a file begins with.
    let magic: [UInt8]
    /// The version of the content.
    let version: UInt8
    /// The most bytes of content.
    let maximumContent: Int

    /// Bytes before the content: magic, version, length.
    private var headCount: Int { magic.count + 5 }

    /// The most bytes of a file.
    var maximumByteCount: Int { headCount + maximumContent + SHA256.byteCount }

    /// The bytes of a file.
    func encode(_ content: [UInt8]) -> [UInt8] {
        let length = UInt32(content.count)
        var bytes = magic + [version]
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * UInt32($0))) }
        bytes += content
        return bytes + SHA256.hash(bytes)
    }

    /// The content of a file.
    func content(of bytes: [UInt8]) throws(FileError) -> ArraySlice<UInt8> {
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
        return bytes[headCount..<end]
    }
}

/// Why bytes are no file of the kind that is wanted, or a damaged one.
public enum FileError: Error, Hashable, Sendable {
    /// It does not begin as such a file does.
    case foreign
    /// More bytes than such a file may have.
    case tooLarge(byteCount: Int, limit: Int)
    /// Fewer bytes than there must be.
    case truncated(byteCount: Int)
    /// A version that this program does not know.
    case version(UInt8)
    /// The length is not what the file states.
    case length(actual: Int, stated: Int)
    /// The checksum is not that of the bytes: the file was damaged.
    case checksum
    /// The content is not what the file's kind says; why, in words.
    case content(String)
}

extension FileError: CustomStringConvertible {
    /// What is wrong, with the numbers.
    public var description: String {
        switch self {
        case .foreign: "not a file of this kind"
        case .tooLarge(let count, let limit): "\(count) bytes, at most \(limit) are allowed"
        case .truncated(let count): "truncated after \(count) bytes"
        case .version(let version): "version \(version) of the file is not known"
        case .length(let actual, let stated):
            "\(actual) bytes of content, the file states \(stated)"
        case .checksum: "damaged: the checksum does not match"
        case .content(let reason): "the content is malformed: \(reason)"
        }
    }
}
