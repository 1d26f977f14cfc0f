import Testing

@Suite struct SystemCryptoSuite {}
