import DataMatrix
import Foundation

/// A regular file, read in place with `pread`.
final class FileByteSource: ByteSource {
    /// Why a file could not be read, in words.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let descriptor: Int32

    /// Opens a file.
    init(path: String) throws(Failure) {
        // Without O_NONBLOCK a named pipe would hold up the program before it can be refused.
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw Failure(description: "can't be opened: \(lastSystemError())")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw Failure(description: "can't be read: \(lastSystemError())")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw Failure(description: "can't be read: it is a directory")
        default: throw Failure(description: "can't be read: it is no regular file")
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    var byteCount: Int {
        get throws(Failure) {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else {
                throw Failure(description: lastSystemError())
            }
            return Int(status.st_size)
        }
    }

    func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: Int
    ) throws(Failure) {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done,
                off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure(description: lastSystemError())
            }
            guard count > 0 else {
                throw Failure(description: "the file ends at byte \(offset + done)")
            }
            done += count
        }
    }
}
