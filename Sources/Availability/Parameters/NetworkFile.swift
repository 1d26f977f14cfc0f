import SSZ

/// A network's parameters as a file: a magic, a version, the length, their SSZ encoding, a checksum.
public enum NetworkFile {
    // The most that 64 keys of 64 bytes with their offsets and all other fields can take.
    private static let file = ChecksummedFile(
        magic: Array("DAMASKNW".utf8), version: 1, maximumContent: 8 * 1024)

    /// The most bytes of a file.
    public static var maximumByteCount: Int { file.maximumByteCount }

    /// The bytes of a file.
    public static func encode(_ parameters: NetworkParameters) -> [UInt8] {
        file.encode(parameters.encoded)
    }

    /// The parameters of a file.
    ///
    /// - Throws: ``FileError`` if the bytes are no such file, or a damaged one.
    public static func decode(_ bytes: [UInt8]) throws(FileError) -> NetworkParameters {
        let content = try file.content(of: bytes)
        do throws(SSZError) {
            return try NetworkParameters(encoded: content)
        } catch {
            throw .content("\(error)")
        }
    }
}
