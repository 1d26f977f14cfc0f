import Foundation

/// The bytes that the demonstration publishes, and where they come from.
struct DemoInput {
    /// Where the bytes come from, for people.
    let source: String
    let bytes: [UInt8]

    /// What makes a file found on the machine worth publishing: 1 to 4 MB.
    static let wantedSizes = 1_000_000...4_000_000
    /// The part of this program's own executable that serves where no file is found.
    static let executablePrefix = 2_000_000
    /// Directory entries looked at before giving up.
    static let searchLimit = 20_000

    /// The named file, whole.
    init(file path: String, limit: Int) throws {
        let bytes = try Self.read(path, limit: limit)
        guard !bytes.isEmpty else { throw DemoInputError.empty(path) }
        self.source = path
        self.bytes = bytes
    }

    /// A file of 1 to 4 MB found on this machine, or else the start of this program's executable.
    init() throws {
        for folder in ["/usr/share", "/usr/lib", "/usr/bin", "/Library", "/System/Library"] {
            for path in Self.candidates(in: folder) {
                guard let bytes = try? Self.read(path, limit: Self.wantedSizes.upperBound),
                    Self.wantedSizes.contains(bytes.count)
                else { continue }
                self.source = path
                self.bytes = bytes
                return
            }
        }
        guard let executable = Bundle.main.executablePath else {
            throw DemoInputError.nothingFound
        }
        let bytes = try Self.read(executable, limit: Self.executablePrefix, prefix: true)
        self.source = "the first \(bytes.count) bytes of \(executable)"
        self.bytes = bytes
    }

    /// Files of a fitting size, in the order of their names, folder by folder.
    private static func candidates(in folder: String) -> [String] {
        let manager = FileManager.default
        var pending = [folder]
        var found: [String] = []
        var seen = 0
        while let next = pending.popLast(), seen < searchLimit, found.count < 8 {
            let names = ((try? manager.contentsOfDirectory(atPath: next)) ?? []).sorted()
            var folders: [String] = []
            for name in names {
                seen += 1
                let path = next + "/" + name
                guard let attributes = try? manager.attributesOfItem(atPath: path) else { continue }
                switch attributes[.type] as? FileAttributeType {
                case .typeDirectory?:
                    folders.append(path)
                case .typeRegular?:
                    if let size = attributes[.size] as? Int, wantedSizes.contains(size) {
                        found.append(path)
                    }
                default:
                    break
                }
            }
            pending += folders.reversed()
        }
        return found
    }

    /// A file's bytes, or its first `limit` with `prefix`; refuses a longer file without.
    private static func read(_ path: String, limit: Int, prefix: Bool = false) throws -> [UInt8] {
        let handle: FileHandle
        do {
            handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        } catch {
            throw DemoInputError.unreadable(path, reason: "\(error.localizedDescription)")
        }
        defer { try? handle.close() }
        do {
            let data = try handle.read(upToCount: prefix ? limit : limit + 1) ?? Data()
            guard data.count <= limit else {
                throw DemoInputError.tooLarge(path, limit: limit)
            }
            return [UInt8](data)
        } catch let error as DemoInputError {
            throw error
        } catch {
            throw DemoInputError.unreadable(path, reason: "\(error.localizedDescription)")
        }
    }
}

/// Why there is nothing to publish.
enum DemoInputError: Error, CustomStringConvertible {
    case empty(String)
    case tooLarge(String, limit: Int)
    case unreadable(String, reason: String)
    case nothingFound

    var description: String {
        switch self {
        case .empty(let path): "\(path) is empty: there is nothing to publish"
        case .tooLarge(let path, let limit): "\(path) is larger than the \(limit) bytes of a block"
        case .unreadable(let path, let reason): "\(path) cannot be read: \(reason)"
        case .nothingFound: "no file found to publish: name one with --file"
        }
    }
}
