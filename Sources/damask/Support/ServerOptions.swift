import ArgumentParser
import DamaskClient
import Foundation

/// Which node a command asks, and with what right.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The node's interface; \(ServerAddress.standard) by default, or what DAMASK_SERVER says.",
            valueName: "url"))
    var server: String?

    @Option(
        help: ArgumentHelp(
            "The file with the token for writing; by default what DAMASK_TOKEN_FILE says.",
            valueName: "file"), completion: .file())
    var tokenFile: String?

    /// Runs a body with a client; what goes wrong gets the exit code that it has everywhere.
    func withClient<Result>(
        writing: Bool = false, _ body: (NodeClient) async throws -> Result
    ) async throws -> Result {
        let environment = ProcessInfo.processInfo.environment
        let address: ServerAddress
        do {
            address = try ServerAddress(
                server ?? environment["DAMASK_SERVER"] ?? ServerAddress.standard)
        } catch {
            throw ValidationError("--server: \(error)")
        }
        let file = tokenFile ?? environment["DAMASK_TOKEN_FILE"]
        if writing, file == nil {
            throw ValidationError(
                "Writing needs the node's token: name its file with --token-file.")
        }
        let token = try file.map(Self.token)
        do {
            return try await NodeClient.with(address, token: token, body)
        } catch let error as ClientError {
            throw CommandFailure(error)
        }
    }

    private static func token(in path: String) throws -> String {
        let bytes = try InputFile.read(path, limit: 256, what: "token file")
        let text = String(decoding: bytes, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw CommandFailure(.failed, in: path, "there is no token in it")
        }
        return text
    }
}

extension CommandFailure {
    /// What a client could not get, with its exit code.
    init(_ error: ClientError) {
        let status: Status =
            switch error {
            case .unavailable: .unavailable
            case .unreachable, .interrupted: .unreachable
            case .badAddress, .refused, .malformed: .failed
            }
        self.init(status, error.description)
    }
}

/// Bytes in hexadecimal on the command line.
extension HexBytes: ExpressibleByArgument {
    init?(argument: String) { self.init(text: argument) }
}

extension HexBytes {
    /// Refuses another number of bytes.
    func require(_ name: String, count: ClosedRange<Int>) throws {
        guard count.contains(bytes.count) else {
            let size =
                count.lowerBound == count.upperBound
                ? "\(count.lowerBound)" : "\(count.lowerBound) to \(count.upperBound)"
            throw ValidationError("\(name) takes \(size) bytes in hexadecimal.")
        }
    }
}

/// Prints a value as one line of JSON on standard output.
func printJSON(_ value: some Encodable) throws {
    var output = ResultWriter()
    try output.line(String(decoding: try JSONText.encode(value), as: UTF8.self))
    try output.flush()
}

/// Prints lines of text on standard output.
func printLines(_ lines: [String]) throws {
    var output = ResultWriter()
    for line in lines { try output.line(line) }
    try output.flush()
}
