import Testing

@Suite struct NodeCoreSuite {}
