import Foundation

/// The standard streams. Standard output carries results only; all else goes to standard error.
enum Console {
    /// Whether a person sees standard error as it is written.
    static let isErrorATerminal = isatty(STDERR_FILENO) == 1

    /// Whether results may have colours.
    static let hasColours =
        isatty(STDOUT_FILENO) == 1
        && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
        && ProcessInfo.processInfo.environment["TERM"] != "dumb"

    /// Shows how far a long work has come, on one line that is overwritten; on terminals only.
    static func progress(_ text: String) {
        guard isErrorATerminal else { return }
        writeError("\r\u{1b}[K" + text)
    }

    /// Takes the progress line away.
    static func clearProgress() {
        guard isErrorATerminal else { return }
        writeError("\r\u{1b}[K")
    }

    private static func writeError(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written <= 0 {
                if written < 0, errno == EINTR { continue }
                return
            }
            bytes.removeFirst(written)
        }
    }
}

/// Collects output and writes it to standard output in large pieces.
struct ResultWriter: ~Copyable {
    private var pending: [UInt8] = []

    /// Adds a line.
    mutating func line(_ text: String) throws {
        pending += Array(text.utf8)
        pending.append(0x0a)
        if pending.count >= 1 << 16 { try flush() }
    }

    /// Writes what is left.
    mutating func flush() throws {
        var rest = pending[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                throw CommandFailure(
                    .failed, in: "standard output", "can't be written: \(lastSystemError())")
            }
            rest.removeFirst(written)
        }
        pending.removeAll(keepingCapacity: true)
    }
}

/// What the last system call complained of.
func lastSystemError() -> String { String(cString: strerror(errno)) }

/// Lowercase hexadecimal.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}

/// A small number as people write it, such as `3.2e-10`.
func scientific(_ value: Double) -> String { String(format: "%.1e", value) }
