import SSZ
import Testing

@Suite struct Bytes32Suite {
    @Test func bytesAndDescription() throws {
        let value = try #require(Bytes32([UInt8](0..<32)))
        #expect(value.bytes == [UInt8](0..<32))
        #expect(
            value.description
                == "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
        #expect(Bytes32([UInt8](0..<31)) == nil)
        #expect(Bytes32([UInt8](0..<33)) == nil)
    }

    @Test func orderIsThatOfByteStrings() throws {
        var bytes = [UInt8](repeating: 7, count: 32)
        let middle = try #require(Bytes32(bytes))
        for index in 0..<32 {
            bytes[index] = 8
            let larger = try #require(Bytes32(bytes))
            bytes[index] = 6
            if index < 31 { bytes[31] = 0xff }
            let smaller = try #require(Bytes32(bytes))
            #expect(smaller < middle && middle < larger && smaller < larger)
            #expect(!(larger < middle) && !(middle < middle))
            bytes = middle.bytes
        }
    }
}
