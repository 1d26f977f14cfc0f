// Eight elements of the base field: limb k of all eight in one vector, limbs of 52 bits,
// Montgomery form with R = 2^416. specs/kernels.md has the bounds; "below k p" is about values.
//
// "Normal" means that every limb has at most 52 bits: what a multiplication takes and gives.
// Sums and differences of limbs are not normal, and limbs may be negative: fp8_normal carries.
#pragma once

#include "lanes_constants.h"
#include "lanes_vector.h"

#if LANES_AVX512
#define LANES_HOT static inline __attribute__((always_inline))
#else
#define LANES_HOT static inline
#endif

typedef struct {
    lanes_v l[8];
} fp8;

static const uint64_t fp8_p[8] = FP8_P;
static const uint64_t fp8_q[8] = FP8_Q;

#if LANES_AVX512
#define FP8_ASSERT_BELOW(a, k) ((void)0)
#define FP8_ASSERT_NORMAL(a) ((void)0)
#else
// Whether each lane's value is below k p; the limbs are normal.
static inline int fp8_is_below(const fp8 *a, uint64_t k) {
    for (int i = 0; i < 8; i++) {
        bls_u128 carry = 0;
        int below = 0;
        for (int j = 0; j < 8; j++) {
            carry += (bls_u128)fp8_p[j] * k;
            uint64_t limb = (uint64_t)carry & LANES_MASK52;
            if (j == 7) limb = (uint64_t)carry;
            carry >>= 52;
            if (a->l[j].v[i] > LANES_MASK52) return 0;
            if (a->l[j].v[i] != limb) below = a->l[j].v[i] < limb;
        }
        if (!below) return 0;
    }
    return 1;
}
#define FP8_ASSERT_BELOW(a, k) LANES_ASSERT(fp8_is_below((a), (k)))
#define FP8_ASSERT_NORMAL(a) FP8_ASSERT_BELOW((a), 1ULL << 34)
#endif

// The largest multiple of p that a factor may reach.
#define FP8_FACTOR_LIMIT (1ULL << 17)

LANES_HOT fp8 fp8_all(const uint64_t limbs[8]) {
    fp8 r;
    LANES_UNROLL for (int k = 0; k < 8; k++) r.l[k] = lanes_all(limbs[k]);
    return r;
}

#define FP8_CONSTANT(name, limbs)                                                        \
    LANES_HOT fp8 name(void) {                                                           \
        static const uint64_t constant[8] = limbs;                                       \
        return fp8_all(constant);                                                        \
    }
FP8_CONSTANT(fp8_one, FP8_ONE)
FP8_CONSTANT(fp8_four, FP8_FOUR)
FP8_CONSTANT(fp8_beta, FP8_BETA)
FP8_CONSTANT(fp8_beta2, FP8_BETA2)
FP8_CONSTANT(fp8_half, FP8_HALF)
FP8_CONSTANT(fp8_enter, FP8_ENTER)
FP8_CONSTANT(fp8_leave, FP8_LEAVE)
FP8_CONSTANT(fp8_plain_enter, FP8_PLAIN_ENTER)

LANES_HOT fp8 fp8_zero(void) {
    fp8 r;
    LANES_UNROLL for (int k = 0; k < 8; k++) r.l[k] = lanes_zero();
    return r;
}

LANES_HOT fp8 fp8_load(const uint64_t *p) {
    fp8 r;
    LANES_UNROLL for (int k = 0; k < 8; k++) r.l[k] = lanes_load(p + 8 * k);
    return r;
}

LANES_HOT void fp8_store(uint64_t *p, const fp8 *a) {
    LANES_UNROLL for (int k = 0; k < 8; k++) lanes_store(p + 8 * k, a->l[k]);
}

// Carries, from signed limbs. The value is at least 0 and below 2^34 p.
LANES_HOT fp8 fp8_normal(fp8 a) {
    const lanes_v mask = lanes_all(LANES_MASK52);
    LANES_UNROLL for (int k = 0; k < 7; k++) {
        a.l[k + 1] = lanes_add(a.l[k + 1], lanes_sra(a.l[k], 52));
        a.l[k] = lanes_and(a.l[k], mask);
    }
    FP8_ASSERT_NORMAL(&a);
    return a;
}

