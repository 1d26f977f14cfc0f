// Affine additions, eight at a time, in batches that share one inversion.
//
// Operands are finite. Equal and opposite ones have a denominator of 0, so the product of all
// denominators shows that there are any: such a batch is then done with care.
#pragma once

#include "lane_sums.h"
#include "lanes_memory.h"

#define LANES_SIGN 1ULL

static void lanes_begin(bls_lane_scratch *s) {
    s->additions = 0;
    s->infinities = 0;
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < LANES_ROW; k++) s->filler[i][k] = 0;
    }
    s->filler[1][0] = 1;
}

LANES_HOT const uint64_t *lanes_row(uint64_t reference) {
    return (const uint64_t *)(uintptr_t)(reference & ~LANES_SIGN);
}
static inline uint64_t lanes_reference(const uint64_t *row, uint64_t negative) {
    return (uint64_t)(uintptr_t)row | negative;
}

// A row is infinite exactly if its y is 0: there is no point of order two.
static inline int lanes_row_is_infinite(const uint64_t *row) {
    return (row[8] | row[9] | row[10] | row[11] | row[12] | row[13] | row[14] | row[15]) == 0;
}

LANES_HOT fp8 lanes_load_x(const uint64_t *references) {
    const uint64_t *rows[8];
    LANES_UNROLL for (int i = 0; i < 8; i++) rows[i] = lanes_row(references[i]);
    return fp8_load_rows(rows);
}

// y, or -y where the reference says so, limb by limb.
LANES_HOT fp8 lanes_load_y(const uint64_t *references, int with_signs) {
    const uint64_t *rows[8];
    LANES_UNROLL for (int i = 0; i < 8; i++) rows[i] = lanes_row(references[i]) + 8;
    fp8 y = fp8_load_rows(rows);
    if (with_signs) {
        lanes_v signs = lanes_sll(lanes_load(references), 63);
        y = fp8_raw_negate_where(lanes_negative(signs), y);
    }
    return y;
}

LANES_HOT void lanes_store_half(const uint64_t *results, int half, fp8 a) {
    uint64_t *rows[8];
    LANES_UNROLL for (int i = 0; i < 8; i++) {
        rows[i] = (uint64_t *)(uintptr_t)results[i] + 8 * half;
    }
    fp8_store_rows(rows, a);
}

LANES_HOT fp8 fp8_exchange(fp8 a, uint64_t distance) {
    uint64_t index[8];
    for (uint64_t i = 0; i < 8; i++) index[i] = i ^ distance;
    lanes_v select = lanes_load(index);
    LANES_UNROLL for (int k = 0; k < 8; k++) a.l[k] = lanes_permute(select, a.l[k]);
    return a;
}

// 1/a in each lane, with one inversion of the portable kernels; no lane may be 0.
static LANES_NOINLINE fp8 fp8_invert(fp8 a) {
    fp8 four = fp8_mul(a, fp8_exchange(a, 4));
    fp8 two = fp8_mul(four, fp8_exchange(four, 2));
    fp8 one = fp8_mul(two, fp8_exchange(two, 1));
    bls_fp product = fp8_lane(&one, 0);
    bls_fp_inv(&product, &product);
    const bls_fp *from[8];
    for (int i = 0; i < 8; i++) from[i] = &product;
    fp8 inverse = fp8_gather(from);
    inverse = fp8_mul(inverse, fp8_exchange(two, 1));
    inverse = fp8_mul(inverse, fp8_exchange(four, 2));
    return fp8_mul(inverse, fp8_exchange(a, 4));
}

// The first pass: denominators and their products, in two chains.
static LANES_NOINLINE void lanes_batch_forward(
    bls_lane_scratch *s, long vectors, fp8 product[2], int with_prefetch) {
    fp8 even = fp8_one(), odd = fp8_one();
    for (long i = 0; i < vectors; i++) {
        if (with_prefetch && i + 3 < vectors) {
            // The operands of the first level are scattered over a table.
            LANES_UNROLL for (int k = 0; k < 8; k++) {
                const uint64_t *a = lanes_row(s->a[8 * i + 24 + k]);
                const uint64_t *b = lanes_row(s->b[8 * i + 24 + k]);
                __builtin_prefetch(a);
                __builtin_prefetch(a + 8);
                __builtin_prefetch(b);
                __builtin_prefetch(b + 8);
            }
        }
        fp8 x1 = lanes_load_x(&s->a[8 * i]);
        fp8 d = fp8_sub(lanes_load_x(&s->b[8 * i]), x1, 2);
        fp8_store(s->x1[i], &x1);
        fp8_store(s->denominator[i], &d);
        fp8_store(s->prefix[i], &even);
        fp8 next = fp8_mul_inline(&even, &d);
        even = odd;
        odd = next;
    }
    product[0] = even;
    product[1] = odd;
}

