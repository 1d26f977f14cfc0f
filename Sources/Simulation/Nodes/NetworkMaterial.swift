package import Availability
import DataMatrix
package import KZGCommitments
import LibP2P
package import NodeCore
import SystemCrypto

/// What runs of one preset share: tables, blocks with all of their proofs, names. Made once, and the
/// same whatever the seed of a run.
package final class NetworkMaterial: Sendable {
    /// The sizes.
    package let preset: Preset
    /// The tables.
    package let arithmetic: BlockArithmetic
    /// The blocks, their payloads pseudo-random.
    package let blocks: [KnownBlock]
    /// The blocks by what they commit to.
    package let known: KnownBlocks
    /// Nodes' names and keys.
    package let identities: [NodeIdentity]
    /// Keys of lanes.
    package let laneKeys: [SigningKey]

    /// Material with blocks of these numbers of data rows, all of which hold data.
    ///
    /// - Parameters:
    ///   - preset: The sizes.
    ///   - dataRows: Of each block: powers of two.
    ///   - nodes: How many names to make.
    ///   - threads: For the proofs.
    /// - Throws: What the encoder or the keys refuse.
    package init(preset: Preset, dataRows: [Int], nodes: Int, threads: Int = 1) throws {
        self.preset = preset
        let prover = KZGProver(preset: preset)
        let arithmetic = BlockArithmetic(verifier: prover.verifier, prover: prover)
        self.arithmetic = arithmetic
        let encoder = BlockEncoder(prover: prover, threads: threads)
        blocks = try dataRows.enumerated().compactMap { index, rows in
            var random = SimulationSeed(UInt64(index)).generator("block of material")
            let cellBytes = preset.fieldElementsPerCell * 31
            // Short of the last cell by a little, so that packing has something to do.
            let count = rows * preset.cellsPerBlob * cellBytes - 5
            var bytes: [UInt8] = []
            bytes.reserveCapacity(count + 8)
            while bytes.count < count {
                let word = random.next()
                for shift in 0..<8 {
                    bytes.append(UInt8(truncatingIfNeeded: word >> (8 * UInt64(shift))))
                }
            }
            let payload = Payload(namespace: [0], bytes: Array(bytes.prefix(count)))
            return KnownBlock(try encoder.encode([payload]), arithmetic: arithmetic)
        }
        known = KnownBlocks(blocks)
        identities = try (0..<nodes).map { node in
            try NodeIdentity(
                IdentityKey(seed: SimulationSeed(UInt64(node)).bytes("identity of material")))
        }
        laneKeys = try (0..<4).map { lane in
            try SigningKey(seed: SimulationSeed(UInt64(lane)).bytes("lane of material"))
        }
    }
}

/// A sequencer's record that outlives its process, like the file that it stands for.
final class LastingRecord: SigningRecord, @unchecked Sendable {
    // One run is one thread; nothing else sees it.
    private(set) var last: SignedPlace?

    func write(_ place: SignedPlace) throws {
        last = place
    }
}
