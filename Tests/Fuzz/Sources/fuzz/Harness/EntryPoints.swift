import Glibc

/// The target that this process runs, chosen by the environment before the first input.
nonisolated(unsafe) private var chosen: FuzzTarget?

/// Called once by libFuzzer. `DAMASK_FUZZ_LIST=1` prints the targets' names and longest inputs
/// instead of fuzzing; `DAMASK_FUZZ_SEEDS=folder` writes the chosen target's seeds there.
@_cdecl("LLVMFuzzerInitialize")
public func initializeFuzzer(
    _ count: UnsafeMutableRawPointer?, _ arguments: UnsafeMutableRawPointer?
) -> CInt {
    if environment("DAMASK_FUZZ_LIST") != nil {
        for target in allTargets { print(target.name, target.maximumLength) }
        exit(0)
    }
    let name = environment("DAMASK_FUZZ_TARGET") ?? ""
    guard let target = allTargets.first(where: { $0.name == name }) else {
        fputs("DAMASK_FUZZ_TARGET names no target: '\(name)'\n", stderr)
        exit(64)
    }
    chosen = target
    if let folder = environment("DAMASK_FUZZ_SEEDS") {
        for (number, seed) in target.seeds().enumerated() {
            write(seed, to: "\(folder)/seed-\(number)")
        }
        exit(0)
    }
    return 0
}

/// Called by libFuzzer with each input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    chosen?.run(Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)))
    return 0
}

private func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

private func write(_ bytes: [UInt8], to path: String) {
    guard let file = fopen(path, "wb") else {
        fputs("\(path) can't be written\n", stderr)
        exit(1)
    }
    _ = bytes.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, file) }
    fclose(file)
}
