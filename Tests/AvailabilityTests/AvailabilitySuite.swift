import Testing

@Suite struct AvailabilitySuite {}
