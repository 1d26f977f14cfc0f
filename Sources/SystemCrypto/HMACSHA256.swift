/// HMAC with SHA-256 (RFC 2104).
package enum HMACSHA256 {
    /// Authenticates a message.
    ///
    /// - Parameters:
    ///   - key: Any length.
    ///   - data: The message.
    /// - Returns: The 32-byte authentication code.
    package static func authenticate(key: [UInt8], _ data: [UInt8]) -> [UInt8] {
        Backend.hmacSHA256(key: key, data: data)
    }
}
