import Availability
import DataMatrix

// What a light client embeds: how many cells of a block to ask for, and which.
let shape = try MatrixShape(preset: .mainnet, dataRows: 64)
let plan = SamplingPlan(shape: shape, knownZeroRows: [], target: 9)
var random = SystemRandomNumberGenerator()
let sample = plan.draw(using: &random)
print("a light client draws \(sample.cells.count) of \(shape.cellCount) cells")
