// Eight elements of the scalar field: limb k of all eight in one vector, five limbs of 52 bits,
// Montgomery form with R = 2^260, which is 35.3 r: the bounds are narrow here. specs/kernels.md has
// them. "Normal" and "raw" mean what they mean in fp8.h.
#pragma once

#include "fp8.h"

typedef struct {
    lanes_v l[5];
} fr8;

static const uint64_t fr8_r[5] = FR8_R;
static const uint64_t fr8_q[5] = FR8_Q;

#if LANES_AVX512
#define FR8_ASSERT_BELOW(a, k) ((void)0)
#else
// Whether each lane's value is below k r; the limbs are normal.
static inline int fr8_is_below(const fr8 *a, uint64_t k) {
    for (int i = 0; i < 8; i++) {
        bls_u128 carry = 0;
        int below = 0;
        for (int j = 0; j < 5; j++) {
            carry += (bls_u128)fr8_r[j] * k;
            uint64_t limb = (uint64_t)carry & LANES_MASK52;
            if (j == 4) limb = (uint64_t)carry;
            carry >>= 52;
            if (a->l[j].v[i] > LANES_MASK52) return 0;
            if (a->l[j].v[i] != limb) below = a->l[j].v[i] < limb;
        }
        if (!below) return 0;
    }
    return 1;
}
#define FR8_ASSERT_BELOW(a, k) LANES_ASSERT(fr8_is_below((a), (k)))
#endif

LANES_HOT fr8 fr8_all(const uint64_t limbs[5]) {
    fr8 r;
    LANES_UNROLL for (int k = 0; k < 5; k++) r.l[k] = lanes_all(limbs[k]);
    return r;
}

// Carries, from signed limbs. The value is at least 0 and below 2^260.
LANES_HOT fr8 fr8_normal(fr8 a) {
    const lanes_v mask = lanes_all(LANES_MASK52);
    LANES_UNROLL for (int k = 0; k < 4; k++) {
        a.l[k + 1] = lanes_add(a.l[k + 1], lanes_sra(a.l[k], 52));
        a.l[k] = lanes_and(a.l[k], mask);
    }
    FR8_ASSERT_BELOW(&a, 36);
    return a;
}

LANES_HOT fr8 fr8_raw_add(fr8 a, fr8 b) {
    LANES_UNROLL for (int k = 0; k < 5; k++) a.l[k] = lanes_add(a.l[k], b.l[k]);
    return a;
}
LANES_HOT fr8 fr8_raw_sub(fr8 a, fr8 b) {
    LANES_UNROLL for (int k = 0; k < 5; k++) a.l[k] = lanes_sub(a.l[k], b.l[k]);
    return a;
}
// a + times r, limb by limb; times at most 32.
LANES_HOT fr8 fr8_raw_raise(fr8 a, uint64_t times) {
    LANES_UNROLL for (int k = 0; k < 5; k++) {
        a.l[k] = lanes_add(a.l[k], lanes_all(fr8_r[k] * times));
    }
    return a;
}

// a + b, normal; the sum at most 35 r.
LANES_HOT fr8 fr8_add(fr8 a, fr8 b) { return fr8_normal(fr8_raw_add(a, b)); }
// a - b + times r, normal; b at most times r, the whole at most 35 r.
LANES_HOT fr8 fr8_sub(fr8 a, fr8 b, uint64_t times) {
    FR8_ASSERT_BELOW(&b, times);
    return fr8_normal(fr8_raw_raise(fr8_raw_sub(a, b), times));
}

// Reduces ten columns, as fp8_reduce_column does sixteen.
LANES_HOT fr8 fr8_columns_reduce(lanes_v low[10], lanes_v high[11]) {
    const lanes_v mask = lanes_all(LANES_MASK52);
    LANES_UNROLL for (int i = 0; i < 4; i++) {
        lanes_v c = lanes_add(low[i], high[i]);
        LANES_UNROLL for (int k = 0; k < 5; k++) {
            lanes_v q = lanes_all(fr8_q[k]);
            low[i + 1 + k] = lanes_low_madd52lo(low[i + 1 + k], c, q);
            high[i + 2 + k] = lanes_low_madd52hi(high[i + 2 + k], c, q);
        }
        high[i + 1] = lanes_add(high[i + 1], lanes_srl(c, 52));
    }
    lanes_v c = lanes_add(low[4], high[4]);
    lanes_v m = lanes_low_madd52lo(lanes_zero(), c, lanes_all(FR8_N0));
    low[5] = lanes_add(low[5], lanes_srl(lanes_add(c, mask), 52));
    high[5] = lanes_madd52hi(high[5], m, lanes_all(fr8_r[0]));
    LANES_UNROLL for (int k = 1; k < 5; k++) {
        lanes_v q = lanes_all(fr8_r[k]);
        low[4 + k] = lanes_madd52lo(low[4 + k], m, q);
        high[5 + k] = lanes_madd52hi(high[5 + k], m, q);
    }
    fr8 r;
    lanes_v carry = lanes_add(low[5], high[5]);
    LANES_UNROLL for (int k = 0; k < 4; k++) {
        r.l[k] = lanes_and(carry, mask);
        carry = lanes_add(lanes_add(low[6 + k], high[6 + k]), lanes_srl(carry, 52));
    }
    r.l[4] = carry;
    return r;
}

