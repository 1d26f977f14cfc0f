/// The bytes of a hexadecimal literal; a bad digit makes the test that uses it fail by length.
func hex(_ digits: String) -> [UInt8] {
    let values = digits.compactMap { $0.hexDigitValue }
    return stride(from: 0, to: values.count - 1, by: 2).map {
        UInt8(values[$0] << 4 | values[$0 + 1])
    }
}
