import DamaskAPI
import Foundation
import Testing

@Suite struct AccessTokenSuite {
    private func inFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("damask-token-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    @Test func madeOnceForItsOwnerOnly() throws {
        try inFolder { folder in
            let file = folder.appendingPathComponent("token")
            let made = try AccessToken.inFile(file.path)
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            let text = try String(contentsOf: file, encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(text.count == 64)
            #expect(made.matches(text))
            #expect(!made.matches(text.dropLast()))
            #expect(!made.matches(text + "0"))
            #expect(!made.matches(""))
            #expect(try AccessToken.inFile(file.path) == made)
            // Another folder, another token.
            #expect(
                try AccessToken.inFile(folder.appendingPathComponent("other").path) != made)
        }
    }

    @Test func refused() throws {
        try inFolder { folder in
            let file = folder.appendingPathComponent("token")
            for (content, isGood) in [
                ("", false), ("short", false), ("two words of enough length", false),
                (String(repeating: "x", count: 300), false),
                (String(repeating: "x", count: 16), true),
            ] {
                try content.write(to: file, atomically: false, encoding: .utf8)
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o600], ofItemAtPath: file.path)
                let token = try? AccessToken.inFile(file.path)
                #expect((token != nil) == isGood, "\(content)")
            }
            for mode in [0o640, 0o604, 0o660, 0o644] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: mode], ofItemAtPath: file.path)
                #expect(throws: AccessTokenError.exposed(path: file.path, mode: UInt32(mode))) {
                    try AccessToken.inFile(file.path)
                }
            }
            #expect(throws: AccessTokenError.self) {
                try AccessToken.inFile(folder.path)
            }
            #expect(throws: AccessTokenError.self) {
                try AccessToken.inFile(folder.appendingPathComponent("none/token").path)
            }
        }
    }
}
