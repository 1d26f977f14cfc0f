import DamaskClient
import SystemCrypto

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The bearer token that writing needs: 32 random bytes in hexadecimal, in a file that only its owner
/// can read.
package struct AccessToken: Sendable, Hashable {
    /// Of the token, so that comparing takes the same time whatever is compared.
    private let digest: [UInt8]

    /// A token of this text.
    package init(_ text: String) {
        digest = SHA256.hash(Array(text.utf8))
    }

    /// Whether a text is this token. Takes the same time for every text of one length.
    package func matches(_ text: some StringProtocol) -> Bool {
        ConstantTime.equal(digest, SHA256.hash(Array(text.utf8)))
    }

    /// The token in a file; makes the file, with a new token, if there is none.
    ///
    /// - Throws: `AccessTokenError` if the file can't be read or made, is readable by others, or has
    ///   no token in it.
    package static func inFile(_ path: String) throws(AccessTokenError) -> AccessToken {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        if descriptor < 0 {
            guard errno == ENOENT else { throw .unreadable(path: path, reason: reason()) }
            return try make(path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, reason: reason())
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(path: path, reason: "not a file")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw .exposed(path: path, mode: UInt32(status.st_mode & 0o777))
        }
        var buffer = [UInt8](repeating: 0, count: maximumBytes + 1)
        let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw .unreadable(path: path, reason: reason()) }
        var text = buffer[..<count]
        while let last = text.last, last == 0x0a || last == 0x0d || last == 0x20 {
            text.removeLast()
        }
        guard count <= maximumBytes, text.count >= minimumBytes,
            text.allSatisfy({ (0x21...0x7e).contains($0) })
        else { throw .noToken(path: path) }
        return AccessToken(String(decoding: text, as: UTF8.self))
    }

    private static let minimumBytes = 16
    private static let maximumBytes = 256

    private static func make(_ path: String) throws(AccessTokenError) -> AccessToken {
        let text = HexBytes(SystemRandom.bytes(32)).text.dropFirst(2)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw .unreadable(path: path, reason: reason()) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8) + [0x0a]
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count, fsync(descriptor) == 0 else {
            let reason = reason()
            unlink(path)
            throw .unreadable(path: path, reason: reason)
        }
        return AccessToken(String(text))
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}

/// Why there is no token.
package enum AccessTokenError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file can't be read or made.
    case unreadable(path: String, reason: String)
    /// Others than its owner can read or write the file.
    case exposed(path: String, mode: UInt32)
    /// What is in the file is no token.
    case noToken(path: String)

    /// What is wrong.
    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "token file \(path): \(reason)"
        case .exposed(let path, let mode):
            "token file \(path): its mode is 0\(String(mode, radix: 8)), others can use it; "
                + "0600 is wanted"
        case .noToken(let path):
            "token file \(path): not one word of 16 to 256 printable characters"
        }
    }
}
