import Glibc

/// One fuzzer: what it makes of an input, and inputs to begin with.
struct FuzzTarget {
    /// The name by which scripts ask for it.
    let name: String

    /// The longest input that is of use, in bytes.
    let maximumLength: Int

    /// Inputs that reach what random bytes would take long to find.
    let seeds: () -> [[UInt8]]

    /// Tries one input; ends the process by ``finding(_:)`` if something is wrong.
    let run: ([UInt8]) -> Void
}

/// All targets, in the order in which scripts run them.
let allTargets: [FuzzTarget] =
    [canary] + matrixTargets + networkTargets + nodeTargets

/// A planted defect: two bytes at their places and the right length end the process. Whoever does
/// not see it found does not see anything.
private let canary = FuzzTarget(
    name: "canary", maximumLength: 8, seeds: { [[0, 0, 0, 0]] },
    run: { bytes in
        if bytes.count == 4, bytes[1] == 0xda { canarySecond(bytes) }
    })

/// A function of its own, so that coverage shows that the first byte has been found.
@inline(never)
private func canarySecond(_ bytes: [UInt8]) {
    if bytes[3] == 0x3a { finding("the canary") }
}

/// Says what is wrong and ends the process, so that libFuzzer keeps the input.
func finding(_ what: @autoclosure () -> String) -> Never {
    fputs("FINDING: \(what())\n", stderr)
    fatalError("finding")
}

/// Ends the process unless the condition holds.
@inline(__always)
func require(_ condition: Bool, _ what: @autoclosure () -> String) {
    if !condition { finding(what()) }
}

/// The value, or the end of the process: for what a target sets up itself.
@discardableResult
func must<Value>(_ what: String, _ body: () throws -> Value?) -> Value {
    do {
        guard let value = try body() else { finding("\(what): nothing") }
        return value
    } catch { finding("\(what): \(error)") }
}
