import Availability
import DataMatrix
import Foundation
import KZGCommitments
import SSZ
import SystemCrypto
import Testing

@Suite struct HeaderSuite {
    struct Vectors: Decodable {
        struct Header: Decodable {
            var dataRows: Int
            var indexEntries: Int
            var root: String
            var summary: String
            var signingMessage: String
            var encodedLength: Int
            var encodedSHA256: String
            var encoded: String?
        }
        struct MessageID: Decodable {
            var topic: String
            var data: String
            var id: String
        }
        var headers: [Header]
        var messageIds: [MessageID]
    }

    /// The headers of `specs/vectors/headers.json`.
    @Test func vectors() throws {
        let vectors = try JSONDecoder().decode(
            Vectors.self, from: specification("vectors/headers.json"))
        #expect(vectors.headers.count == 3)
        for vector in vectors.headers {
            // The encodings that are given decode to headers with the given roots.
            if let encoded = vector.encoded {
                let bytes = hex(encoded)
                #expect(bytes.count == vector.encodedLength)
                #expect(SHA256.hash(bytes) == hex(vector.encodedSHA256))
                let header = try BlockHeader(encoded: bytes)
                #expect(header.encoded == bytes)
                #expect(header.root.bytes == hex(vector.root))
                #expect(header.summary.encoded == hex(vector.summary))
                #expect(header.commitments.count == vector.dataRows)
                #expect(header.index.count == vector.indexEntries)
            }
            let summary = try HeaderSummary(encoded: hex(vector.summary))
            #expect(summary.encoded == hex(vector.summary))
            #expect(summary.root.bytes == hex(vector.root))
            #expect(Int(summary.dataRows) == vector.dataRows)
            #expect(
                Array(SigningDomain.header.rawValue.utf8) + summary.networkID.bytes
                    + summary.root.bytes == hex(vector.signingMessage))
        }
        for vector in vectors.messageIds {
            #expect(
                NetworkNames.messageID(topic: vector.topic, data: hex(vector.data))
                    == hex(vector.id))
        }
    }

    @Test func theLargestHeaderStaysBelowItsLimit() throws {
        let parameters = try network()
        var fields = try HeaderFields(parameters, dataRows: 256)
        fields.index = (0..<1024).map {
            PayloadIndexEntry(
                namespace: [UInt8](repeating: 1, count: 32), firstCell: UInt32($0 * 2), length: 1,
                encoding: .packed)
        }
        let signed = try fields.signed()
        #expect(signed.encoded.count == 62_727)
        #expect(SignedHeader.maximumByteCount <= Limits.signedHeaderBytes)
        let again = try SignedHeader(encoded: signed.encoded)
        #expect(again == signed)
        #expect(again.isSignatureValid)
        #expect(signed.summary.encoded.count < 350)
        #expect(signed.summary.isSignatureValid)
        #expect(signed.summary.root == signed.root)
    }

    @Test func structureIsChecked() throws {
        let parameters = try network()
        var fields = try HeaderFields(parameters)
        fields.commitments = try (0..<3).map { try commitment($0) }
        #expect(throws: HeaderError.dataRows(3)) { try fields.header() }
        fields.commitments = []
        #expect(throws: HeaderError.dataRows(0)) { try fields.header() }
        fields.commitments = try (0..<512).map { try commitment($0) }
        #expect(throws: HeaderError.dataRows(512)) { try fields.header() }
        fields.commitments = try (0..<4).map { try commitment($0) }
        fields.index = [PayloadIndexEntry](
            repeating: PayloadIndexEntry(
                namespace: [], firstCell: 0, length: 1, encoding: .packed), count: 1025)
        #expect(throws: HeaderError.indexEntries(1025)) { try fields.header() }
        fields.index = [
            PayloadIndexEntry(
                namespace: [UInt8](repeating: 0, count: 33), firstCell: 0, length: 1,
                encoding: .packed)
        ]
        #expect(throws: HeaderError.index(.namespaceTooLong(entry: 0, length: 33))) {
            try fields.header()
        }
    }

    /// `k` stands apart from the list, so an encoding can contradict itself.
    @Test func commitmentsAreAsManyAsDataRows() throws {
        var bytes = try HeaderFields(network()).header().encoded
        let position = 1 + 32 + 4 + 8 + 8 + 32
        #expect(bytes[position] == 4)
        bytes[position] = 8
        #expect(
            throws: SSZError(.invalid("\(HeaderError.commitments(actual: 4, dataRows: 8))"))
        ) { try BlockHeader(encoded: bytes) }
    }

    @Test func knownZeroRows() throws {
        var fields = try HeaderFields(network())
        #expect(try fields.header().knownZeroRows == [])
        fields.commitments[1] = .infinity
        fields.commitments[3] = .infinity
        #expect(try fields.header().knownZeroRows == [1, 3])
        fields.commitments = [.infinity]
        #expect(try fields.header().knownZeroRows == [0, 1])
    }

    @Test func singleFieldsAreProven() throws {
        let header = try HeaderFields(network()).header()
        let summary = header.summary
        let proof = summary.proof(of: .newStateRoot)
        #expect(proof.proves(header.newStateRoot, in: header.root))
        #expect(!proof.proves(try root(1), in: header.root))
        #expect(!proof.proves(header.newStateRoot, in: try root(1)))
        #expect(summary.proof(of: .commitments).proves(summary.commitmentsRoot, in: header.root))
        #expect(summary.proof(of: .index).proves(summary.indexRoot, in: header.root))
        #expect(summary.proof(of: .parentRoot).proves(header.parentRoot, in: header.root))
        let moved = HeaderFieldProof(field: .previousStateRoot, branch: proof.branch)
        #expect(!moved.proves(try root(1), in: header.root))
        let short = HeaderFieldProof(field: .newStateRoot, branch: [])
        #expect(!short.proves(header.root, in: header.root))
    }

    @Test func everyBitIsCovered() throws {
        let signed = try HeaderFields(network(), dataRows: 1).signed().summary
        let bytes = signed.encoded
        for bit in 0..<(bytes.count * 8) {
            var altered = bytes
            altered[bit / 8] ^= 1 << UInt8(bit % 8)
            if let decoded = try? SignedHeaderSummary(encoded: altered) {
                #expect(!decoded.isSignatureValid)
            }
        }
    }

    @Test func fuzzing() throws {
        let parameters = try network()
        try fuzz(
            SignedHeader.self,
            [HeaderFields(parameters, dataRows: 1).signed(), HeaderFields(parameters).signed()])
        try fuzz(
            SignedHeaderSummary.self, [HeaderFields(parameters, dataRows: 1).signed().summary])
    }
}
