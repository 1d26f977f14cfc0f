// Multiples of points in lanes, and the steps of transforms whose values are points.
#pragma once

#include "points.h"

// Loads rows into vector i, y negated where the reference says so. Coordinates below 4 p.
static void aff8_load(aff8 *p, long i, const uint64_t references[8]) {
    p->x[i] = lanes_load_x(references);
    p->y[i] = fp8_normal(fp8_raw_raise(lanes_load_y(references, 1), 2));
}

// r = |u| a, with |u| = 0xd201000000010000: bits 63, 62, 60, 57, 48 and 16. r is not a.
static const uint8_t lanes_u_doublings[6] = {1, 2, 3, 9, 32, 16};

static void jac8_mul_u_affine(jac8 *r, const aff8 *a, const lanes_mask *infinite, long n) {
    jac8_from_affine(r, a, infinite, n);
    for (int i = 0; i < 6; i++) {
        for (int k = 0; k < lanes_u_doublings[i]; k++) jac8_dbl(r, r, n);
        if (i < 5) jac8_add_affine(r, r, a, infinite, n);
    }
}
static void jac8_mul_u(jac8 *r, const jac8 *a, long n) {
    *r = *a;
    for (int i = 0; i < 6; i++) {
        for (int k = 0; k < lanes_u_doublings[i]; k++) jac8_dbl(r, r, n);
        if (i < 5) jac8_add(r, r, a, n);
    }
}

// The rows of up to 8 * LANES_WIDE results, weakly reduced.
static void jac8_to_rows(uint64_t *const rows[8 * LANES_WIDE], const jac8 *p, long n) {
    aff8 a;
    jac8_to_affine(&a, p, n);
    LANES_VECTORS {
        uint64_t *ys[8];
        for (int k = 0; k < 8; k++) ys[k] = rows[8 * i + k] + 8;
        fp8_store_rows(rows + 8 * i, fp8_weak8(a.x[i]));
        fp8_store_rows(ys, fp8_weak8(a.y[i]));
    }
}

// Indexed points to and from consecutive rows.
static void lanes_gather_rows(
    uint64_t *rows, const bls_g1_affine *a, const uint32_t *index, long count) {
    static const bls_g1_affine nothing;
    uint64_t spare[LANES_ROW];
    for (long first = 0; first < count; first += 8) {
        const bls_g1_affine *from[8];
        uint64_t *xs[8], *ys[8];
        for (long i = 0; i < 8; i++) {
            int inside = first + i < count;
            from[i] = inside ? &a[index[first + i]] : &nothing;
            xs[i] = inside ? rows + LANES_ROW * (first + i) : spare;
            ys[i] = xs[i] + 8;
        }
        fp8 x, y;
        (void)aff8_gather(&x, &y, from);
        fp8_store_rows(xs, fp8_canonical(x));
        fp8_store_rows(ys, fp8_canonical(y));
    }
}
static void lanes_scatter_rows(
    bls_g1_affine *a, const uint32_t *index, const uint64_t *rows, long count) {
    bls_g1_affine spare;
    for (long first = 0; first < count; first += 8) {
        bls_g1_affine *to[8];
        const uint64_t *xs[8], *ys[8];
        for (long i = 0; i < 8; i++) {
            long k = first + i < count ? first + i : first;
            to[i] = first + i < count ? &a[index[k]] : &spare;
            xs[i] = rows + LANES_ROW * k;
            ys[i] = xs[i] + 8;
        }
        aff8_scatter(to, fp8_load_rows(xs), fp8_load_rows(ys));
    }
}