// Gives equal operands the denominator 2y of a tangent, opposite ones 1, and makes the products
// again. A zero of the whole product costs the batch this second pass and a slower last one.
static LANES_NOINLINE void lanes_batch_forward_with_care(
    bls_lane_scratch *s, long vectors, fp8 product[2]) {
    fp8 even = fp8_one(), odd = fp8_one();
    for (long i = 0; i < vectors; i++) {
        fp8 d = fp8_load(s->denominator[i]);
        lanes_mask zero = fp8_is_zero(d);
        s->equal[i] = s->opposite[i] = 0;
        if (zero) {
            fp8 y1 = lanes_load_y(&s->a[8 * i], 1), y2 = lanes_load_y(&s->b[8 * i], 1);
            lanes_mask same = fp8_is_zero(fp8_raw_raise(fp8_raw_sub(y2, y1), 4));
            s->equal[i] = (uint8_t)(zero & same);
            s->opposite[i] = (uint8_t)(zero & ~same);
            fp8 twice = fp8_normal(fp8_raw_raise(fp8_raw_add(y1, y1), 4));
            d = fp8_blend(s->equal[i], d, twice);
            d = fp8_blend(s->opposite[i], d, fp8_one());
            fp8_store(s->denominator[i], &d);
        }
        fp8_store(s->prefix[i], &even);
        fp8 next = fp8_mul(even, d);
        even = odd;
        odd = next;
    }
    product[0] = even;
    product[1] = odd;
}

// The inverses of the two chains' products, in the order in which the last pass needs them.
static void lanes_invert_products(fp8 inverse[2], const fp8 product[2]) {
    fp8 both = fp8_invert(fp8_mul(product[0], product[1]));
    inverse[0] = fp8_mul(both, product[1]);
    inverse[1] = fp8_mul(both, product[0]);
}

// The last pass, backwards. Each step of an addition waits for the one before it, so four vectors
// are under way, each at another step: nothing in the loop's body depends on the same round.
LANES_HOT void lanes_batch_backward_inline(
    bls_lane_scratch *s, long vectors, fp8 even, fp8 odd, int with_signs) {
    // After the first pass, the chain that the last vector belongs to is the odd one.
    fp8 inverse = fp8_zero(), slope_b = inverse, slope_c = inverse, x3 = inverse;
    fp8 y1_b = inverse, y1_c = inverse, y1_d = inverse;
    for (long i = vectors - 1; i > -4; i--) {
        if (i + 3 < vectors) {
            // y3 = slope (x1 - x3) - y1.
            long k = i + 3;
            fp8 x1 = fp8_load(s->x1[k]);
            fp8 t = fp8_sub(x1, x3, 2);
            fp8 y = fp8_mul_inline(&slope_c, &t);
            y = fp8_weak8(fp8_raw_raise(fp8_raw_sub(y, y1_d), 2));
            lanes_store_half(&s->r[8 * k], 1, y);
        }
        if (i + 2 < vectors && i + 2 >= 0) {
            // x3 = slope^2 - x1 - x2, where x2 = x1 + denominator - 2 p.
            long k = i + 2;
            fp8 x1 = fp8_load(s->x1[k]), d = fp8_load(s->denominator[k]);
            slope_c = slope_b;
            y1_d = y1_c;
            x3 = fp8_sqr_inline(&slope_b);
            x3 = fp8_raw_sub(fp8_raw_sub(x3, d), fp8_raw_add(x1, x1));
            x3 = fp8_weak8(fp8_raw_raise(x3, 6));
            lanes_store_half(&s->r[8 * k], 0, x3);
        }
        if (i + 1 < vectors && i + 1 >= 0) {
            // The slope.
            long k = i + 1;
            y1_c = y1_b = lanes_load_y(&s->a[8 * k], with_signs);
            fp8 t = fp8_raw_sub(lanes_load_y(&s->b[8 * k], with_signs), y1_b);
            t = fp8_normal(fp8_raw_raise(t, 4));
            slope_b = fp8_mul_inline(&inverse, &t);
        }
        if (i >= 0) {
            // The inverse of the denominator, and that of the product before it.
            fp8 prefix = fp8_load(s->prefix[i]), d = fp8_load(s->denominator[i]);
            inverse = fp8_mul_inline(&odd, &prefix);
            fp8 next = fp8_mul_inline(&odd, &d);
            odd = even;
            even = next;
        }
    }
}
static LANES_NOINLINE void lanes_batch_backward(
    bls_lane_scratch *s, long vectors, const fp8 inverse[2]) {
    lanes_batch_backward_inline(s, vectors, inverse[0], inverse[1], 0);
}
static LANES_NOINLINE void lanes_batch_backward_with_signs(
    bls_lane_scratch *s, long vectors, const fp8 inverse[2]) {
    lanes_batch_backward_inline(s, vectors, inverse[0], inverse[1], 1);
}