// Limb by limb, without a carry.
LANES_HOT fp8 fp8_raw_add(fp8 a, fp8 b) {
    LANES_UNROLL for (int k = 0; k < 8; k++) a.l[k] = lanes_add(a.l[k], b.l[k]);
    return a;
}
LANES_HOT fp8 fp8_raw_sub(fp8 a, fp8 b) {
    LANES_UNROLL for (int k = 0; k < 8; k++) a.l[k] = lanes_sub(a.l[k], b.l[k]);
    return a;
}
// a + times p, limb by limb; times at most 1024.
LANES_HOT fp8 fp8_raw_raise(fp8 a, uint64_t times) {
    LANES_UNROLL for (int k = 0; k < 8; k++) {
        a.l[k] = lanes_add(a.l[k], lanes_all(fp8_p[k] * times));
    }
    return a;
}

// a + b, normal.
LANES_HOT fp8 fp8_add(fp8 a, fp8 b) { return fp8_normal(fp8_raw_add(a, b)); }
// a - b + times p, normal; b below times p.
LANES_HOT fp8 fp8_sub(fp8 a, fp8 b, uint64_t times) {
    FP8_ASSERT_BELOW(&b, times);
    return fp8_normal(fp8_raw_raise(fp8_raw_sub(a, b), times));
}

// The columns of a product while they are reduced: the low and the high halves of the products of
// limbs in chains of their own, so that no chain of additions is longer than the work.
typedef struct {
    lanes_v low[16], high[16];
} fp8_columns;

// Adds a times limb i of b.
LANES_HOT void fp8_multiply_row(fp8_columns *t, const fp8 *a, lanes_v b, int i) {
    LANES_UNROLL for (int k = 0; k < 8; k++) {
        t->low[i + k] = lanes_madd52lo(t->low[i + k], a->l[k], b);
        t->high[i + k + 1] = lanes_madd52hi(t->high[i + k + 1], a->l[k], b);
    }
}

// Makes column i, which is complete, a multiple of 2^52, and carries it on. In all but the last
// round the multiple of p is that of k p = Q 2^52 - 1, so that the factor is the column itself.
LANES_HOT void fp8_reduce_column(fp8_columns *t, int i) {
    lanes_v c = lanes_add(t->low[i], t->high[i]);
    if (i < 7) {
        LANES_UNROLL for (int k = 0; k < 8; k++) {
            lanes_v q = lanes_all(fp8_q[k]);
            t->low[i + 1 + k] = lanes_low_madd52lo(t->low[i + 1 + k], c, q);
            if (i + 2 + k < 16) {
                t->high[i + 2 + k] = lanes_low_madd52hi(t->high[i + 2 + k], c, q);
            }
        }
        t->high[i + 1] = lanes_add(t->high[i + 1], lanes_srl(c, 52));
    } else {
        lanes_v m = lanes_low_madd52lo(lanes_zero(), c, lanes_all(FP8_N0));
        // m p_0 cancels the low half of c: together they are 2^52, or both are 0.
        lanes_v carry = lanes_srl(lanes_add(c, lanes_all(LANES_MASK52)), 52);
        t->high[8] = lanes_madd52hi(t->high[8], m, lanes_all(fp8_p[0]));
        t->low[8] = lanes_add(t->low[8], carry);
        LANES_UNROLL for (int k = 1; k < 8; k++) {
            lanes_v q = lanes_all(fp8_p[k]);
            t->low[7 + k] = lanes_madd52lo(t->low[7 + k], m, q);
            t->high[8 + k] = lanes_madd52hi(t->high[8 + k], m, q);
        }
    }
}

LANES_HOT fp8 fp8_columns_end(const fp8_columns *t) {
    const lanes_v mask = lanes_all(LANES_MASK52);
    fp8 r;
    lanes_v carry = lanes_add(t->low[8], t->high[8]);
    LANES_UNROLL for (int k = 0; k < 7; k++) {
        r.l[k] = lanes_and(carry, mask);
        carry = lanes_add(
            lanes_add(t->low[9 + k], t->high[9 + k]), lanes_srl(carry, 52));
    }
    r.l[7] = carry;
    return r;
}

LANES_HOT void fp8_columns_clear(fp8_columns *t) {
    LANES_UNROLL for (int k = 0; k < 16; k++) t->low[k] = t->high[k] = lanes_zero();
}

