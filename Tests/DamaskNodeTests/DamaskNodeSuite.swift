import Testing

@Suite struct DamaskNodeSuite {}
