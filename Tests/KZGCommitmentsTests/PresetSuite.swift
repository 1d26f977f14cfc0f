import KZGCommitments
import Testing

@Suite struct PresetSuite {
    @Test func mainnetHasTheSpecificationsSizes() {
        let preset = Preset.mainnet
        #expect(preset.bytesPerBlob == 131_072)
        #expect(preset.bytesPerCell == 2048)
        #expect(preset.fieldElementsPerExtendedBlob == 8192)
        #expect(preset.cellsPerBlob == 64)
        #expect(preset.cellsPerExtendedBlob == 128)
    }

    @Test func presetsNeedPowersOfTwoWithinTheCeremonysPoints() {
        func preset(_ blob: Int, _ cell: Int) -> Preset? {
            Preset(name: "x", fieldElementsPerBlob: blob, fieldElementsPerCell: cell)
        }
        #expect(preset(4096, 64) != nil && preset(8, 4) != nil && preset(2, 1) != nil)
        #expect(preset(8192, 64) == nil && preset(4096, 128) == nil && preset(4, 4) == nil)
        #expect(preset(12, 4) == nil && preset(16, 3) == nil && preset(0, 0) == nil)
    }
}
