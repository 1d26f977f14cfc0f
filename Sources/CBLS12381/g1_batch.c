// Affine additions in batches that share one inversion, and sums made of them.
#include "bls_msm.h"
#include "sum_scratch.h"

static const bls_fp one = BLS_FP_ONE;

long bls_sum_scratch_size(void) {
    return (long)sizeof(bls_sum_scratch) + 63 + bls_lane_scratch_size();
}

bls_lane_scratch *bls_sum_scratch_for_lanes(bls_sum_scratch *scratch) {
    return bls_sum_scratch_lanes(scratch);
}

// What an addition turned out to be.
enum {
    kind_chord = 0,    // different x: the denominator of the slope is x2 - x1
    kind_tangent = 1,  // equal operands: it is 2y
    kind_infinity = 2, // opposite operands
    kind_first = 3,    // the second operand is infinite
    kind_second = 4,   // the first operand is infinite
};

// r = a, or -a where negative.
static inline void load_y(bls_fp *r, const bls_fp *a, int negative) {
    bls_fp n;
    bls_fp_neg(&n, a);
    for (int i = 0; i < 6; i++) r->l[i] = negative ? n.l[i] : a->l[i];
}

// r = a + b where sum, else a - b; below 2p, which a multiplication takes.
static inline void sum_or_difference(bls_fp *r, const bls_fp *a, const bls_fp *b, int sum) {
    // a - b is a + not b + 1 modulo 2^384; without a carry out it is negative, and gets p.
    uint64_t flip = (uint64_t)sum - 1, carry = flip & 1, t[6];
    for (int i = 0; i < 6; i++) t[i] = bls_adc(a->l[i], b->l[i] ^ flip, &carry);
    uint64_t mask = flip & (carry - 1);
    carry = 0;
    r->l[0] = bls_adc(t[0], BLS_FP_P0 & mask, &carry);
    r->l[1] = bls_adc(t[1], BLS_FP_P1 & mask, &carry);
    r->l[2] = bls_adc(t[2], BLS_FP_P2 & mask, &carry);
    r->l[3] = bls_adc(t[3], BLS_FP_P3 & mask, &carry);
    r->l[4] = bls_adc(t[4], BLS_FP_P4 & mask, &carry);
    r->l[5] = t[5] + (BLS_FP_P5 & mask) + carry;
}

// Everything about one addition that is not a plain chord. Rare, and kept out of the loop.
static __attribute__((noinline, cold)) int classify(
    const bls_g1_addition *add, bls_fp *denominator) {
    if (bls_g1_affine_is_infinity(add->b)) return kind_first;
    if (bls_g1_affine_is_infinity(add->a)) return kind_second;
    if (!bls_fp_is_zero(denominator)) return kind_chord;
    bls_fp y1, y2;
    load_y(&y1, &add->a->y, add->negative_a);
    load_y(&y2, &add->b->y, add->negative_b);
    // Neither is 0: no point has order 2.
    if (!bls_fp_equal(&y1, &y2)) return kind_infinity;
    bls_fp_dbl(denominator, &y1);
    return kind_tangent;
}

static __attribute__((noinline, cold)) void finish_special(
    const bls_g1_addition *add, const bls_fp *inverse) {
    bls_fp y1, y2;
    load_y(&y1, &add->a->y, add->negative_a);
    load_y(&y2, &add->b->y, add->negative_b);
    switch (add->kind) {
        case kind_tangent: {
            bls_fp slope, t, x = add->a->x;
            bls_fp_sqr(&slope, &x);
            bls_fp_dbl(&t, &slope);
            bls_fp_add(&slope, &slope, &t);
            bls_fp_mul(&slope, &slope, inverse);
            bls_fp_sqr(&t, &slope);
            bls_fp_sub(&t, &t, &x);
            bls_fp_sub(&add->r->x, &t, &x);
            bls_fp_sub(&t, &x, &add->r->x);
            bls_fp_mul(&t, &t, &slope);
            bls_fp_sub(&add->r->y, &t, &y1);
            return;
        }
        case kind_first:
            add->r->x = add->a->x;
            add->r->y = y1;
            return;
        case kind_second:
            add->r->x = add->b->x;
            add->r->y = y2;
            return;
        default:
            *add->r = (bls_g1_affine){0};
            return;
    }
}

static inline void prefetch_operands(const bls_g1_addition *add) {
    __builtin_prefetch(add->a);
    __builtin_prefetch((const char *)add->a + 64);
    __builtin_prefetch(add->b);
    __builtin_prefetch((const char *)add->b + 64);
}

