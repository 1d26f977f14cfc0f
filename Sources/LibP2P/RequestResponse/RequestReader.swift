/// Why a request or an answer that comes in can't be read on.
enum ExchangeError: Error, Equatable, Sendable {
    /// A length that is no varint, bytes after the end, or an end within a message.
    case malformed
    /// Longer than the limit, in bytes.
    case tooLong(limit: Int)

    init(_ error: FrameError, limit: Int) {
        switch error {
        case .malformedLength: self = .malformed
        case .tooLong: self = .tooLong(limit: limit)
        }
    }
}

/// Reads the one message of a request: its length as a varint, then its bytes, and nothing after it.
struct RequestReader: Sendable {
    private var assembler: FrameAssembler
    private var isComplete = false

    init(limit: Int) {
        assembler = FrameAssembler(limit: limit)
    }

    /// Bytes held that are not yet a whole request.
    var bufferedByteCount: Int { assembler.bufferedByteCount }

    /// Bytes arrived.
    ///
    /// - Returns: The request, once it is whole.
    /// - Throws: `ExchangeError`: the stream is to be reset.
    mutating func received(_ bytes: [UInt8]) throws(ExchangeError) -> [UInt8]? {
        guard !bytes.isEmpty else { return nil }
        guard !isComplete else { throw .malformed }
        assembler.append(bytes)
        let body: [UInt8]?
        do {
            body = try assembler.next()
        } catch {
            throw ExchangeError(error, limit: assembler.limit)
        }
        guard let body else { return nil }
        isComplete = true
        guard assembler.isAtBoundary else { throw .malformed }
        return body
    }
}

/// Reads an answer: chunks, each behind its length as a varint, until the stream ends.
struct ResponseReader: Sendable {
    private var assembler: FrameAssembler
    private var remaining: Int
    private let limit: Int

    init(maximumChunkBytes: Int, maximumResponseBytes: Int) {
        assembler = FrameAssembler(limit: min(maximumChunkBytes, maximumResponseBytes))
        remaining = maximumResponseBytes
        limit = maximumResponseBytes
    }

    /// Bytes held that are not yet a whole chunk.
    var bufferedByteCount: Int { assembler.bufferedByteCount }

    /// Bytes arrived.
    ///
    /// - Returns: The chunks that became whole.
    /// - Throws: `ExchangeError`: the answer is worth nothing.
    mutating func received(_ bytes: [UInt8]) throws(ExchangeError) -> [[UInt8]] {
        assembler.append(bytes)
        var chunks: [[UInt8]] = []
        do {
            while let chunk = try assembler.next() {
                // An empty chunk counts too: without that, an answer could be endless.
                let cost = max(chunk.count, 1)
                guard cost <= remaining else { throw ExchangeError.tooLong(limit: limit) }
                remaining -= cost
                chunks.append(chunk)
            }
        } catch let error as FrameError {
            throw ExchangeError(error, limit: assembler.limit)
        } catch let error as ExchangeError {
            throw error
        } catch {
            throw .malformed
        }
        return chunks
    }

    /// Whether the answer may end here.
    var isAtBoundary: Bool { assembler.isAtBoundary }
}
