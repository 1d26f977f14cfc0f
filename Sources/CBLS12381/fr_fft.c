// Fourier transforms over the scalar field. See the header for orders and roots.
#include "bls_fft.h"

#include "CBLS12381Lanes.h"

#include "fr_mul_loops.h"

// (a, b) = (a + c * b, a - c * b) for each of count pairs.
BLS_INLINE void butterfly_loop(bls_fr *a, bls_fr *b, const bls_fr *c, long count, int adx) {
    bls_fr factor = *c;
    for (long i = 0; i < count; i++) {
        bls_fr t;
        BLS_FR_MUL(adx, &t, &b[i], &factor);
        bls_fr_sub(&b[i], &a[i], &t);
        bls_fr_add(&a[i], &a[i], &t);
    }
}

static void butterflies(bls_fr *a, bls_fr *b, const bls_fr *c, long count) {
    BLS_FR_CHOOSE(butterfly_loop, a, b, c, count);
}

static inline void trivial_butterflies(bls_fr *a, bls_fr *b, long count) {
    for (long i = 0; i < count; i++) {
        bls_fr t = b[i];
        bls_fr_sub(&b[i], &a[i], &t);
        bls_fr_add(&a[i], &a[i], &t);
    }
}

// (a, b) = (a + b, (b - a) * c) for each of count pairs.
BLS_INLINE void inverse_butterfly_loop(
    bls_fr *a, bls_fr *b, const bls_fr *c, long count, int adx) {
    bls_fr factor = *c;
    for (long i = 0; i < count; i++) {
        bls_fr t;
        bls_fr_sub(&t, &b[i], &a[i]);
        bls_fr_add(&a[i], &a[i], &b[i]);
        BLS_FR_MUL(adx, &b[i], &t, &factor);
    }
}

static void inverse_butterflies(bls_fr *a, bls_fr *b, const bls_fr *c, long count) {
    BLS_FR_CHOOSE(inverse_butterfly_loop, a, b, c, count);
}

// The place whose root is minus the inverse of that of place k > 0: the same level read backwards.
static inline long mirrored(long k) {
    long level = 1L << (63 - __builtin_clzl((unsigned long)k));
    return 3 * level - 1 - k;
}

// Blocks of at most this many elements are transformed level by level; larger ones half by half,
// so that the halves stay in the first-level cache.
#define BLS_FFT_BLOCK_LOG 9

void bls_fr_fft(bls_fr *a, int log, long node, const bls_fr *roots) {
    if (log == 0) return;
    if (log >= BLS_LANE_FFT_LOG && bls_lanes_active()) {
        bls_lane_fr_transform(a, log, node, roots, 0);
        return;
    }
    long half = 1L << (log - 1);
    if (log > BLS_FFT_BLOCK_LOG) {
        if (node == 0) {
            trivial_butterflies(a, a + half, half);
        } else {
            butterflies(a, a + half, &roots[node], half);
        }
        bls_fr_fft(a, log - 1, 2 * node, roots);
        bls_fr_fft(a + half, log - 1, 2 * node + 1, roots);
        return;
    }
    long n = 1L << log;
    for (long places = 1; places < n; places *= 2) {
        half = n / (2 * places);
        for (long k = 0; k < places; k++) {
            bls_fr *block = a + 2 * half * k;
            if (node == 0 && k == 0) {
                trivial_butterflies(block, block + half, half);
            } else {
                butterflies(block, block + half, &roots[node * places + k], half);
            }
        }
    }
}

void bls_fr_ifft(bls_fr *a, int log, long node, const bls_fr *roots) {
    if (log == 0) return;
    if (log >= BLS_LANE_FFT_LOG && bls_lanes_active()) {
        bls_lane_fr_transform(a, log, node, roots, 1);
        return;
    }
    long half = 1L << (log - 1);
    if (log > BLS_FFT_BLOCK_LOG) {
        bls_fr_ifft(a, log - 1, 2 * node, roots);
        bls_fr_ifft(a + half, log - 1, 2 * node + 1, roots);
        if (node == 0) {
            trivial_butterflies(a, a + half, half);
        } else {
            inverse_butterflies(a, a + half, &roots[mirrored(node)], half);
        }
        return;
    }
    long n = 1L << log;
    for (long places = n / 2; places > 0; places /= 2) {
        half = n / (2 * places);
        for (long k = 0; k < places; k++) {
            bls_fr *block = a + 2 * half * k;
            if (node == 0 && k == 0) {
                trivial_butterflies(block, block + half, half);
            } else {
                inverse_butterflies(
                    block, block + half, &roots[mirrored(node * places + k)], half);
            }
        }
    }
}

// Columns are taken this many at a time: 32 of them in 256 rows are 256 KiB.
#define BLS_FFT_TILE 32

void bls_fr_fft_columns(
    bls_fr *a, int log, long node, const bls_fr *roots, long stride, long width) {
    long n = 1L << log;
    if (log > 0 && width >= 8 && bls_lanes_active()) {
        long lanes = width & ~7L;
        bls_lane_fr_transform_columns(a, log, node, roots, stride, lanes, 0);
        a += lanes;
        width -= lanes;
    }
    for (long first = 0; first < width; first += BLS_FFT_TILE) {
        long tile = width - first < BLS_FFT_TILE ? width - first : BLS_FFT_TILE;
        for (long places = 1; places < n; places *= 2) {
            long half = n / (2 * places);
            for (long i = 0; i < n / 2; i++) {
                long k = i / half;
                bls_fr *upper = a + (i + k * half) * stride + first;
                bls_fr *lower = upper + half * stride;
                if (node == 0 && k == 0) {
                    trivial_butterflies(upper, lower, tile);
                } else {
                    butterflies(upper, lower, &roots[node * places + k], tile);
                }
            }
        }
    }
}

void bls_fr_ifft_columns(
    bls_fr *a, int log, long node, const bls_fr *roots, long stride, long width) {
    long n = 1L << log;
    if (log > 0 && width >= 8 && bls_lanes_active()) {
        long lanes = width & ~7L;
        bls_lane_fr_transform_columns(a, log, node, roots, stride, lanes, 1);
        a += lanes;
        width -= lanes;
    }
    for (long first = 0; first < width; first += BLS_FFT_TILE) {
        long tile = width - first < BLS_FFT_TILE ? width - first : BLS_FFT_TILE;
        for (long places = n / 2; places > 0; places /= 2) {
            long half = n / (2 * places);
            for (long i = 0; i < n / 2; i++) {
                long k = i / half;
                bls_fr *upper = a + (i + k * half) * stride + first;
                bls_fr *lower = upper + half * stride;
                if (node == 0 && k == 0) {
                    trivial_butterflies(upper, lower, tile);
                } else {
                    inverse_butterflies(upper, lower, &roots[mirrored(node * places + k)], tile);
                }
            }
        }
    }
}

BLS_INLINE void scale_by_powers_loop(
    bls_fr *a, const bls_fr *factor, const bls_fr *ratio, long count, int adx) {
    bls_fr t = *factor, f = *ratio;
    for (long i = 0; i < count; i++) {
        BLS_FR_MUL(adx, &a[i], &a[i], &t);
        BLS_FR_MUL(adx, &t, &t, &f);
    }
}

void bls_fr_scale_by_powers(bls_fr *a, const bls_fr *factor, const bls_fr *ratio, long count) {
    BLS_FR_CHOOSE(scale_by_powers_loop, a, factor, ratio, count);
}
