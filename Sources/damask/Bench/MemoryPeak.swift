import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The most memory that the process has had since this was made, above what it had then; on Linux.
struct MemoryPeak {
    private let before: Double

    /// Begins anew. Nil where the system does not tell.
    init?() {
        #if canImport(Glibc)
            // What was freed goes back first: it would count as there already.
            // It is in no module, so it is looked up.
            if let address = dlsym(nil, "malloc_trim") {
                let trim = unsafeBitCast(address, to: (@convention(c) (Int) -> Int32).self)
                _ = trim(0)
            }
        #endif
        // "5" sets the peak to what is in use now: proc(5), clear_refs.
        guard let file = FileHandle(forWritingAtPath: "/proc/self/clear_refs") else { return nil }
        do { try file.write(contentsOf: Data("5".utf8)) } catch { return nil }
        guard let before = Self.kibibytes("VmRSS") else { return nil }
        self.before = before
    }

    /// The most bytes above the beginning.
    var bytes: Double {
        guard let peak = Self.kibibytes("VmHWM") else { return 0 }
        return max(0, peak - before) * 1024
    }

    private static func kibibytes(_ name: String) -> Double? {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        else { return nil }
        for line in status.split(separator: "\n") where line.hasPrefix(name + ":") {
            return Double(
                line.dropFirst(name.count + 1).split(whereSeparator: \.isWhitespace).first ?? "")
        }
        return nil
    }
}
