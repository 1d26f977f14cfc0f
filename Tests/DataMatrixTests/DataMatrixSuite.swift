import Testing

@Suite struct DataMatrixSuite {}
