import Foundation
import NodeCore
import Testing

/// The last section of `specs/network/limits.md` states what the code does.
@Suite struct DiscoveryLimitsTests {
    private func text(_ value: Any) -> String {
        guard let duration = value as? Duration else { return "\(value)" }
        let (seconds, attoseconds) = duration.components
        return attoseconds == 0
            ? "\(seconds) s" : "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000) ms"
    }

    @Test func pageAndCodeAgree() throws {
        let path = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let page = try String(contentsOfFile: "/\(path)/specs/network/limits.md", encoding: .utf8)
        let section = try #require(page.components(separatedBy: "## DiscoverySettings\n").last)
        var stated: [String: String] = [:]
        for line in section.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            stated[cells[0].trimmingCharacters(in: ["`"])] = cells[1]
        }
        var code: [String: String] = [:]
        for case (let name?, let value) in Mirror(reflecting: DiscoverySettings()).children {
            code[name] = text(value)
        }
        #expect(code.count > 30)
        #expect(stated == code)
        // The page of rules uses these names, not others.
        let rules = try String(
            contentsOfFile: "/\(path)/specs/network/discovery.md", encoding: .utf8)
        let names = rules.matches(of: /`([a-z]+[A-Z][A-Za-z]+)`/).map { String($0.output.1) }
        let ofGossip: Set = ["peerExchangeCount", "acceptPeerExchangeThreshold"]
        #expect(names.count > 30)
        for name in names where !ofGossip.contains(name) {
            #expect(code[name] != nil, "\(name)")
        }
    }
}
