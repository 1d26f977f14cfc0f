import Testing

@Suite struct KZGCommitmentsSuite {}
