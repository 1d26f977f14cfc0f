package import KZGCommitments
package import SSZ

extension SSZType<KZGCommitment> {
    /// `Vector[uint8, 48]`. Any 48 bytes decode: whether they are a point is not for a decoder.
    package static var kzgCommitment: SSZType<KZGCommitment> {
        SSZType<[UInt8]>.bytes(48).map(
            { $0.bytes.bytes },
            { bytes throws(SSZError) in
                guard let commitment = KZGCommitment(bytes) else {
                    throw SSZError(.wrongLength(actual: bytes.count, expected: 48))
                }
                return commitment
            })
    }
}

extension SSZType<PayloadEncoding> {
    /// `uint8`, of which 0 and 1 have a meaning.
    package static var payloadEncoding: Self {
        SSZType<UInt8>.uint8.map(
            { $0.rawValue },
            { byte throws(SSZError) in
                guard let encoding = PayloadEncoding(rawValue: byte) else {
                    throw SSZError(.invalid("payload encoding \(byte) is neither 0 nor 1"))
                }
                return encoding
            })
    }
}

extension SSZType<PayloadIndexEntry> {
    /// `{namespace: List[uint8, 32], first_cell: uint32, length: uint32, encoding: uint8}`.
    package static var payloadIndexEntry: Self {
        .container(
            .field(
                "namespace", \.namespace,
                .byteList(limit: PayloadIndexEntry.maximumNamespaceLength)),
            .field("first_cell", \.firstCell, .uint32),
            .field("length", \.length, .uint32),
            .field("encoding", \.encoding, .payloadEncoding),
            make: { namespace, firstCell, length, encoding throws(SSZError) in
                PayloadIndexEntry(
                    namespace: namespace, firstCell: firstCell, length: length, encoding: encoding)
            })
    }
}

extension SSZType<[PayloadIndexEntry]> {
    /// `List[payload index entry, 1024]`.
    package static var payloadIndex: Self {
        .list(of: .payloadIndexEntry, limit: PayloadIndex.maximumEntries)
    }
}