// a b / R, normal, below 2 r + a b / R: below 2.1 r for a below 2 r and b below 1.2 r; below 3.2 r
// for a below 35 r and b below 1.2 r.
LANES_HOT fr8 fr8_mul(fr8 a, fr8 b) {
    FR8_ASSERT_BELOW(&a, 36);
    FR8_ASSERT_BELOW(&b, 36);
    lanes_v low[10], high[11];
    LANES_UNROLL for (int k = 0; k < 10; k++) low[k] = high[k] = lanes_zero();
    high[10] = lanes_zero();
    LANES_UNROLL for (int i = 0; i < 5; i++) {
        LANES_UNROLL for (int k = 0; k < 5; k++) {
            low[i + k] = lanes_madd52lo(low[i + k], a.l[k], b.l[i]);
            high[i + k + 1] = lanes_madd52hi(high[i + k + 1], a.l[k], b.l[i]);
        }
    }
    fr8 r = fr8_columns_reduce(low, high);
    FR8_ASSERT_BELOW(&r, 36);
    return r;
}

// a a / R: as fr8_mul.
LANES_HOT fr8 fr8_sqr(fr8 a) {
    FR8_ASSERT_BELOW(&a, 36);
    lanes_v low[10], high[11];
    LANES_UNROLL for (int k = 0; k < 10; k++) low[k] = high[k] = lanes_zero();
    high[10] = lanes_zero();
    LANES_UNROLL for (int i = 0; i < 5; i++) {
        LANES_UNROLL for (int k = i + 1; k < 5; k++) {
            low[i + k] = lanes_madd52lo(low[i + k], a.l[k], a.l[i]);
            high[i + k + 1] = lanes_madd52hi(high[i + k + 1], a.l[k], a.l[i]);
        }
    }
    LANES_UNROLL for (int k = 1; k < 10; k++) {
        low[k] = lanes_add(low[k], low[k]);
        high[k] = lanes_add(high[k], high[k]);
    }
    LANES_UNROLL for (int i = 0; i < 5; i++) {
        low[2 * i] = lanes_madd52lo(low[2 * i], a.l[i], a.l[i]);
        high[2 * i + 1] = lanes_madd52hi(high[2 * i + 1], a.l[i], a.l[i]);
    }
    fr8 r = fr8_columns_reduce(low, high);
    FR8_ASSERT_BELOW(&r, 36);
    return r;
}

// (a b + c d) / R; the two products together at most 35 r R, so that the result is below 37 r:
// callers keep both products small.
LANES_HOT fr8 fr8_mul2(fr8 a, fr8 b, fr8 c, fr8 d) {
    lanes_v low[10], high[11];
    LANES_UNROLL for (int k = 0; k < 10; k++) low[k] = high[k] = lanes_zero();
    high[10] = lanes_zero();
    LANES_UNROLL for (int i = 0; i < 5; i++) {
        LANES_UNROLL for (int k = 0; k < 5; k++) {
            low[i + k] = lanes_madd52lo(low[i + k], a.l[k], b.l[i]);
            high[i + k + 1] = lanes_madd52hi(high[i + k + 1], a.l[k], b.l[i]);
            low[i + k] = lanes_madd52lo(low[i + k], c.l[k], d.l[i]);
            high[i + k + 1] = lanes_madd52hi(high[i + k + 1], c.l[k], d.l[i]);
        }
    }
    fr8 r = fr8_columns_reduce(low, high);
    FR8_ASSERT_BELOW(&r, 36);
    return r;
}

// a minus its multiple of r that the top limb shows, from any below 2^260: to below r + r / 2^40.
LANES_HOT fr8 fr8_weak(fr8 a) {
    lanes_v q = lanes_madd52hi(lanes_zero(), a.l[4], lanes_all(FR8_RECIPROCAL));
    q = lanes_srl(q, 45);
    fr8 r = a;
    LANES_UNROLL for (int k = 0; k < 5; k++) {
        lanes_v limb = lanes_all(fr8_r[k]);
        r.l[k] = lanes_sub(r.l[k], lanes_madd52lo(lanes_zero(), q, limb));
        if (k < 4) r.l[k + 1] = lanes_sub(r.l[k + 1], lanes_madd52hi(lanes_zero(), q, limb));
    }
    r = fr8_normal(r);
    FR8_ASSERT_BELOW(&r, 2);
    return r;
}

