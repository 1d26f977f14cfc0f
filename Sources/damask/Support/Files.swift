import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Reading input files whole.
enum InputFile {
    /// The bytes of a file that is to have at most `limit`.
    ///
    /// - Throws: `CommandFailure` that names the file: it can't be opened, is a folder, is empty, or
    ///   is longer.
    static func read(_ path: String, limit: Int, what: String = "file") throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable(path, errno) }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw CommandFailure(.failed, "\(path) is a directory, not a \(what)")
        }
        // The size of a regular file tells how much room is needed; a pipe's is learnt by reading.
        var bytes: [UInt8] = []
        if status.st_mode & S_IFMT == S_IFREG {
            guard status.st_size <= limit else {
                throw tooLarge(path, "\(status.st_size) bytes", limit)
            }
            bytes.reserveCapacity(Int(status.st_size))
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        while true {
            let count = buffer.withUnsafeMutableBytes {
                systemRead(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, errno) }
            if count == 0 { break }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= limit else { throw tooLarge(path, "more", limit) }
        }
        guard !bytes.isEmpty else { throw CommandFailure(.failed, "\(path) is empty") }
        return bytes
    }

    /// The complaint that a file can't be read, with the system's reason.
    static func unreadable(_ path: String, _ code: Int32) -> CommandFailure {
        CommandFailure(.failed, "\(path) cannot be read: \(String(cString: strerror(code)))")
    }

    private static func tooLarge(_ path: String, _ size: String, _ limit: Int) -> CommandFailure {
        CommandFailure(.failed, "\(path) is too large: \(size), the limit is \(limit) bytes")
    }
}

/// Writing output files so that they are whole or not there.
enum OutputFile {
    /// Writes a file: to a temporary name beside it, synced, then renamed over it. A failure leaves
    /// what was there before and no temporary file.
    ///
    /// - Parameters:
    ///   - path: The file's final name.
    ///   - write: Given a function that appends bytes.
    /// - Throws: `CommandFailure` that names the file, or what `write` throws.
    static func write(
        _ path: String, _ write: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw CommandFailure(.failed, "\(path) is a directory, no file can be written there")
        }
        var template = Array("\(path).tmpXXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw unwritable(path, errno) }
        let temporary = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        var isOpen = true
        do {
            try write { bytes in try append(bytes, to: descriptor, path) }
            // mkstemp's files are for the owner alone; give what the process's mask allows.
            let mask = umask(0)
            umask(mask)
            guard fchmod(descriptor, 0o666 & ~mask) == 0, fsync(descriptor) == 0 else {
                throw unwritable(path, errno)
            }
            isOpen = false
            guard close(descriptor) == 0, rename(temporary, path) == 0 else {
                throw unwritable(path, errno)
            }
        } catch {
            if isOpen { close(descriptor) }
            unlink(temporary)
            throw error
        }
    }

    /// Writes a file with these bytes.
    static func write(_ path: String, _ bytes: [UInt8]) throws {
        try write(path) { append in try bytes.withUnsafeBytes { try append($0) } }
    }

    private static func append(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, _ path: String
    ) throws {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = systemWrite(descriptor, rest.baseAddress, rest.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw unwritable(path, errno) }
            written += count
        }
    }

    private static func unwritable(_ path: String, _ code: Int32) -> CommandFailure {
        CommandFailure(.failed, "\(path) cannot be written: \(String(cString: strerror(code)))")
    }
}

// Inside types that have a `read` or `write` of their own the system's calls need another name.

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int)
    -> Int
{
    read(descriptor, buffer, count)
}

private func systemWrite(_ descriptor: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, buffer, count)
}