// (a[upper], a[lower]) = (sum, difference).
static void lanes_butterflies(
    bls_g1_affine *a, const uint32_t *upper, const uint32_t *lower, long count,
    bls_lane_scratch *s) {
    const long most = LANES_POOL / 4;
    lanes_begin(s);
    for (long first = 0; first < count; first += most) {
        long some = count - first < most ? count - first : most;
        uint64_t(*u)[LANES_ROW] = s->pool, (*v)[LANES_ROW] = s->pool + most;
        uint64_t(*sum)[LANES_ROW] = s->pool + 2 * most, (*rest)[LANES_ROW] = s->pool + 3 * most;
        lanes_gather_rows(u[0], a, upper + first, some);
        lanes_gather_rows(v[0], a, lower + first, some);
        for (long i = 0; i < some; i++) {
            if (lanes_row_is_infinite(v[i])) {
                lanes_copy_row(sum[i], u[i]);
                lanes_copy_row(rest[i], u[i]);
            } else if (lanes_row_is_infinite(u[i])) {
                lanes_copy_row(sum[i], v[i]);
                lanes_copy_reference(rest[i], lanes_reference(v[i], 1));
            } else {
                lanes_submit(
                    s, lanes_reference(u[i], 0), lanes_reference(v[i], 0), sum[i], 1);
                lanes_submit(
                    s, lanes_reference(u[i], 0), lanes_reference(v[i], 1), rest[i], 1);
            }
        }
        lanes_flush(s, 1);
        lanes_scatter_rows(a, upper + first, sum[0], some);
        lanes_scatter_rows(a, lower + first, rest[0], some);
    }
}

// The digits of half a scalar: all odd, four bits apart, so that every lane adds at every place.
#define LANES_MUL_DIGITS 32

// The half that the sparse digits stand for, as odd digits of it or, if it is even, of the next
// higher magnitude: then 1, and the point is to be taken off (or put back) at the end.
static int lanes_odd_digits(int8_t out[LANES_MUL_DIGITS], const int8_t *sparse, int count) {
    __int128 value = 0;
    for (int i = count - 1; i >= 0; i--) value = 2 * value + sparse[i];
    int negative = value < 0;
    bls_u128 m = negative ? -(bls_u128)value : (bls_u128)value;
    int even = !(m & 1);
    m += (unsigned)even;
    for (int i = 0; i < LANES_MUL_DIGITS; i++) {
        int digit = (int)(m & 31) - 16;
        // The last digit is what is left: odd, and small.
        if (i == LANES_MUL_DIGITS - 1) digit = (int)m;
        m = (m >> 5 << 1) + 1;
        out[i] = (int8_t)(negative ? -digit : digit);
    }
    return even ? (negative ? -1 : 1) : 0;
}

// Rows to a point of a table: odd multiples 1 to 15, and those of its image.
#define LANES_MUL_ROWS 16
// Points to a table, which fills the pool, and those that are walked at once.
#define LANES_MUL_POINTS (LANES_POOL / LANES_MUL_ROWS)
#define LANES_MUL_WALK (8 * LANES_WIDE)

// Fills in the table of each point from its first row. Infinite ones get some point's table, so that
// they don't get in the way of the others.
static void lanes_fill_tables(bls_lane_scratch *s, uint8_t *infinite, long count) {
    // (2, 3) lies on another curve, but the formulas don't know; its small multiples are finite.
    static const uint64_t some_point[LANES_ROW] = {2, 0, 0, 0, 0, 0, 0, 0, 3};
    for (long i = 0; i < count; i++) {
        uint64_t *row = s->pool[LANES_MUL_ROWS * i];
        infinite[i] = (uint8_t)lanes_row_is_infinite(row);
        if (infinite[i]) lanes_copy_row(row, some_point);
    }
    // Twice the point waits in the place of the last image.
    for (int k = 0; k < 8; k++) {
        for (long i = 0; i < count; i++) {
            uint64_t(*t)[LANES_ROW] = &s->pool[LANES_MUL_ROWS * i];
            const uint64_t *a = k == 0 ? t[0] : t[k - 1], *b = k == 0 ? t[0] : t[15];
            lanes_submit(s, lanes_reference(a, 0), lanes_reference(b, 0), k == 0 ? t[15] : t[k], 0);
        }
        lanes_flush(s, 0);
    }
    for (long i = 0; i < count; i++) {
        uint64_t(*t)[LANES_ROW] = &s->pool[LANES_MUL_ROWS * i];
        const uint64_t *from[8];
        uint64_t *to[8];
        for (int k = 0; k < 8; k++) {
            from[k] = t[k];
            to[k] = t[8 + k];
        }
        fp8 x = fp8_load_rows(from);
        fp8_store_rows(to, fp8_weak8(fp8_mul(x, fp8_beta())));
        for (int k = 0; k < 8; k++) {
            for (int w = 8; w < LANES_ROW; w++) t[8 + k][w] = t[k][w];
        }
    }
}

