import DataMatrix
import Foundation

/// Writes a file so that at its path there is either what was there before or all of the new.
///
/// The bytes go to a temporary file in the same folder, reach the disk, and only then take the name.
/// Whatever goes wrong before, the temporary file is removed. A path that names a device or pipe is
/// written to directly.
final class OutputFile {
    private let path: String
    private let target: String
    private var temporary: String?
    private let descriptor: Int32

    /// Makes sure that the path can be written before any work is done.
    init(path: String) throws {
        self.path = path
        guard !path.isEmpty else { throw CommandFailure(.failed, "the output's path is empty") }
        var status = stat()
        if stat(path, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                throw CommandFailure(.failed, in: path, "can't be written: it is a directory")
            case S_IFREG: break
            default:
                descriptor = open(path, O_WRONLY | O_CLOEXEC)
                guard descriptor >= 0 else {
                    throw CommandFailure(
                        .failed, in: path, "can't be written: \(lastSystemError())")
                }
                target = path
                temporary = nil
                return
            }
        }
        // A symbolic link stays one: what it points to is replaced.
        target = Self.resolved(path)
        let folder = URL(fileURLWithPath: target).deletingLastPathComponent().path
        var template = Array((folder + "/.damask-XXXXXX").utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw CommandFailure(.failed, in: path, "can't be written: \(lastSystemError())")
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        temporary = template.withUnsafeBufferPointer {
            $0.baseAddress.map { String(cString: $0) }
        }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
        if let temporary { unlink(temporary) }
    }

    /// Adds bytes.
    func write(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let count = Foundation.write(
                descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
            if count < 0 {
                if errno == EINTR { continue }
                throw CommandFailure(.failed, in: path, "can't be written: \(lastSystemError())")
            }
            done += count
        }
    }

    /// Gives the file its name; without this call nothing is left of it.
    func finish() throws {
        guard let temporary else { return }
        let mask = umask(0)
        umask(mask)
        guard fchmod(descriptor, 0o666 & ~mask) == 0, fsync(descriptor) == 0,
            rename(temporary, target) == 0
        else { throw CommandFailure(.failed, in: path, "can't be written: \(lastSystemError())") }
        self.temporary = nil
        // The folder's entry too is to survive a loss of power; some file systems can't promise it.
        let folder = open(
            URL(fileURLWithPath: target).deletingLastPathComponent().path, O_RDONLY | O_CLOEXEC)
        if folder >= 0 {
            _ = fsync(folder)
            close(folder)
        }
    }

    /// Writes a file.
    ///
    /// - Parameters:
    ///   - path: The file's final name.
    ///   - write: Given a function that appends bytes.
    /// - Throws: `CommandFailure` that names the file, or what `write` throws.
    static func write(
        _ path: String, _ write: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        let file = try OutputFile(path: path)
        try write { try file.write($0) }
        try file.finish()
    }

    /// Writes a file with these bytes.
    static func write(_ path: String, _ bytes: [UInt8]) throws {
        try write(path) { append in try bytes.withUnsafeBytes { try append($0) } }
    }

    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }
}