// a - r where that is not negative, from below 2 r: the one value below r.
LANES_HOT fr8 fr8_reduce_once(fr8 a) {
    const lanes_v mask = lanes_all(LANES_MASK52);
    fr8 s = a;
    LANES_UNROLL for (int k = 0; k < 5; k++) {
        s.l[k] = lanes_sub(s.l[k], lanes_all(fr8_r[k]));
        if (k > 0) s.l[k] = lanes_add(s.l[k], lanes_sra(s.l[k - 1], 52));
    }
    lanes_mask negative = lanes_negative(s.l[4]);
    LANES_UNROLL for (int k = 0; k < 5; k++) {
        lanes_v limb = k < 4 ? lanes_and(s.l[k], mask) : s.l[4];
        s.l[k] = lanes_blend(negative, limb, a.l[k]);
    }
    FR8_ASSERT_BELOW(&s, 1);
    return s;
}

// a / 16 mod r, from any below 2^260: below 3.3 r. From a 2^260 to a 2^256: r is 1 mod 16, so that
// adding (-a mod 16) r makes a multiple of 16.
LANES_HOT fr8 fr8_sixteenth(fr8 a) {
    const lanes_v fifteen = lanes_all(15);
    lanes_v m = lanes_and(lanes_sub(lanes_zero(), a.l[0]), fifteen);
    LANES_UNROLL for (int k = 0; k < 5; k++) {
        lanes_v limb = lanes_all(fr8_r[k]);
        a.l[k] = lanes_madd52lo(a.l[k], m, limb);
        if (k < 4) a.l[k + 1] = lanes_madd52hi(a.l[k + 1], m, limb);
    }
    const lanes_v mask = lanes_all(LANES_MASK52);
    LANES_UNROLL for (int k = 0; k < 4; k++) {
        a.l[k + 1] = lanes_add(a.l[k + 1], lanes_srl(a.l[k], 52));
        a.l[k] = lanes_and(a.l[k], mask);
    }
    fr8 r;
    LANES_UNROLL for (int k = 0; k < 4; k++) {
        r.l[k] = lanes_or(lanes_srl(a.l[k], 4), lanes_and(lanes_sll(a.l[k + 1], 48), mask));
    }
    r.l[4] = lanes_srl(a.l[4], 4);
    FR8_ASSERT_BELOW(&r, 4);
    return r;
}

// Four words of 64 bits to and from five limbs of 52.
LANES_HOT fr8 fr8_from_words(const lanes_v w[4]) {
    const lanes_v mask = lanes_all(LANES_MASK52);
    fr8 r;
    r.l[0] = lanes_and(w[0], mask);
    r.l[1] = lanes_and(lanes_or(lanes_srl(w[0], 52), lanes_sll(w[1], 12)), mask);
    r.l[2] = lanes_and(lanes_or(lanes_srl(w[1], 40), lanes_sll(w[2], 24)), mask);
    r.l[3] = lanes_and(lanes_or(lanes_srl(w[2], 28), lanes_sll(w[3], 36)), mask);
    r.l[4] = lanes_srl(w[3], 16);
    return r;
}
// The same times 16: from a 2^256 to a 2^260. Below 16 times the words.
LANES_HOT fr8 fr8_from_words_times_16(const lanes_v w[4]) {
    const lanes_v mask = lanes_all(LANES_MASK52);
    fr8 r;
    r.l[0] = lanes_and(lanes_sll(w[0], 4), mask);
    r.l[1] = lanes_and(lanes_or(lanes_srl(w[0], 48), lanes_sll(w[1], 16)), mask);
    r.l[2] = lanes_and(lanes_or(lanes_srl(w[1], 36), lanes_sll(w[2], 28)), mask);
    r.l[3] = lanes_and(lanes_or(lanes_srl(w[2], 24), lanes_sll(w[3], 40)), mask);
    r.l[4] = lanes_srl(w[3], 12);
    return r;
}
// From normal limbs of a value below 2^256.
LANES_HOT void fr8_to_words(lanes_v w[4], const fr8 *a) {
    w[0] = lanes_or(a->l[0], lanes_sll(a->l[1], 52));
    w[1] = lanes_or(lanes_srl(a->l[1], 12), lanes_sll(a->l[2], 40));
    w[2] = lanes_or(lanes_srl(a->l[2], 24), lanes_sll(a->l[3], 28));
    w[3] = lanes_or(lanes_srl(a->l[3], 36), lanes_sll(a->l[4], 16));
}