// sum += digit * point, lane by lane; a digit is odd, or 0 for nothing. Tables from first on. Lanes
// without a digit read the first table: behind the last point there is none.
static void lanes_add_digits(
    jac8 *sum, const bls_lane_scratch *s, long first, const int8_t *digits, int half, long n) {
    aff8 q;
    lanes_mask skip[LANES_WIDE];
    LANES_VECTORS {
        uint64_t references[8];
        skip[i] = 0;
        for (int k = 0; k < 8; k++) {
            int digit = digits[8 * i + k];
            int place = 8 * half + ((digit < 0 ? -digit : digit) >> 1);
            long point = digit == 0 ? first : first + 8 * i + k;
            const uint64_t *row = s->pool[LANES_MUL_ROWS * point + place];
            references[k] = lanes_reference(row, digit < 0);
            skip[i] |= (lanes_mask)((digit == 0) << k);
        }
        aff8_load(&q, i, references);
    }
    jac8_add_affine(sum, sum, &q, skip, n);
}

// Walks through the digits of up to LANES_MUL_WALK points with tables from first on.
static void lanes_walk(
    jac8 *sum, const bls_lane_scratch *s, long first, const bls_glv_recoded *const *scalars,
    const uint8_t *infinite, long n) {
    const long points = 8 * n;
    int8_t digits[2][LANES_MUL_DIGITS][LANES_MUL_WALK], last[2][LANES_MUL_WALK];
    int same = 1;
    jac8_set_infinite(sum, n);
    for (long i = 1; i < points; i++) same &= scalars[i] == scalars[0];
    if (same) {
        // One scalar for all: only its nonzero digits, which are rare.
        for (int i = scalars[0]->count - 1; i >= 0; i--) {
            jac8_dbl(sum, sum, n);
            for (int half = 0; half < 2; half++) {
                int8_t digit = scalars[0]->digit[half][i];
                if (digit == 0) continue;
                int8_t row[LANES_MUL_WALK];
                for (long k = 0; k < points; k++) row[k] = infinite[k] ? 0 : digit;
                lanes_add_digits(sum, s, first, row, half, n);
            }
        }
        return;
    }
    for (long i = 0; i < points; i++) {
        for (int half = 0; half < 2; half++) {
            int8_t out[LANES_MUL_DIGITS];
            int even = lanes_odd_digits(out, scalars[i]->digit[half], BLS_GLV_DIGITS);
            last[half][i] = (int8_t)(infinite[i] ? 0 : -even);
            for (int k = 0; k < LANES_MUL_DIGITS; k++) {
                digits[half][k][i] = infinite[i] ? 0 : out[k];
            }
        }
    }
    for (int k = LANES_MUL_DIGITS - 1; k >= 0; k--) {
        if (k < LANES_MUL_DIGITS - 1) {
            for (int d = 0; d < 4; d++) jac8_dbl(sum, sum, n);
        }
        for (int half = 0; half < 2; half++) {
            lanes_add_digits(sum, s, first, digits[half][k], half, n);
        }
    }
    for (int half = 0; half < 2; half++) lanes_add_digits(sum, s, first, last[half], half, n);
}

// a[index[i]] *= scalars[which[i]].
static void lanes_mul(
    bls_g1_affine *a, const uint32_t *index, const bls_glv_recoded *scalars,
    const uint32_t *which, long count, bls_lane_scratch *s) {
    uint8_t infinite[LANES_MUL_POINTS];
    lanes_begin(s);
    for (long start = 0; start < count; start += LANES_MUL_POINTS) {
        long some = count - start < LANES_MUL_POINTS ? count - start : LANES_MUL_POINTS;
        // The points as rows first, then each to the head of its table; from the last one on.
        lanes_gather_rows(s->pool[0], a, index + start, some);
        for (long i = some - 1; i > 0; i--) {
            lanes_copy_row(s->pool[LANES_MUL_ROWS * i], s->pool[i]);
        }
        lanes_fill_tables(s, infinite, some);
        for (long first = 0; first < some; first += LANES_MUL_WALK) {
            long points = some - first < LANES_MUL_WALK ? some - first : LANES_MUL_WALK;
            long n = (points + 7) / 8;
            const bls_glv_recoded *lanes[LANES_MUL_WALK];
            uint8_t empty[LANES_MUL_WALK];
            for (long i = 0; i < 8 * n; i++) {
                // The last vector is filled up with the first point's scalar, and no digits.
                long k = i < points ? start + first + i : start + first;
                lanes[i] = &scalars[which[k]];
                empty[i] = i < points ? infinite[first + i] : 1;
            }
            jac8 sum;
            lanes_walk(&sum, s, first, lanes, empty, n);
            uint64_t results[LANES_MUL_WALK][LANES_ROW] __attribute__((aligned(64)));
            uint64_t *rows[LANES_MUL_WALK];
            for (long i = 0; i < 8 * n; i++) rows[i] = results[i];
            jac8_to_rows(rows, &sum, n);
            lanes_scatter_rows(a, index + start + first, results[0], points);
        }
    }
}

