/// Key material that is overwritten when its last reference goes.
///
/// Immutable after `init`, hence safe to share between threads; the compiler cannot see that
/// through the pointer.
final class SecretBytes: @unchecked Sendable {
    private let storage: UnsafeMutablePointer<UInt8>
    private let count: Int

    /// Takes `count` bytes of memory and lets `fill` write all of them.
    init(count: Int, fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        storage = .allocate(capacity: count)
        storage.initialize(repeating: 0, count: count)
        self.count = count
        fill(storage)
    }

    convenience init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { $0.update(from: bytes, count: bytes.count) }
    }

    deinit {
        Backend.erase(UnsafeMutableRawBufferPointer(start: storage, count: count))
        storage.deallocate()
    }

    func withUnsafePointer<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        body(UnsafePointer(storage))
    }

    var bytes: [UInt8] { Array(UnsafeBufferPointer(start: storage, count: count)) }
}
