import Testing

@Suite struct BLS12381Suite {}
