import ArgumentParser
import Foundation

/// Why a command ends without success: the exit code and what to say.
struct CommandFailure: Error, CustomStringConvertible {
    /// The exit codes of every command, beside 0 (done) and 64 (usage).
    enum Status: Int32 {
        /// An unreadable, foreign, truncated or damaged file, empty input, over a limit.
        case failed = 1
        /// Data is unavailable or can't be recovered.
        case unavailable = 3
        /// No peer or server was reached.
        case unreachable = 4
        /// An intact file whose proof, signature or evidence does not hold.
        case invalid = 5
    }

    let status: Status
    let description: String

    init(_ status: Status = .failed, _ description: String) {
        self.status = status
        self.description = description
    }

    /// A failure about a file, which is named first.
    init(_ status: Status, in path: String, _ reason: String) {
        self.init(status, "\(path): \(reason)")
    }
}

/// Runs a command's body; says what is wrong on standard error and ends with the right exit code.
func reportingFailures<T>(of command: String, _ body: () throws -> T) throws -> T {
    do {
        return try body()
    } catch {
        throw exitCode(for: error, command: command)
    }
}

/// The same for a command that waits.
func reportingFailures<T>(of command: String, _ body: () async throws -> T) async throws -> T {
    do {
        return try await body()
    } catch {
        throw exitCode(for: error, command: command)
    }
}

private func exitCode(for error: any Error, command: String) -> any Error {
    if error is ExitCode || error is CleanExit || error is ValidationError { return error }
    let failure = error as? CommandFailure ?? CommandFailure(.failed, "\(error)")
    Console.clearProgress()
    complain("damask \(command): \(failure)")
    return ExitCode(failure.status.rawValue)
}

/// A line on standard error.
func complain(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
}
