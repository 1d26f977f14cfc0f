/// Field elements to work with, owned by one thread.
final class Scratch<Element> {
    let buffer: UnsafeMutableBufferPointer<Element>

    init(_ count: Int, _ value: Element) {
        buffer = .allocate(capacity: count)
        buffer.initialize(repeating: value)
    }

    deinit { buffer.deallocate() }
}
