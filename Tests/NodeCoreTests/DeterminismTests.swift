import DataMatrix
import NodeCore
import Testing

@Suite struct DeterminismTests {
    static func run(seed: UInt64) throws -> [UInt8] {
        let setup = try MainPathTests.setup(Fixture.minimal, lights: 8, seed: seed)
        let block = try setup.fixture.block(dataRows: 4)
        let root = try MainPathTests.publish(setup, block, cells: allButStoppingSet(block.shape))
        setup.network.run(untilMilliseconds: 12_000)
        _ = root
        return setup.network.traceHash
    }

    @Test func sameSeedSameTrace() throws {
        let first = try Self.run(seed: 1)
        #expect(try Self.run(seed: 1) == first)
        #expect(try Self.run(seed: 2) != first)
    }
}