// The batch: once for operands with signs, once for those without.
BLS_INLINE void add_batch(
    bls_g1_addition *additions, bls_g1_addition_scratch *scratch, long count, int with_signs) {
    bls_fp product = one;
    for (long i = 0; i < count; i++) {
        bls_g1_addition *add = &additions[i];
        // The operands of the first level are scattered over a table.
        if (with_signs && i + 8 < count) prefetch_operands(&additions[i + 8]);
        bls_fp *denominator = &scratch[i].denominator;
        bls_fp_sub(denominator, &add->b->x, &add->a->x);
        int kind = kind_chord;
        if (BLS_UNLIKELY(
                bls_fp_is_zero(denominator) || bls_fp_is_zero(&add->a->x) ||
                bls_fp_is_zero(&add->b->x))) {
            kind = classify(add, denominator);
        }
        add->kind = (uint8_t)kind;
        if (BLS_UNLIKELY(kind >= kind_infinity)) continue;
        scratch[i].prefix = product;
        bls_fp_mul(&product, &product, denominator);
    }
    bls_fp_inv(&product, &product);
    for (long i = count - 1; i >= 0; i--) {
        const bls_g1_addition *add = &additions[i];
        bls_fp inverse, slope, t, u;
        if (with_signs && i > 3) prefetch_operands(&additions[i - 4]);
        if (BLS_UNLIKELY(add->kind >= kind_infinity)) {
            finish_special(add, &product);
            continue;
        }
        bls_fp_mul(&inverse, &product, &scratch[i].prefix);
        bls_fp_mul(&product, &product, &scratch[i].denominator);
        if (BLS_UNLIKELY(add->kind == kind_tangent)) {
            finish_special(add, &inverse);
            continue;
        }
        if (with_signs) {
            // With a's sign taken out, b's is left, and the sum's sign is to be put in at the end.
            // Which is subtracted from which is chosen by index, for want of a way to predict it.
            int opposite = add->negative_a ^ add->negative_b;
            sum_or_difference(&t, &add->b->y, &add->a->y, opposite);
            bls_fp_mul(&slope, &t, &inverse);
            bls_fp_sqr(&t, &slope);
            bls_fp_sub(&t, &t, &add->a->x);
            bls_fp_sub(&t, &t, &add->b->x);
            const bls_fp *x[2] = {&add->a->x, &t};
            bls_fp_sub(&u, x[opposite], x[1 - opposite]);
            bls_fp_mul(&u, &u, &slope);
            const bls_fp *y[2] = {&u, &add->a->y};
            bls_fp_sub(&u, y[add->negative_a], y[1 - add->negative_a]);
        } else {
            bls_fp_sub(&t, &add->b->y, &add->a->y);
            bls_fp_mul(&slope, &t, &inverse);
            bls_fp_sqr(&t, &slope);
            bls_fp_sub(&t, &t, &add->a->x);
            bls_fp_sub(&t, &t, &add->b->x);
            bls_fp_sub(&u, &add->a->x, &t);
            bls_fp_mul(&u, &u, &slope);
            bls_fp_sub(&u, &u, &add->a->y);
        }
        add->r->x = t;
        add->r->y = u;
    }
}

void bls_g1_add_batch(bls_g1_addition *additions, bls_g1_addition_scratch *scratch, long count) {
    if (count > 0) add_batch(additions, scratch, count, 1);
}

static void add_batch_without_signs(
    bls_g1_addition *additions, bls_g1_addition_scratch *scratch, long count) {
    if (count > 0) add_batch(additions, scratch, count, 0);
}

// Sums the runs of one group, whose slots (half the entries, rounded up, run by run) fit the pool.
static void sum_group(
    bls_g1_affine *out, const bls_g1_affine *points, const uint32_t *entries,
    const uint32_t *offsets, long count, bls_sum_scratch *s) {
    // First level: from the table into the pool.
    long slots = 0, additions = 0;
    for (long k = 0; k < count; k++) {
        const uint32_t *e = entries + offsets[k];
        uint32_t length = offsets[k + 1] - offsets[k];
        s->run_slot[k] = (uint32_t)slots;
        s->run_length[k] = (length + 1) / 2;
        for (uint32_t i = 0; i + 1 < length; i += 2) {
            bls_g1_addition *add = &s->additions[additions++];
            add->a = &points[e[i] >> 1];
            add->b = &points[e[i + 1] >> 1];
            add->r = &s->pool[slots++];
            add->negative_a = e[i] & 1;
            add->negative_b = e[i + 1] & 1;
        }
        if (length & 1) {
            bls_g1_affine *slot = &s->pool[slots++];
            const bls_g1_affine *p = &points[e[length - 1] >> 1];
            slot->x = p->x;
            load_y(&slot->y, &p->y, e[length - 1] & 1);
        }
    }
    bls_g1_add_batch(s->additions, s->steps, additions);
    // Then within the pool: slots 0 and 1, 2 and 3, ... of each run; 0 and 2, 4 and 6, and so on.
    for (uint32_t step = 1;; step *= 2) {
        additions = 0;
        for (long k = 0; k < count; k++) {
            bls_g1_affine *run = &s->pool[s->run_slot[k]];
            for (uint32_t i = 0; i + step < s->run_length[k]; i += 2 * step) {
                bls_g1_addition *add = &s->additions[additions++];
                add->a = &run[i];
                add->b = &run[i + step];
                add->r = &run[i];
                add->negative_a = add->negative_b = 0;
            }
        }
        if (additions == 0) break;
        add_batch_without_signs(s->additions, s->steps, additions);
    }
    for (long k = 0; k < count; k++) {
        if (s->run_length[k] == 0) {
            out[k] = (bls_g1_affine){0};
        } else {
            out[k] = s->pool[s->run_slot[k]];
        }
    }
}

