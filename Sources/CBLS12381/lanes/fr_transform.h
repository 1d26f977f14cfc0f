// Fourier transforms over the scalar field in lanes: the transforms of bls_fft.h, value for value.
//
// Upper levels work on rows of eight neighbours, one factor for all lanes; up to five levels at a
// time, on 32 vectors that stay in the first-level cache. The last three levels, within the eight
// neighbours, take eight groups of eight at a time: lane = group, so that nothing moves across
// lanes but at loads and stores. The array itself holds what lies between passes: canonical words
// of the lanes' form, a 2^260, reduced below 2 r.
#pragma once

#include "lanes_memory.h"

// The levels of a pass, and its vectors.
#define LANES_FFT_LEVELS 5
#define LANES_FFT_ROWS (1 << LANES_FFT_LEVELS)

// What a pass does at its ends: from and to the portable form, a 2^256.
enum { lanes_fft_enter = 1, lanes_fft_leave = 2 };

LANES_HOT fr8 fr8_enter_words(const lanes_v w[4], int ends) {
    return ends & lanes_fft_enter ? fr8_weak(fr8_from_words_times_16(w)) : fr8_from_words(w);
}
LANES_HOT void fr8_leave_words(lanes_v w[4], fr8 a, int ends) {
    a = fr8_normal(a);
    if (ends & lanes_fft_leave) {
        a = fr8_reduce_once(fr8_weak(fr8_sixteenth(a)));
    } else {
        a = fr8_weak(a);
    }
    fr8_to_words(w, &a);
}

// (a, b) = (a + c b, a - c b), limb by limb: a is below 17 r and need not be normal. Grows by 3 r.
LANES_HOT void fr8_butterfly(fr8 *a, fr8 *b, fr8 c) {
    fr8 t = fr8_mul(fr8_normal(*b), c);
    FR8_ASSERT_BELOW(&t, 3);
    fr8 sum = fr8_raw_add(*a, t);
    *b = fr8_raw_raise(fr8_raw_sub(*a, t), 3);
    *a = sum;
}

// (a, b) = (a + b, (b - a) c). Level by level from below 2 r: the operands are below bounds[level],
// the sums below twice that; those of the third level are reduced, so that five levels fit.
static const uint64_t lanes_fft_bounds[LANES_FFT_LEVELS] = {2, 4, 8, 4, 8};
LANES_HOT void fr8_inverse_butterfly(fr8 *a, fr8 *b, fr8 c, int level) {
    fr8 difference = fr8_normal(fr8_raw_raise(fr8_raw_sub(*b, *a), lanes_fft_bounds[level]));
    *a = fr8_normal(fr8_raw_add(*a, *b));
    FR8_ASSERT_BELOW(a, 2 * lanes_fft_bounds[level]);
    if (level == 2) *a = fr8_weak(*a);
    *b = fr8_mul(difference, c);
    FR8_ASSERT_BELOW(b, 3);
}

// The place whose root is minus the inverse of that of place k > 0: the same level read backwards.
static inline long fr8_mirrored(long k) {
    long level = 1L << (63 - __builtin_clzl((unsigned long)k));
    return 3 * level - 1 - k;
}
// The factor of place k, forwards or backwards; that of place 0 backwards is -1.
static inline bls_fr fr8_root(const bls_fr *roots, long k, int inverse) {
    if (!inverse) return roots[k];
    if (k > 0) return roots[fr8_mirrored(k)];
    bls_fr r;
    static const bls_fr one = BLS_FR_ONE, zero = {{0}};
    bls_fr_sub(&r, &zero, &one);
    return r;
}

// The factors of a pass: those of level j from 2^j - 1 on, limbs of eight of them in rows.
typedef struct {
    uint64_t limbs[LANES_FFT_ROWS / 8][5][8];
} fr8_factors;

static LANES_NOINLINE void fr8_make_factors(
    fr8_factors *f, const bls_fr *roots, long node, int levels, int inverse) {
    bls_fr list[LANES_FFT_ROWS];
    for (int i = 0; i < LANES_FFT_ROWS; i++) list[i] = (bls_fr){{0}};
    for (int j = 0; j < levels; j++) {
        for (long k = 0; k < 1L << j; k++) {
            list[(1L << j) - 1 + k] = fr8_root(roots, (node << j) + k, inverse);
        }
    }
    for (int v = 0; v < LANES_FFT_ROWS / 8; v++) {
        lanes_v w[4];
        fr8_load_words(w, list + 8 * v);
        fr8 a = fr8_enter_words(w, lanes_fft_enter);
        for (int k = 0; k < 5; k++) lanes_store(f->limbs[v][k], a.l[k]);
    }
}
LANES_HOT fr8 fr8_factor(const fr8_factors *f, long i) {
    fr8 r;
    LANES_UNROLL for (int k = 0; k < 5; k++) r.l[k] = lanes_all(f->limbs[i / 8][k][i & 7]);
    return r;
}