// a b / R, normal. Below 2 p + a b / R: below 3 p for factors below 2^17 p, and below 2 p and a
// tiny part of p for factors below 2^12 p.
LANES_HOT fp8 fp8_mul_inline(const fp8 *a, const fp8 *b) {
    FP8_ASSERT_BELOW(a, FP8_FACTOR_LIMIT);
    FP8_ASSERT_BELOW(b, FP8_FACTOR_LIMIT);
    fp8_columns t;
    fp8_columns_clear(&t);
    LANES_UNROLL for (int i = 0; i < 8; i++) {
        fp8_multiply_row(&t, a, b->l[i], i);
        fp8_reduce_column(&t, i);
    }
    fp8 r = fp8_columns_end(&t);
    FP8_ASSERT_BELOW(&r, 3);
    return r;
}

// (a b + c d) / R, with one reduction: below 3 p for factors below 2^16 p.
LANES_HOT fp8 fp8_mul2_inline(const fp8 *a, const fp8 *b, const fp8 *c, const fp8 *d) {
    FP8_ASSERT_BELOW(a, FP8_FACTOR_LIMIT / 2);
    FP8_ASSERT_BELOW(b, FP8_FACTOR_LIMIT / 2);
    FP8_ASSERT_BELOW(c, FP8_FACTOR_LIMIT / 2);
    FP8_ASSERT_BELOW(d, FP8_FACTOR_LIMIT / 2);
    fp8_columns t;
    fp8_columns_clear(&t);
    LANES_UNROLL for (int i = 0; i < 8; i++) {
        fp8_multiply_row(&t, a, b->l[i], i);
        fp8_multiply_row(&t, c, d->l[i], i);
        fp8_reduce_column(&t, i);
    }
    fp8 r = fp8_columns_end(&t);
    FP8_ASSERT_BELOW(&r, 3);
    return r;
}

// a a / R, with the products of different limbs made once and doubled.
LANES_HOT fp8 fp8_sqr_inline(const fp8 *a) {
    FP8_ASSERT_BELOW(a, FP8_FACTOR_LIMIT);
    fp8_columns t;
    fp8_columns_clear(&t);
    LANES_UNROLL for (int i = 0; i < 8; i++) {
        // Doubled limbs have 53 bits, so what is doubled is the column.
        LANES_UNROLL for (int k = i + 1; k < 8; k++) {
            t.low[i + k] = lanes_madd52lo(t.low[i + k], a->l[k], a->l[i]);
            t.high[i + k + 1] = lanes_madd52hi(t.high[i + k + 1], a->l[k], a->l[i]);
        }
    }
    LANES_UNROLL for (int k = 1; k < 15; k++) {
        lanes_v c = lanes_add(t.low[k], t.high[k]);
        t.low[k] = lanes_add(c, c);
        t.high[k] = lanes_zero();
    }
    LANES_UNROLL for (int i = 0; i < 8; i++) {
        t.low[2 * i] = lanes_madd52lo(t.low[2 * i], a->l[i], a->l[i]);
        t.high[2 * i + 1] = lanes_madd52hi(t.high[2 * i + 1], a->l[i], a->l[i]);
    }
    LANES_UNROLL for (int i = 0; i < 8; i++) fp8_reduce_column(&t, i);
    fp8 r = fp8_columns_end(&t);
    FP8_ASSERT_BELOW(&r, 3);
    return r;
}

// The same out of line, for formulas whose code would otherwise outgrow the instruction cache, on
// count vectors: independent multiplications overlap.
static LANES_NOINLINE void fp8_mul_each(fp8 *r, const fp8 *a, const fp8 *b, long count) {
    for (long i = 0; i < count; i++) {
        fp8 x = a[i], y = b[i];
        r[i] = fp8_mul_inline(&x, &y);
    }
}
static LANES_NOINLINE void fp8_sqr_each(fp8 *r, const fp8 *a, long count) {
    for (long i = 0; i < count; i++) {
        fp8 x = a[i];
        r[i] = fp8_sqr_inline(&x);
    }
}
static LANES_NOINLINE void fp8_mul2_each(
    fp8 *r, const fp8 *a, const fp8 *b, const fp8 *c, const fp8 *d, long count) {
    for (long i = 0; i < count; i++) {
        fp8 x = a[i], y = b[i], z = c[i], w = d[i];
        r[i] = fp8_mul2_inline(&x, &y, &z, &w);
    }
}
static inline fp8 fp8_mul(fp8 a, fp8 b) {
    fp8 r;
    fp8_mul_each(&r, &a, &b, 1);
    return r;
}
static inline fp8 fp8_sqr(fp8 a) {
    fp8 r;
    fp8_sqr_each(&r, &a, 1);
    return r;
}

