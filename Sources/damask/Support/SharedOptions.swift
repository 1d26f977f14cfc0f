import ArgumentParser
import Foundation

/// How many threads a command may use.
struct ThreadOptions: ParsableArguments {
    @Option(help: "Threads to use; as many as there are processors by default.")
    var threads: Int?

    var count: Int { threads ?? max(1, ProcessInfo.processInfo.activeProcessorCount) }

    func validate() throws {
        if let threads, threads < 1 || threads > 256 {
            throw ValidationError("--threads takes a number from 1 to 256.")
        }
    }
}

/// Where a command's output goes.
struct OutputOptions: ParsableArguments {
    @Option(
        name: [.customShort("o"), .long],
        help: "The file to write. It appears whole or not at all.", completion: .file())
    var output: String
}