// levels levels on 2^levels vectors: eight neighbours in each of the rows a, a + stride, ...
static LANES_NOINLINE void fr8_block(
    bls_fr *a, long stride, const fr8_factors *f, int levels, int ends) {
    fr8 v[LANES_FFT_ROWS];
    const long n = 1L << levels;
    for (long i = 0; i < n; i++) {
        lanes_v w[4];
        fr8_load_words(w, a + i * stride);
        v[i] = fr8_enter_words(w, ends);
    }
    for (int j = 0; j < levels; j++) {
        long half = n >> (j + 1);
        for (long k = 0; k < 1L << j; k++) {
            fr8 c = fr8_factor(f, (1L << j) - 1 + k);
            fr8 *upper = v + 2 * half * k;
            for (long i = 0; i < half; i++) fr8_butterfly(&upper[i], &upper[i + half], c);
        }
    }
    for (long i = 0; i < n; i++) {
        lanes_v w[4];
        fr8_leave_words(w, v[i], ends);
        fr8_store_words(a + i * stride, w);
    }
}

static LANES_NOINLINE void fr8_inverse_block(
    bls_fr *a, long stride, const fr8_factors *f, int levels, int ends) {
    fr8 v[LANES_FFT_ROWS];
    const long n = 1L << levels;
    for (long i = 0; i < n; i++) {
        lanes_v w[4];
        fr8_load_words(w, a + i * stride);
        v[i] = fr8_enter_words(w, ends);
    }
    for (int j = levels - 1; j >= 0; j--) {
        long half = n >> (j + 1);
        for (long k = 0; k < 1L << j; k++) {
            fr8 c = fr8_factor(f, (1L << j) - 1 + k);
            fr8 *upper = v + 2 * half * k;
            for (long i = 0; i < half; i++) {
                fr8_inverse_butterfly(&upper[i], &upper[i + half], c, levels - 1 - j);
            }
        }
    }
    for (long i = 0; i < n; i++) {
        lanes_v w[4];
        fr8_leave_words(w, v[i], ends);
        fr8_store_words(a + i * stride, w);
    }
}

// The upper levels: 2^log rows, width neighbours in each, a multiple of eight.
static void fr8_rows(
    bls_fr *a, int log, long node, const bls_fr *roots, long stride, long width, int inverse,
    int ends) {
    int levels = log <= LANES_FFT_LEVELS ? log : log - LANES_FFT_LEVELS < LANES_FFT_LEVELS
        ? (log + 1) / 2 : LANES_FFT_LEVELS;
    int rest = log - levels;
    long step = 1L << rest;
    // The end that this pass has, and those of the levels below.
    int outer = inverse ? lanes_fft_leave : lanes_fft_enter;
    int own = rest == 0 ? ends : ends & outer, others = ends & ~outer;
    if (inverse && rest > 0) {
        for (long k = 0; k < 1L << levels; k++) {
            fr8_rows(
                a + k * step * stride, rest, (node << levels) + k, roots, stride, width, 1, others);
        }
    }
    fr8_factors factors;
    fr8_make_factors(&factors, roots, node, levels, inverse);
    for (long row = 0; row < step; row++) {
        for (long column = 0; column < width; column += 8) {
            bls_fr *block = a + row * stride + column;
            if (inverse) {
                fr8_inverse_block(block, step * stride, &factors, levels, own);
            } else {
                fr8_block(block, step * stride, &factors, levels, own);
            }
        }
    }
    if (!inverse && rest > 0) {
        for (long k = 0; k < 1L << levels; k++) {
            fr8_rows(
                a + k * step * stride, rest, (node << levels) + k, roots, stride, width, 0, others);
        }
    }
}

// Two neighbours in each lane: words 0 to 3 of the first, then of the second.
LANES_HOT void fr8_load_pairs(lanes_v w[8], const bls_fr *first, long distance) {
    LANES_UNROLL for (int i = 0; i < 8; i++) w[i] = lanes_load(first[i * distance].l);
    lanes_transpose(w);
}

