// Fourier transforms over the scalar field, between coefficients in natural order and values in
// bit-reversed order, so that nothing is ever permuted.
//
// The transform splits x^n - c^2 into (x^(n/2) - c)(x^(n/2) + c) until single points are left. The
// node at place k of its level (from 0) is split with roots[k] = e(brp(k) / 2): 1, i, the eighth
// root and its product with i, and so on, where e(t) is the t-th power of a primitive "first" root,
// e(1/2) = -1. The numbers do not depend on the level, so one table serves all sizes. Level j of
// the tree under node k of its level uses the entries from k * 2^j on, 2^j of them.
#pragma once

#include "bls_fr.h"

// Coefficients to values, in place, n = 2^log. node is 0 for the n-th roots of unity; node 1 gives
// the values at the other half of the 2n-th roots, in the order in which they follow in the
// transform of size 2n. Reads roots[node] to roots[(node + 1) * n / 2 - 1].
void bls_fr_fft(bls_fr *a, int log, long node, const bls_fr *roots);

// The inverse, without the division by n.
void bls_fr_ifft(bls_fr *a, int log, long node, const bls_fr *roots);

// The same on width columns at once: element j of row i is a[i * stride + j].
void bls_fr_fft_columns(
    bls_fr *a, int log, long node, const bls_fr *roots, long stride, long width);
void bls_fr_ifft_columns(
    bls_fr *a, int log, long node, const bls_fr *roots, long stride, long width);

// a[i] *= factor * ratio^i.
void bls_fr_scale_by_powers(bls_fr *a, const bls_fr *factor, const bls_fr *ratio, long count);
