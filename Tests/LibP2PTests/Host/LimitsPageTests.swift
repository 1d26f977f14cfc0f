import Foundation
import LibP2P
import Testing

/// `specs/network/limits.md` states what the code does.
@Suite struct LimitsPageTests {
    private struct Row: Hashable {
        let section: String
        let name: String
        let value: String
    }

    private func page() throws -> Set<Row> {
        let path = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let text = try String(contentsOfFile: "/\(path)/specs/network/limits.md", encoding: .utf8)
        var section = ""
        var rows: Set<Row> = []
        for line in text.split(separator: "\n") {
            if line.hasPrefix("## ") { section = String(line.dropFirst(3)) }
            // The shell's, and the connection manager's: their tests compare them.
            if ["AdmissionLimits", "DiscoverySettings"].contains(section) { continue }
            let cells = line.split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard line.hasPrefix("| `"), cells.count == 3 else { continue }
            rows.insert(
                Row(
                    section: section, name: cells[0].trimmingCharacters(in: ["`"]),
                    value: cells[1]))
        }
        return rows
    }

    private func text(_ value: Any) -> String? {
        switch value {
        case let duration as Duration:
            let (seconds, attoseconds) = duration.components
            return attoseconds == 0
                ? "\(seconds) s" : "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000) ms"
        case let number as Int: return "\(number)"
        case let number as Double: return "\(number)"
        case let flag as Bool: return "\(flag)"
        case let budget as (burst: Int, perSecond: Int):
            return "\(budget.burst), then \(budget.perSecond)/s"
        default:
            let mirror = Mirror(reflecting: value)
            guard mirror.displayStyle == .optional else { return nil }
            guard let inner = mirror.children.first else { return "nil" }
            return text(inner.value)
        }
    }

    private func code() -> Set<Row> {
        let echo = RequestProtocol(
            name: "", maximumRequestBytes: 0, maximumChunkBytes: 0, maximumResponseBytes: 0)
        let parts: [(String, Any)] = [
            ("GossipsubParameters", GossipsubParameters()), ("RPCLimits", RPCLimits()),
            ("ScoreParameters", ScoreParameters()),
            ("TopicScoreParameters", TopicScoreParameters()), ("HostLimits", HostLimits()),
            ("RequestProtocol", echo), ("ConnectionLimits", ConnectionLimits()),
            ("YamuxLimits", ConnectionLimits().yamux),
        ]
        let setByApplication: Set = [
            "maximumRequestBytes", "maximumChunkBytes", "maximumResponseBytes", "defaultTopic",
        ]
        var rows: Set<Row> = []
        for (section, part) in parts {
            for case (let name?, let value) in Mirror(reflecting: part).children
            where !setByApplication.contains(name) {
                guard let text = text(value) else { continue }
                rows.insert(Row(section: section, name: name, value: text))
            }
        }
        return rows
    }

    @Test func pageAndCodeAgree() throws {
        let page = try page()
        let code = code()
        #expect(page.count > 80)
        #expect(page.subtracting(code) == [])
        #expect(code.subtracting(page) == [])
    }
}
