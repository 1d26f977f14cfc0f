// KZGCommitments
