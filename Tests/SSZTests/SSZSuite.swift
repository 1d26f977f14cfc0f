import Testing

@Suite struct SSZSuite {}
