/// A value in a vector file.
enum VectorValue: Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    case string(String)
    case list([VectorValue])
    case map([String: VectorValue])
}

/// Why a vector file can't be read.
struct VectorFileError: Error, CustomStringConvertible {
    let line: Int
    let reason: String

    var description: String { "line \(line): \(reason)" }
}

/// The part of YAML in which the official vectors are written: maps and lists by indentation, lists of
/// scalars in brackets, quoted strings, integers, `true`, `false` and `null`. Anything else is an error.
struct VectorFile {
    private struct Line {
        var number: Int
        var indent: Int
        var text: Substring
    }

    private var lines: [Line] = []
    private var next = 0

    /// The value that a file holds.
    static func parse(_ text: String) throws -> VectorValue {
        var file = VectorFile()
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let content = line.drop { $0 == " " }
            if content.isEmpty || content.first == "#" || content == "---" { continue }
            guard !content.contains("\t"), !content.contains("\r") else {
                throw VectorFileError(line: index + 1, reason: "tab or carriage return")
            }
            if let open = file.lines.indices.last, file.lines[open].text.contains("["),
                !file.lines[open].text.contains("]")
            {
                // A list in brackets goes on.
                file.lines[open].text += " " + content
                continue
            }
            file.lines.append(
                Line(number: index + 1, indent: line.count - content.count, text: content))
        }
        guard let first = file.lines.first else {
            throw VectorFileError(line: 1, reason: "nothing there")
        }
        let value = try file.block(indent: first.indent)
        guard file.next == file.lines.count else { throw file.error("unexpected indentation") }
        return value
    }

    private func error(_ reason: String) -> VectorFileError {
        let line = next < lines.count ? lines[next].number : (lines.last?.number ?? 0)
        return VectorFileError(line: line, reason: reason)
    }

    private func isItem(_ text: Substring) -> Bool { text == "-" || text.hasPrefix("- ") }

    /// A list, a map or a scalar whose first line is the next one.
    private mutating func block(indent: Int) throws -> VectorValue {
        let line = lines[next]
        if isItem(line.text) { return try list(indent: indent) }
        if VectorFile.key(line.text) != nil { return try map(indent: indent) }
        let value = try scalar(line.text)
        next += 1
        return value
    }

    private mutating func list(indent: Int) throws -> VectorValue {
        var items: [VectorValue] = []
        while next < lines.count, lines[next].indent == indent, isItem(lines[next].text) {
            let rest = lines[next].text.dropFirst().drop { $0 == " " }
            guard !rest.isEmpty else { throw error("an item without a value") }
            // What follows the dash is a block of its own, further in.
            lines[next].indent = indent + 2
            lines[next].text = rest
            items.append(try block(indent: indent + 2))
        }
        return .list(items)
    }

    private mutating func map(indent: Int) throws -> VectorValue {
        var entries: [String: VectorValue] = [:]
        while next < lines.count, lines[next].indent == indent, !isItem(lines[next].text) {
            guard let (key, rest) = VectorFile.key(lines[next].text) else {
                throw error("no key")
            }
            guard entries[key] == nil else { throw error("the key \(key) twice") }
            if !rest.isEmpty {
                entries[key] = try scalar(rest)
                next += 1
                continue
            }
            next += 1
            guard next < lines.count else { throw error("a key without a value") }
            let inner = lines[next].indent
            guard inner > indent || inner == indent && isItem(lines[next].text) else {
                throw error("a key without a value")
            }
            entries[key] = try block(indent: inner)
        }
        return .map(entries)
    }

    private static func key(_ text: Substring) -> (String, Substring)? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let key = text[..<colon]
        guard !key.isEmpty, key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else {
            return nil
        }
        let rest = text[text.index(after: colon)...]
        guard rest.isEmpty || rest.first == " " else { return nil }
        return (String(key), rest.drop { $0 == " " })
    }

    private func scalar(_ text: Substring) throws -> VectorValue {
        switch text {
        case "null", "~": return .null
        case "true": return .bool(true)
        case "false": return .bool(false)
        default: break
        }
        if let quote = text.first, quote == "'" || quote == "\"" {
            let inner = text.dropFirst().dropLast()
            guard text.count >= 2, text.last == quote,
                inner.allSatisfy({ $0 != quote && $0 != "\\" })
            else { throw error("a string that does not end") }
            return .string(String(inner))
        }
        if text.first == "[" {
            guard text.last == "]" else { throw error("a list that does not end") }
            let inner = text.dropFirst().dropLast()
            if inner.allSatisfy({ $0 == " " }) { return .list([]) }
            return .list(
                try inner.split(separator: ",", omittingEmptySubsequences: false).map {
                    let item = $0.drop { $0 == " " }
                    guard !item.isEmpty, item.first != "[" else { throw error("an empty item") }
                    return try scalar(item)
                })
        }
        guard let integer = Int(text) else { throw error("no value: \(text.prefix(20))") }
        return .integer(integer)
    }
}
