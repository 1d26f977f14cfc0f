import Testing

@Suite struct LibP2PNIOSuite {}
