// The steps of Fourier transforms over G1.
#include "bls_g1_fft.h"

#include "sum_scratch.h"

static inline void set_addition(
    bls_g1_addition *add, bls_g1_affine *r, const bls_g1_affine *a, const bls_g1_affine *b) {
    add->a = a;
    add->b = b;
    add->r = r;
    add->negative_a = add->negative_b = 0;
}

void bls_g1_butterflies(
    bls_g1_affine *a, const uint32_t *upper, const uint32_t *lower, long count,
    bls_sum_scratch *s) {
    if (count >= 4 && bls_lanes_active()) {
        bls_lane_butterflies(a, upper, lower, count, bls_sum_scratch_lanes(s));
        return;
    }
    // The differences go to the pool, as both results are also both additions' operands.
    for (long first = 0; first < count; first += BLS_SUM_SLOTS / 2) {
        long some = count - first < BLS_SUM_SLOTS / 2 ? count - first : BLS_SUM_SLOTS / 2;
        for (long i = 0; i < some; i++) {
            bls_g1_affine *x = &a[upper[first + i]], *y = &a[lower[first + i]];
            set_addition(&s->additions[2 * i], &s->pool[2 * i], x, y);
            set_addition(&s->additions[2 * i + 1], &s->pool[2 * i + 1], x, y);
            s->additions[2 * i + 1].negative_b = 1;
        }
        bls_g1_add_batch(s->additions, s->steps, 2 * some);
        for (long i = 0; i < some; i++) {
            a[upper[first + i]] = s->pool[2 * i];
            a[lower[first + i]] = s->pool[2 * i + 1];
        }
    }
}

// Points at a time: the tables of 64 take 96 KiB.
#define BLS_MUL_LANES 64

void bls_g1_mul_lanes(
    bls_g1_affine *a, const uint32_t *lanes, const bls_glv_recoded *scalars, const uint32_t *which,
    long count, bls_sum_scratch *s) {
    if (count >= 4 && bls_lanes_active()) {
        bls_lane_mul(a, lanes, scalars, which, count, bls_sum_scratch_lanes(s));
        return;
    }
    for (long first = 0; first < count; first += BLS_MUL_LANES) {
        long some = count - first < BLS_MUL_LANES ? count - first : BLS_MUL_LANES;
        // table[16 i + k] = (2k + 1) a for k < 8, and 2a at place 15 while it is built.
        bls_g1_affine *table = s->pool;
        for (long i = 0; i < some; i++) {
            table[16 * i] = a[lanes[first + i]];
            set_addition(&s->additions[i], &table[16 * i + 15], &table[16 * i], &table[16 * i]);
        }
        bls_g1_add_batch(s->additions, s->steps, some);
        for (int k = 1; k < 8; k++) {
            for (long i = 0; i < some; i++) {
                bls_g1_affine *t = &table[16 * i];
                set_addition(&s->additions[i], &t[k], &t[k - 1], &t[15]);
            }
            bls_g1_add_batch(s->additions, s->steps, some);
        }
        for (long i = 0; i < some; i++) {
            bls_g1_affine *t = &table[16 * i];
            if (bls_g1_affine_is_infinity(t)) {
                s->products[i] = (bls_g1){0};
                continue;
            }
            for (int k = 0; k < 8; k++) bls_g1_endomorphism(&t[8 + k], &t[k]);
            bls_g1_mul_table(&s->products[i], t, &scalars[which[first + i]]);
        }
        bls_g1_normalize(s->pool, s->products, (bls_fp *)s->steps, some);
        for (long i = 0; i < some; i++) a[lanes[first + i]] = s->pool[i];
    }
}

void bls_g1_mul_fourth_root_lanes(
    bls_g1_affine *a, const uint32_t *lanes, int inverse, long count, bls_sum_scratch *s) {
    if (count >= 4 && bls_lanes_active()) {
        bls_lane_mul_fourth_root(a, lanes, inverse, count, bls_sum_scratch_lanes(s));
        return;
    }
    for (long first = 0; first < count; first += BLS_MUL_LANES) {
        long some = count - first < BLS_MUL_LANES ? count - first : BLS_MUL_LANES;
        for (long i = 0; i < some; i++) {
            bls_g1_mul_fourth_root(&s->products[i], &a[lanes[first + i]], inverse);
        }
        bls_g1_normalize(s->pool, s->products, (bls_fp *)s->steps, some);
        for (long i = 0; i < some; i++) a[lanes[first + i]] = s->pool[i];
    }
}
