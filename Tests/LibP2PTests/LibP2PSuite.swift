import Testing

@Suite struct LibP2PSuite {}
