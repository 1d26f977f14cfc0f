// Points between the portable form, rows, and lanes.
#pragma once

#include "affine_sums.h"
#include "jacobian.h"

// Eight points from wherever they are; the lanes of infinite ones.
static lanes_mask aff8_gather(fp8 *x, fp8 *y, const bls_g1_affine *const from[8]) {
    const bls_fp *xs[8], *ys[8];
    lanes_mask infinite = 0;
    for (int i = 0; i < 8; i++) {
        xs[i] = &from[i]->x;
        ys[i] = &from[i]->y;
        infinite |= (lanes_mask)(bls_g1_affine_is_infinity(from[i]) << i);
    }
    *x = fp8_gather(xs);
    *y = fp8_gather(ys);
    return infinite;
}

static void aff8_scatter(bls_g1_affine *const to[8], fp8 x, fp8 y) {
    bls_fp *xs[8], *ys[8];
    for (int i = 0; i < 8; i++) {
        xs[i] = &to[i]->x;
        ys[i] = &to[i]->y;
    }
    fp8_scatter(xs, x);
    fp8_scatter(ys, y);
}

static void lanes_rows_from_points(uint64_t *rows, const bls_g1_affine *points, long count) {
    bls_g1_affine last[8];
    for (long first = 0; first < count; first += 8) {
        long some = count - first < 8 ? count - first : 8;
        const bls_g1_affine *from[8];
        uint64_t spare[LANES_ROW];
        uint64_t *xs[8], *ys[8];
        for (long i = 0; i < 8; i++) {
            if (i >= some) last[i] = (bls_g1_affine){0};
            from[i] = i < some ? &points[first + i] : &last[i];
            xs[i] = i < some ? rows + LANES_ROW * (first + i) : spare;
            ys[i] = xs[i] + 8;
        }
        fp8 x, y;
        (void)aff8_gather(&x, &y, from);
        // An infinite point's 0 stays 0 all the way.
        fp8_store_rows(xs, fp8_canonical(x));
        fp8_store_rows(ys, fp8_canonical(y));
    }
}

static void lanes_rows_to_points(bls_g1_affine *points, const uint64_t *rows, long count) {
    bls_g1_affine spare;
    for (long first = 0; first < count; first += 8) {
        bls_g1_affine *to[8];
        const uint64_t *xs[8], *ys[8];
        for (long i = 0; i < 8; i++) {
            long k = first + i < count ? first + i : first;
            to[i] = first + i < count ? &points[k] : &spare;
            xs[i] = rows + LANES_ROW * k;
            ys[i] = xs[i] + 8;
        }
        aff8_scatter(to, fp8_load_rows(xs), fp8_load_rows(ys));
    }
}

// From lanes to portable Jacobian points. Lanes from count on are left out.
static void jac8_scatter(bls_g1 *to, const jac8 *p, long vector, long count) {
    bls_g1 spare;
    bls_fp *xs[8], *ys[8], *zs[8];
    for (long i = 0; i < 8; i++) {
        bls_g1 *t = i < count ? &to[i] : &spare;
        xs[i] = &t->x;
        ys[i] = &t->y;
        zs[i] = &t->z;
    }
    fp8_scatter(xs, p->x[vector]);
    fp8_scatter(ys, p->y[vector]);
    fp8_scatter(zs, fp8_blend(p->infinite[vector], p->z[vector], fp8_zero()));
}

// The sum of 2^k times row k of a set, and of the set's last row once: Horner's rule, a lane to a
// set.
static void lanes_combine_bits(bls_g1 *out, const uint64_t *bits, long sets, int log) {
    const long per_set = LANES_ROW * (log + 1);
    static const uint64_t nothing[LANES_ROW] = {0};
    for (long first = 0; first < sets; first += 8 * LANES_WIDE) {
        long some = sets - first < 8 * LANES_WIDE ? sets - first : 8 * LANES_WIDE;
        long n = (some + 7) / 8;
        jac8 sum;
        aff8 point;
        lanes_mask skip[LANES_WIDE];
        jac8_set_infinite(&sum, n);
        for (int step = log - 1; step >= -1; step--) {
            if (step >= 0 && step < log - 1) jac8_dbl(&sum, &sum, n);
            int row = step >= 0 ? step : log;
            LANES_VECTORS {
                const uint64_t *xs[8], *ys[8];
                skip[i] = 0;
                for (int k = 0; k < 8; k++) {
                    long set = first + 8 * i + k;
                    xs[k] = set < sets ? bits + per_set * set + LANES_ROW * row : nothing;
                    ys[k] = xs[k] + 8;
                    skip[i] |= (lanes_mask)(lanes_row_is_infinite(xs[k]) << k);
                }
                point.x[i] = fp8_load_rows(xs);
                point.y[i] = fp8_load_rows(ys);
            }
            jac8_add_affine(&sum, &sum, &point, skip, n);
        }
        LANES_VECTORS {
            long left = some - 8 * i;
            jac8_scatter(out + first + 8 * i, &sum, i, left < 8 ? left : 8);
        }
    }
}
