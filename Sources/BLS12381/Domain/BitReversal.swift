/// The number whose lowest `bits` bits are those of `i` in reverse.
///
/// - Precondition: `i` has no other bits set.
public func bitReversed(_ i: Int, bits: Int) -> Int {
    guard bits > 0 else { return i }
    var word = UInt64(bitPattern: Int64(i))
    word = (word >> 1 & 0x5555_5555_5555_5555) | (word & 0x5555_5555_5555_5555) << 1
    word = (word >> 2 & 0x3333_3333_3333_3333) | (word & 0x3333_3333_3333_3333) << 2
    word = (word >> 4 & 0x0f0f_0f0f_0f0f_0f0f) | (word & 0x0f0f_0f0f_0f0f_0f0f) << 4
    return Int(word.byteSwapped >> UInt64(64 - bits))
}

/// Moves each element to the index that has the bits of its own in reverse.
///
/// - Precondition: The number of elements is a power of two, or zero.
public func bitReversePermute<T>(_ elements: inout [T]) {
    elements.withUnsafeMutableBufferPointer { bitReversePermute($0) }
}

/// Moves each element to the index that has the bits of its own in reverse.
///
/// - Precondition: The number of elements is a power of two, or zero.
public func bitReversePermute<T>(_ elements: UnsafeMutableBufferPointer<T>) {
    guard elements.count > 1 else { return }
    precondition(elements.count.nonzeroBitCount == 1, "a power of two")
    let bits = elements.count.trailingZeroBitCount
    for i in elements.indices {
        let j = bitReversed(i, bits: bits)
        if i < j { elements.swapAt(i, j) }
    }
}
