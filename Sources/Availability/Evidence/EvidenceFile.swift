/// Evidence as a file: a magic, a version, the length, the evidence, a checksum.
///
/// The checksum tells a damaged file from an intact one whose evidence does not hold. Whoever
/// forges a file computes it anew; what then stands between is the signatures, which cover every
/// byte of the evidence.
public enum EvidenceFile {
    private static let file = ChecksummedFile(
        magic: Array("DAMASKEV".utf8), version: 1, maximumContent: Limits.reportBytes)

    /// What a file begins with.
    public static var magic: [UInt8] { file.magic }
    /// The version of the format.
    public static var version: UInt8 { file.version }
    /// The most bytes of a file.
    public static var maximumByteCount: Int { file.maximumByteCount }

    /// The bytes of a file.
    public static func encode(_ evidence: Evidence) -> [UInt8] {
        file.encode(evidence.encoded)
    }

    /// The evidence of a file.
    ///
    /// - Throws: ``EvidenceError`` if the bytes are no evidence file, or a damaged one. Whether the
    ///   evidence holds is for ``Evidence/verify(parameters:now:)`` to say.
    public static func decode(_ bytes: [UInt8]) throws(EvidenceError) -> Evidence {
        let content: ArraySlice<UInt8>
        do throws(FileError) {
            content = try file.content(of: bytes)
        } catch {
            throw EvidenceError(error)
        }
        return try Evidence(encoded: content)
    }
}

extension EvidenceError {
    fileprivate init(_ error: FileError) {
        self =
            switch error {
            case .foreign: .foreign
            case .tooLarge(let count, let limit): .tooLarge(byteCount: count, limit: limit)
            case .truncated(let count): .truncated(byteCount: count)
            case .version(let version): .version(version)
            case .length(let actual, let stated): .length(actual: actual, stated: stated)
            case .checksum: .checksum
            case .content(let reason): .encoding(reason)
            }
    }
}