// a minus its multiple of p that the top limb shows. From below 64 p to below p + p / 512; from
// below 2^17 p to below 4 p. Takes limbs that are not normal, if the value is not negative.
LANES_HOT fp8 fp8_weak(fp8 a) {
    a = fp8_normal(a);
    FP8_ASSERT_BELOW(&a, FP8_FACTOR_LIMIT);
    lanes_v q = lanes_madd52hi(lanes_zero(), a.l[7], lanes_all(FP8_RECIPROCAL));
    fp8 low = fp8_zero(), high = fp8_zero();
    LANES_UNROLL for (int k = 0; k < 8; k++) {
        low.l[k] = lanes_madd52lo(low.l[k], q, lanes_all(fp8_p[k]));
        if (k < 7) high.l[k + 1] = lanes_madd52hi(high.l[k + 1], q, lanes_all(fp8_p[k]));
    }
    fp8 r = fp8_normal(fp8_raw_sub(fp8_raw_sub(a, low), high));
    FP8_ASSERT_BELOW(&r, 4);
    return r;
}

// The same from below 8 p, with the multiples of p from a table: to below p + p / 4096.
LANES_HOT fp8 fp8_weak8(fp8 a) {
    static const uint64_t table[8][8] = FP8_MULTIPLES;
    a = fp8_normal(a);
    FP8_ASSERT_BELOW(&a, 8);
    lanes_v q = lanes_madd52hi(lanes_zero(), a.l[7], lanes_all(FP8_RECIPROCAL));
    fp8 r;
    LANES_UNROLL for (int k = 0; k < 8; k++) {
        r.l[k] = lanes_sub(a.l[k], lanes_permute(q, lanes_load(table[k])));
    }
    r = fp8_normal(r);
    FP8_ASSERT_BELOW(&r, 2);
    return r;
}

// a - p where that is not negative, from below 2 p: the one value below p.
LANES_HOT fp8 fp8_reduce_once(fp8 a) {
    fp8 s = a;
    const lanes_v mask = lanes_all(LANES_MASK52);
    LANES_UNROLL for (int k = 0; k < 8; k++) {
        s.l[k] = lanes_sub(s.l[k], lanes_all(fp8_p[k]));
        if (k > 0) s.l[k] = lanes_add(s.l[k], lanes_sra(s.l[k - 1], 52));
    }
    lanes_mask negative = lanes_negative(s.l[7]);
    LANES_UNROLL for (int k = 0; k < 8; k++) {
        lanes_v limb = k < 7 ? lanes_and(s.l[k], mask) : s.l[7];
        s.l[k] = lanes_blend(negative, limb, a.l[k]);
    }
    FP8_ASSERT_BELOW(&s, 1);
    return s;
}

// The one value below p, from any below 64 p.
LANES_HOT fp8 fp8_canonical(fp8 a) {
    a = fp8_weak(a);
    FP8_ASSERT_BELOW(&a, 2);
    return fp8_reduce_once(a);
}

// The lanes whose value is 0 mod p, from any below 64 p.
LANES_HOT lanes_mask fp8_is_zero(fp8 a) {
    a = fp8_canonical(a);
    lanes_v any = a.l[0];
    LANES_UNROLL for (int k = 1; k < 8; k++) any = lanes_or(any, a.l[k]);
    return lanes_equal(any, lanes_zero());
}

LANES_HOT fp8 fp8_blend(lanes_mask m, fp8 a, fp8 b) {
    LANES_UNROLL for (int k = 0; k < 8; k++) a.l[k] = lanes_blend(m, a.l[k], b.l[k]);
    return a;
}

// -a where the mask has a one, a elsewhere, limb by limb.
LANES_HOT fp8 fp8_raw_negate_where(lanes_mask m, fp8 a) {
    const lanes_v zero = lanes_zero();
    LANES_UNROLL for (int k = 0; k < 8; k++) {
        a.l[k] = lanes_blend(m, a.l[k], lanes_sub(zero, a.l[k]));
    }
    return a;
}
