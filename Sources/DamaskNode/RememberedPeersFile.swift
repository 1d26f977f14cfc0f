import NodeCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The file in which a node's remembered peers outlive the process. It is written to one side and put in
/// place at once, so that what is there is always whole.
package struct RememberedPeersFile: Sendable {
    /// Where.
    package let path: String

    /// Why the file can't be read or written, in the system's words.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String

        init(_ action: String, _ path: String) {
            description = "can't \(action) \(path): \(String(cString: strerror(errno)))"
        }

        init(_ description: String) {
            self.description = description
        }
    }

    package init(path: String) {
        self.path = path
    }

    /// What the file holds; nil if there is none.
    package func read() throws(Failure) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw Failure("open", path)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = part.withUnsafeMutableBytes { Self.systemRead(file, $0) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Failure("read", path) }
            guard count > 0 else { return bytes }
            bytes += part[..<count]
            guard bytes.count <= AddressBook.maximumSavedBytes else {
                throw Failure("\(path) is longer than \(AddressBook.maximumSavedBytes) bytes")
            }
        }
    }

    /// Replaces what the file holds.
    package func write(_ bytes: [UInt8]) throws(Failure) {
        let aside = path + ".new"
        let file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure("create", aside) }
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { Self.systemWrite(file, $0[written...]) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let failure = Failure("write", aside)
                close(file)
                unlink(aside)
                throw failure
            }
            written += count
        }
        guard fsync(file) == 0 else {
            let failure = Failure("write", aside)
            close(file)
            throw failure
        }
        close(file)
        guard rename(aside, path) == 0 else { throw Failure("replace", path) }
    }

    private static func systemRead(_ file: CInt, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let start = buffer.baseAddress else { return 0 }
        return recvFile(file, start, buffer.count)
    }

    private static func systemWrite(
        _ file: CInt, _ buffer: Slice<UnsafeRawBufferPointer>
    ) -> Int {
        let part = UnsafeRawBufferPointer(rebasing: buffer)
        guard let start = part.baseAddress else { return 0 }
        return sendFile(file, start, part.count)
    }
}

// The system's calls, outside of a type that has methods of the same names.
private func recvFile(_ file: CInt, _ start: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(file, start, count)
}

private func sendFile(_ file: CInt, _ start: UnsafeRawPointer, _ count: Int) -> Int {
    write(file, start, count)
}