// Loads some points as vectors: from rows, those from some on infinite.
static void aff8_load_some(aff8 *p, lanes_mask *infinite, const uint64_t *rows, long some, long n) {
    static const uint64_t nothing[LANES_ROW] __attribute__((aligned(64)));
    LANES_VECTORS {
        uint64_t references[8];
        infinite[i] = 0;
        for (long k = 0; k < 8; k++) {
            const uint64_t *row = 8 * i + k < some ? rows + LANES_ROW * (8 * i + k) : nothing;
            references[k] = lanes_reference(row, 0);
            infinite[i] |= (lanes_mask)(lanes_row_is_infinite(row) << k);
        }
        aff8_load(p, i, references);
    }
}

// a[index[i]] *= the primitive fourth root of unity, or its inverse: half a multiplication, as in
// bls_g1_mul_fourth_root.
static void lanes_mul_fourth_root(
    bls_g1_affine *a, const uint32_t *index, int inverse, long count, bls_lane_scratch *s) {
    const long walk = LANES_MUL_WALK;
    for (long first = 0; first < count; first += walk) {
        long some = count - first < walk ? count - first : walk, n = (some + 7) / 8;
        lanes_gather_rows(s->pool[0], a, index + first, some);
        aff8 p;
        lanes_mask infinite[LANES_WIDE];
        aff8_load_some(&p, infinite, s->pool[0], some, n);
        LANES_VECTORS {
            p.x[i] = fp8_mul(p.x[i], fp8_beta2());
            if (!inverse) p.y[i] = fp8_sub(fp8_zero(), p.y[i], 4);
        }
        jac8 sum;
        jac8_mul_u_affine(&sum, &p, infinite, n);
        uint64_t *rows[LANES_MUL_WALK];
        for (long i = 0; i < 8 * n; i++) rows[i] = s->pool[i];
        jac8_to_rows(rows, &sum, n);
        lanes_scatter_rows(a, index + first, s->pool[0], some);
    }
}

// out[i] = 2^times * rows[i]; out may be rows.
static void lanes_double_rows(uint64_t *out, const uint64_t *rows, int times, long count) {
    uint64_t spare[LANES_ROW];
    for (long first = 0; first < count; first += LANES_MUL_WALK) {
        long some = count - first < LANES_MUL_WALK ? count - first : LANES_MUL_WALK;
        long n = (some + 7) / 8;
        aff8 p;
        jac8 sum;
        lanes_mask infinite[LANES_WIDE];
        aff8_load_some(&p, infinite, rows + LANES_ROW * first, some, n);
        jac8_from_affine(&sum, &p, infinite, n);
        for (int k = 0; k < times; k++) jac8_dbl(&sum, &sum, n);
        uint64_t *to[LANES_MUL_WALK];
        for (long i = 0; i < 8 * n; i++) {
            to[i] = i < some ? out + LANES_ROW * (first + i) : spare;
        }
        jac8_to_rows(to, &sum, n);
    }
}

// out[2i] = rows[i], out[2i + 1] its image under the endomorphism. out is not rows.
static void lanes_endomorphism(uint64_t *out, const uint64_t *rows, long count) {
    uint64_t spare[LANES_ROW];
    for (long first = 0; first < count; first += 8) {
        const uint64_t *from[8];
        uint64_t *to[8];
        for (long i = 0; i < 8; i++) {
            long k = first + i;
            from[i] = rows + LANES_ROW * (k < count ? k : first);
            to[i] = k < count ? out + LANES_ROW * (2 * k + 1) : spare;
            if (k >= count) continue;
            lanes_copy_row(out + LANES_ROW * 2 * k, from[i]);
            lanes_copy_row(to[i], from[i]);
        }
        fp8_store_rows(to, fp8_weak8(fp8_mul(fp8_load_rows(from), fp8_beta())));
    }
}
