import Foundation

/// Tells the demonstration: acts and their checks to standard output, a live picture and a progress
/// line to standard error while that is a terminal.
final class DemoNarrator {
    private let json: Bool
    /// Whether there is a terminal to draw on.
    let isLive: Bool
    /// The style of what goes to standard output.
    let style: TextStyle
    /// The style of what goes to standard error.
    let liveStyle: TextStyle
    /// The characters of a line of the terminal.
    let width: Int
    private var liveLines = 0

    init(json: Bool) {
        self.json = json
        let coloursWanted = (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
        isLive = isatty(STDERR_FILENO) == 1
        style = coloursWanted && isatty(STDOUT_FILENO) == 1 ? .coloured : .plain
        liveStyle = coloursWanted && isLive ? .coloured : .plain
        var size = winsize()
        let known = isLive && ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0
        width = known && size.ws_col > 20 ? Int(size.ws_col) : 140
    }

    /// A line of the story.
    func say(_ line: String) {
        clearLive()
        write(line + "\n", to: json ? .standardError : .standardOutput)
    }

    /// The heading of an act.
    func begin(_ number: Int, _ title: String) {
        say("\nAct \(number). \(title)")
    }

    /// A check, as soon as it is decided.
    func report(_ check: DemoCheck) {
        let mark = check.held ? style.good + "held  " : style.bad + "FAILED"
        say(
            "  \(mark)\(style.reset) \(check.name)"
                + (check.detail.isEmpty ? "" : ": \(check.detail)"))
    }

    /// A picture that stays.
    func show(_ picture: [String], caption: String) {
        for line in picture { say("  " + line) }
        say("  " + style.faint + caption + style.reset)
    }

    /// What is going on: replaces the last live picture. Without a terminal nothing is shown.
    func progress(_ line: String, picture: [String] = []) {
        guard isLive else { return }
        clearLive()
        var text = ""
        for line in picture { text += "  " + line + "\n" }
        text += "  " + String(line.prefix(width - 4)) + "\n"
        write(text, to: .standardError)
        liveLines = picture.count + 1
    }

    /// The machine-readable result.
    func finish(_ result: DemoResult) throws {
        clearLive()
        guard json else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(result)
        write(String(decoding: data, as: UTF8.self) + "\n", to: .standardOutput)
    }

    private func clearLive() {
        guard liveLines > 0 else { return }
        write("\u{1B}[\(liveLines)A\u{1B}[J", to: .standardError)
        liveLines = 0
    }

    private func write(_ text: String, to handle: FileHandle) {
        try? handle.write(contentsOf: Data(text.utf8))
    }
}

/// One thing that an act promised.
struct DemoCheck: Codable, Sendable {
    /// What was checked, in words.
    let name: String
    /// Whether it held.
    let held: Bool
    /// The figures.
    let detail: String
}

/// One act of the story.
struct DemoAct: Codable, Sendable {
    let number: Int
    let title: String
    var checks: [DemoCheck] = []
    var seconds = 0.0

    var held: Bool { !checks.isEmpty && checks.allSatisfy(\.held) }
}

/// The whole story, as `--json` prints it.
struct DemoResult: Codable, Sendable {
    var source: String
    var bytes: Int
    var sha256: String
    var dataRows: Int
    var fullNodes: Int
    var lightNodes: Int
    var acts: [DemoAct] = []
    var seconds = 0.0
    var peakMemoryBytes = 0
    /// Whether every act held.
    var held = false
}