// A run too long for the pool: in pieces.
static void sum_long_run(
    bls_g1_affine *out, const bls_g1_affine *points, const uint32_t *entries, uint32_t first,
    uint32_t end, bls_sum_scratch *scratch) {
    bls_g1 sum = {0};
    while (first < end) {
        uint32_t length = end - first < 2 * BLS_SUM_SLOTS ? end - first : 2 * BLS_SUM_SLOTS;
        uint32_t piece[2] = {first, first + length};
        bls_g1_affine partial;
        sum_group(&partial, points, entries, piece, 1, scratch);
        bls_g1_add_affine(&sum, &sum, &partial);
        first += length;
    }
    bls_g1_to_affine(out, &sum);
}

void bls_g1_sum_runs(
    bls_g1_affine *out, const bls_g1_affine *points, const uint32_t *entries,
    const uint32_t *offsets, long count, bls_sum_scratch *scratch) {
    long first = 0;
    while (first < count) {
        long slots = 0, end = first;
        while (end < count && end - first < BLS_SUM_SLOTS) {
            long more = (offsets[end + 1] - offsets[end] + 1) / 2;
            if (slots + more > BLS_SUM_SLOTS) break;
            slots += more;
            end++;
        }
        if (end == first) {
            sum_long_run(
                &out[first], points, entries, offsets[first], offsets[first + 1], scratch);
            end++;
        } else {
            sum_group(&out[first], points, entries, offsets + first, end - first, scratch);
        }
        first = end;
    }
}

void bls_g1_weigh_buckets(
    bls_g1 *out, bls_g1_affine *buckets, long sets, long count, int segments_log,
    bls_sum_scratch *s) {
    // Each set is cut into segments, all of which are walked at once, from their top: each bucket
    // gets the sum of those above it in its segment, and the total of these sums is kept apart.
    long segments = 1L << segments_log;
    long length = count >> segments_log;
    long lanes = sets * segments;
    bls_g1_affine *totals = s->pool;
    for (long lane = 0; lane < lanes; lane++) totals[lane] = buckets[lane * length + length - 1];
    for (long b = length - 2; b >= 0; b--) {
        for (long lane = 0; lane < lanes; lane++) {
            bls_g1_affine *bucket = &buckets[lane * length + b];
            bls_g1_addition *add = &s->additions[2 * lane];
            add[0].a = bucket;
            add[0].b = bucket + 1;
            add[0].r = bucket;
            add[0].negative_a = add[0].negative_b = 0;
            // One step behind: the total takes in the sum that is already there.
            add[1].a = &totals[lane];
            add[1].b = bucket + 1;
            add[1].r = &totals[lane];
            add[1].negative_a = add[1].negative_b = 0;
        }
        if (b == length - 2) {
            // The total has this sum already.
            for (long lane = 0; lane < lanes; lane++) s->additions[lane] = s->additions[2 * lane];
            add_batch_without_signs(s->additions, s->steps, lanes);
        } else {
            add_batch_without_signs(s->additions, s->steps, 2 * lanes);
        }
    }
    if (length > 1) {
        for (long lane = 0; lane < lanes; lane++) {
            bls_g1_addition *add = &s->additions[lane];
            add->a = &totals[lane];
            add->b = &buckets[lane * length];
            add->r = &totals[lane];
            add->negative_a = add->negative_b = 0;
        }
        add_batch_without_signs(s->additions, s->steps, lanes);
    }
    // A set is the sum of its segments' totals, and of length * j times the plain sum of segment j.
    for (long set = 0; set < sets; set++) {
        bls_g1 above = {0}, weighted = {0};
        for (long j = segments - 1; j > 0; j--) {
            bls_g1_add_affine(&above, &above, &buckets[(set * segments + j) * length]);
            bls_g1_add(&weighted, &weighted, &above);
        }
        for (long k = 1; k < length; k *= 2) bls_g1_dbl(&weighted, &weighted);
        for (long j = 0; j < segments; j++) {
            bls_g1_add_affine(&weighted, &weighted, &totals[set * segments + j]);
        }
        out[set] = weighted;
    }
}
