public import CBLS12381

// Operations on many scalars at once: one call into the kernels for each, so that they can use
// whatever the processor has for several elements at a time.

extension UnsafeMutablePointer<Fr> {
    /// The same memory as the kernels see it: `Fr` has one stored property, of that type.
    @inlinable package var kernel: UnsafeMutablePointer<bls_fr> {
        UnsafeMutableRawPointer(self).assumingMemoryBound(to: bls_fr.self)
    }
}

extension UnsafePointer<Fr> {
    /// The same memory as the kernels see it: `Fr` has one stored property, of that type.
    @inlinable package var kernel: UnsafePointer<bls_fr> {
        UnsafeRawPointer(self).assumingMemoryBound(to: bls_fr.self)
    }
}

extension Fr {
    /// Inverts every element in place; zeros stay zero. One inversion and three multiplications per
    /// element.
    public static func invertAll(_ elements: UnsafeMutableBufferPointer<Fr>) {
        guard let base = elements.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: bls_fr.self, capacity: elements.count) { scratch in
            bls_fr_inv_all(base.kernel, scratch.baseAddress, elements.count)
        }
    }

    /// Inverts every element in place; zeros stay zero.
    public static func invertAll(_ elements: inout [Fr]) {
        elements.withUnsafeMutableBufferPointer { invertAll($0) }
    }

    /// Parses scalars of 32 bytes each, big-endian.
    ///
    /// - Precondition: `bytes.count` is 32 times `elements.count`.
    /// - Returns: The index of the first that is not below r, or nil if all are. The elements from
    ///   that index on are unspecified.
    public static func parse(
        _ bytes: UnsafeRawBufferPointer, into elements: UnsafeMutableBufferPointer<Fr>
    ) -> Int? {
        precondition(bytes.count == byteCount * elements.count, "a scalar has 32 bytes")
        guard let base = elements.baseAddress, let source = bytes.baseAddress else { return nil }
        let parsed = bls_fr_parse(
            base.kernel, source.assumingMemoryBound(to: UInt8.self), elements.count)
        return parsed == elements.count ? nil : parsed
    }

    /// Writes the encodings, 32 bytes each, big-endian.
    ///
    /// - Precondition: `bytes.count` is 32 times `elements.count`.
    public static func write(
        _ elements: UnsafeBufferPointer<Fr>, to bytes: UnsafeMutableRawBufferPointer
    ) {
        precondition(bytes.count == byteCount * elements.count, "a scalar has 32 bytes")
        guard let base = elements.baseAddress, let target = bytes.baseAddress else { return }
        bls_fr_write(target.assumingMemoryBound(to: UInt8.self), base.kernel, elements.count)
    }

    /// Parses scalars as ``parse(_:into:)`` does, but each as x / 2^256 where the bytes say x.
    ///
    /// That is what the bytes are as they stand, 2^256 being the radix of the Montgomery form, so it
    /// costs no multiplication. Linear maps, their constants made as usual, take such elements to such
    /// elements; ``writeUnscaled(_:to:)`` gives the bytes of the result.
    package static func parseUnscaled(
        _ bytes: UnsafeRawBufferPointer, into elements: UnsafeMutableBufferPointer<Fr>
    ) -> Int? {
        precondition(bytes.count == byteCount * elements.count, "a scalar has 32 bytes")
        guard let base = elements.baseAddress, let source = bytes.baseAddress else { return nil }
        let parsed = bls_fr_parse_unscaled(
            base.kernel, source.assumingMemoryBound(to: UInt8.self), elements.count)
        return parsed == elements.count ? nil : parsed
    }

    /// Writes elements that stand for 2^256 times themselves, as ``parseUnscaled(_:into:)`` makes them.
    package static func writeUnscaled(
        _ elements: UnsafeBufferPointer<Fr>, to bytes: UnsafeMutableRawBufferPointer
    ) {
        precondition(bytes.count == byteCount * elements.count, "a scalar has 32 bytes")
        guard let base = elements.baseAddress, let target = bytes.baseAddress else { return }
        bls_fr_write_unscaled(
            target.assumingMemoryBound(to: UInt8.self), base.kernel, elements.count)
    }

    /// Multiplies element by element, in place.
    ///
    /// - Precondition: The counts are equal.
    package static func multiply(
        _ elements: UnsafeMutableBufferPointer<Fr>, by factors: UnsafeBufferPointer<Fr>
    ) {
        precondition(elements.count == factors.count, "arrays of one length")
        guard let base = elements.baseAddress, let other = factors.baseAddress else { return }
        bls_fr_mul_each(base.kernel, UnsafePointer(base).kernel, other.kernel, elements.count)
    }

    /// Multiplies every element by one factor, in place.
    package static func scale(_ elements: UnsafeMutableBufferPointer<Fr>, by factor: Fr) {
        guard let base = elements.baseAddress else { return }
        var raw = factor.raw
        bls_fr_scale_each(base.kernel, &raw, elements.count)
    }

    /// Adds `factor` times `source` to the elements, one by one, in place.
    ///
    /// - Precondition: The counts are equal.
    package static func addScaled(
        _ source: UnsafeBufferPointer<Fr>, by factor: Fr,
        to elements: UnsafeMutableBufferPointer<Fr>
    ) {
        precondition(elements.count == source.count, "arrays of one length")
        guard let base = elements.baseAddress, let other = source.baseAddress else { return }
        var raw = factor.raw
        bls_fr_add_scaled(base.kernel, other.kernel, &raw, elements.count)
    }

    /// The sum of the products, element by element.
    ///
    /// - Precondition: The counts are equal.
    package static func dot(_ a: UnsafeBufferPointer<Fr>, _ b: UnsafeBufferPointer<Fr>) -> Fr {
        precondition(a.count == b.count, "arrays of one length")
        guard let first = a.baseAddress, let second = b.baseAddress else { return .zero }
        var result = bls_fr()
        bls_fr_dot(&result, first.kernel, second.kernel, a.count)
        return Fr(raw: result)
    }

    /// `start`, `start * ratio`, `start * ratio^2` and so on.
    public static func powers(of ratio: Fr, count: Int, from start: Fr = .one) -> [Fr] {
        [Fr](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress {
                var first = start.raw
                var factor = ratio.raw
                bls_fr_powers(base.kernel, &first, &factor, count)
            }
            initialized = count
        }
    }
}
