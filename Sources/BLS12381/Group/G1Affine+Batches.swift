import CBLS12381

// Encodings of many points at once: one call into the kernels for each, so that they can use
// whatever the processor has for several points at a time.
extension G1Affine {
    /// Parses compressed points of 48 bytes each, one after the other.
    ///
    /// - Parameters:
    ///   - bytes: 48 bytes for each point.
    ///   - points: The place for the points.
    ///   - checkingSubgroup: Whether each has to be in the subgroup of order r: the most expensive
    ///     part. Without it, points of the rest of the curve get through.
    /// - Returns: The index of the first that is no point, and why; the points from that index on are
    ///   unspecified. Nil if all is well.
    public static func parse(
        compressed bytes: UnsafeRawBufferPointer,
        into points: UnsafeMutableBufferPointer<G1Affine>, checkingSubgroup: Bool = true
    ) -> (index: Int, error: PointError)? {
        precondition(bytes.count == byteCount * points.count, "a compressed point has 48 bytes")
        guard let base = points.baseAddress, let source = bytes.baseAddress else { return nil }
        var code: Int32 = 0
        let parsed = bls_g1_decompress_each(
            base.kernel, source.assumingMemoryBound(to: UInt8.self), checkingSubgroup ? 1 : 0,
            points.count, &code)
        return PointError(kernel: code).map { (parsed, $0) }
    }

    /// Writes the compressed encodings, 48 bytes each.
    ///
    /// - Precondition: `bytes.count` is 48 times `points.count`.
    public static func writeCompressed(
        _ points: UnsafeBufferPointer<G1Affine>, to bytes: UnsafeMutableRawBufferPointer
    ) {
        precondition(bytes.count == byteCount * points.count, "a compressed point has 48 bytes")
        guard let base = points.baseAddress, let target = bytes.baseAddress else { return }
        bls_g1_compress_each(
            target.assumingMemoryBound(to: UInt8.self), base.kernel, points.count)
    }
}

extension PointError {
    /// What the kernels' answer means; nil if all is well.
    init?(kernel code: Int32) {
        switch Int(code) {
        case Int(bls_point_ok.rawValue): return nil
        case Int(bls_point_bad_flags.rawValue): self = .badFlags
        case Int(bls_point_not_canonical.rawValue): self = .notCanonical
        case Int(bls_point_not_on_curve.rawValue): self = .notOnCurve
        default: self = .notInSubgroup
        }
    }
}
