import DataMatrix
import Foundation

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
                Foundation.read(descriptor, $0.baseAddress, $0.count)
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

extension InputFile {
    /// Opens a block file.
    static func block(_ path: String) throws -> BlockFileReader<FileByteSource> {
        let source: FileByteSource
        do { source = try FileByteSource(path: path) } catch {
            throw CommandFailure(.failed, in: path, error.description)
        }
        do throws(BlockFileError) { return try BlockFileReader(source) } catch {
            throw CommandFailure(.failed, in: path, error.description)
        }
    }

    /// A whole block file, every byte of it checked.
    static func wholeBlock(
        _ path: String
    ) throws -> (reader: BlockFileReader<FileByteSource>, block: ExtendedBlock) {
        let reader = try block(path)
        do throws(BlockFileError) { return (reader, try reader.readBlock()) } catch {
            throw CommandFailure(.failed, in: path, error.description)
        }
    }
}