// The last three levels of eight groups of eight neighbours each; the first is place node of its
// level.
static LANES_NOINLINE void fr8_groups(
    bls_fr *a, long node, const bls_fr *roots, int inverse, int ends) {
    fr8 v[8], c[7];
    lanes_v w[8];
    LANES_UNROLL for (int i = 0; i < 4; i++) {
        fr8_load_pairs(w, a + 2 * i, 8);
        v[2 * i] = fr8_enter_words(w, ends);
        v[2 * i + 1] = fr8_enter_words(w + 4, ends);
    }
    // Lane g needs the factors of the places node + g, then of the 2 and of the 4 below it.
    bls_fr list[8 + 16 + 32];
    const bls_fr *one = roots + node, *two = roots + 2 * node, *four = roots + 4 * node;
    if (inverse) {
        for (long i = 0; i < 8; i++) list[i] = fr8_root(roots, node + i, 1);
        for (long i = 0; i < 16; i++) list[8 + i] = fr8_root(roots, 2 * node + i, 1);
        for (long i = 0; i < 32; i++) list[24 + i] = fr8_root(roots, 4 * node + i, 1);
        one = list;
        two = list + 8;
        four = list + 24;
    }
    fr8_load_words(w, one);
    c[0] = fr8_enter_words(w, lanes_fft_enter);
    fr8_load_pairs(w, two, 2);
    c[1] = fr8_enter_words(w, lanes_fft_enter);
    c[2] = fr8_enter_words(w + 4, lanes_fft_enter);
    LANES_UNROLL for (int i = 0; i < 2; i++) {
        fr8_load_pairs(w, four + 2 * i, 4);
        c[3 + 2 * i] = fr8_enter_words(w, lanes_fft_enter);
        c[4 + 2 * i] = fr8_enter_words(w + 4, lanes_fft_enter);
    }
    for (int j = 0; j < 3; j++) {
        int level = inverse ? 2 - j : j;
        int half = 4 >> level;
        for (int i = 0; i < 4; i++) {
            int k = i / half, at = k * half + i;
            if (inverse) {
                fr8_inverse_butterfly(&v[at], &v[at + half], c[(1 << level) - 1 + k], j);
            } else {
                fr8_butterfly(&v[at], &v[at + half], c[(1 << level) - 1 + k]);
            }
        }
    }
    LANES_UNROLL for (int i = 0; i < 4; i++) {
        fr8_leave_words(w, v[2 * i], ends);
        fr8_leave_words(w + 4, v[2 * i + 1], ends);
        lanes_transpose(w);
        LANES_UNROLL for (int g = 0; g < 8; g++) lanes_store(a[8 * g + 2 * i].l, w[g]);
    }
}

static void lanes_fr_transform(
    bls_fr *a, int log, long node, const bls_fr *roots, int inverse) {
    int upper = log - 3;
    if (!inverse) fr8_rows(a, upper, node, roots, 8, 8, 0, lanes_fft_enter);
    for (long i = 0; i < 1L << upper; i += 8) {
        fr8_groups(
            a + 8 * i, (node << upper) + i, roots, inverse,
            inverse ? lanes_fft_enter : lanes_fft_leave);
    }
    if (inverse) fr8_rows(a, upper, node, roots, 8, 8, 1, lanes_fft_leave);
}

static void lanes_fr_transform_columns(
    bls_fr *a, int log, long node, const bls_fr *roots, long stride, long width, int inverse) {
    fr8_rows(a, log, node, roots, stride, width, inverse, lanes_fft_enter | lanes_fft_leave);
}

// MARK: Arrays of elements

// Eight elements, or the first count of them and zeros.
LANES_HOT void fr8_load_some(lanes_v w[4], const bls_fr *a, long count) {
    if (count >= 8) {
        fr8_load_words(w, a);
        return;
    }
    bls_fr copy[8];
    for (long i = 0; i < 8; i++) copy[i] = i < count ? a[i] : (bls_fr){{0}};
    fr8_load_words(w, copy);
}
LANES_HOT void fr8_store_some(bls_fr *a, const lanes_v w[4], long count) {
    if (count >= 8) {
        fr8_store_words(a, w);
        return;
    }
    bls_fr copy[8];
    fr8_store_words(copy, w);
    for (long i = 0; i < count; i++) a[i] = copy[i];
}

// The plain integers of the elements, four words each.
static void lanes_fr_to_words(uint64_t *out, const bls_fr *a, long count) {
    static const uint64_t sixteen[5] = FR8_PLAIN_LEAVE;
    for (long i = 0; i < count; i += 8) {
        lanes_v w[4];
        fr8_load_some(w, a + i, count - i);
        // a 2^256 times 16 / 2^260.
        fr8 plain = fr8_reduce_once(fr8_weak(fr8_mul(fr8_from_words(w), fr8_all(sixteen))));
        fr8_to_words(w, &plain);
        fr8_store_some((bls_fr *)(out + 4 * i), w, count - i);
    }
}

// r[i] = a[i] * b[i].
static void lanes_fr_mul_each(bls_fr *r, const bls_fr *a, const bls_fr *b, long count) {
    for (long i = 0; i < count; i += 8) {
        lanes_v w[4];
        fr8_load_some(w, a + i, count - i);
        fr8 x = fr8_from_words(w);
        fr8_load_some(w, b + i, count - i);
        // a 2^256 times b 2^260 / 2^260; the factor of 16 makes it below 16 r.
        fr8 y = fr8_from_words_times_16(w);
        fr8 product = fr8_reduce_once(fr8_weak(fr8_mul(x, y)));
        fr8_to_words(w, &product);
        fr8_store_some(r + i, w, count - i);
    }
}