static LANES_NOINLINE void lanes_batch_backward_with_care(
    bls_lane_scratch *s, long vectors, const fp8 inverses[2]) {
    fp8 even = inverses[0], odd = inverses[1];
    for (long i = vectors - 1; i >= 0; i--) {
        fp8 d = fp8_load(s->denominator[i]), x1 = fp8_load(s->x1[i]);
        fp8 inverse = fp8_mul(odd, fp8_load(s->prefix[i]));
        fp8 next = fp8_mul(odd, d);
        odd = even;
        even = next;
        lanes_mask equal = s->equal[i], opposite = s->opposite[i];
        fp8 y1 = lanes_load_y(&s->a[8 * i], 1);
        fp8 t = fp8_raw_sub(lanes_load_y(&s->b[8 * i], 1), y1);
        t = fp8_normal(fp8_raw_raise(t, 4));
        // A tangent's slope is 3 x1^2 / (2 y1), and its denominator is not x2 - x1, which is 0.
        fp8 square = fp8_sqr(x1);
        square = fp8_add(square, fp8_raw_add(square, square));
        t = fp8_blend(equal, t, square);
        d = fp8_blend(equal, d, fp8_raw_raise(fp8_zero(), 2));
        fp8 slope = fp8_mul(inverse, t);
        fp8 x3 = fp8_raw_sub(fp8_raw_sub(fp8_sqr(slope), d), fp8_raw_add(x1, x1));
        x3 = fp8_weak8(fp8_raw_raise(x3, 6));
        fp8 y3 = fp8_mul(slope, fp8_sub(x1, x3, 2));
        y3 = fp8_weak8(fp8_raw_raise(fp8_raw_sub(y3, y1), 2));
        if (opposite) s->infinities = 1;
        lanes_store_half(&s->r[8 * i], 0, fp8_blend(opposite, x3, fp8_zero()));
        lanes_store_half(&s->r[8 * i], 1, fp8_blend(opposite, y3, fp8_zero()));
    }
}

// Does the additions that are waiting. Results are there only after this.
static LANES_NOINLINE void lanes_flush(bls_lane_scratch *s, int with_signs) {
    if (s->additions == 0) return;
    long vectors = (s->additions + 7) / 8;
    for (long i = s->additions; i < 8 * vectors; i++) {
        s->a[i] = lanes_reference(s->filler[0], 0);
        s->b[i] = lanes_reference(s->filler[1], 0);
        s->r[i] = lanes_reference(s->filler[2], 0);
    }
    s->additions = 0;
    fp8 product[2], inverse[2];
    lanes_batch_forward(s, vectors, product, with_signs);
    int care = fp8_is_zero(product[0]) || fp8_is_zero(product[1]);
    if (care) lanes_batch_forward_with_care(s, vectors, product);
    lanes_invert_products(inverse, product);
    if (care) {
        lanes_batch_backward_with_care(s, vectors, inverse);
    } else if (with_signs) {
        lanes_batch_backward_with_signs(s, vectors, inverse);
    } else {
        lanes_batch_backward(s, vectors, inverse);
    }
}

// Puts an addition into the batch, which is done as soon as it is full.
static inline void lanes_submit(
    bls_lane_scratch *s, uint64_t a, uint64_t b, uint64_t *r, int with_signs) {
    long i = s->additions++;
    s->a[i] = a;
    s->b[i] = b;
    s->r[i] = (uint64_t)(uintptr_t)r;
    if (s->additions == LANES_BATCH) lanes_flush(s, with_signs);
}
