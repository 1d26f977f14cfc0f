import DataMatrix
import NodeCore
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

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

    /// Another process hashes with other seeds: nothing may depend on the order of a hash table.
    @Test func sameSeedSameTraceInAnotherProcess() async throws {
        let first = try Self.run(seed: 3)
        await #expect(processExitsWith: .exitCode(Int32(first[0]))) {
            exit(Int32(try DeterminismTests.run(seed: 3)[0]))
        }
    }
}
