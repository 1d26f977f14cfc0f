// Jacobian points in lanes: (x / z^2, y / z^3). Up to four vectors at a time, step by step, so that
// the multiplications of a step are independent and overlap.
//
// Coordinates are normal and below 64 p. Infinite points are known by a mask and not by z, so that
// no formula has to look: doubling keeps the mask, as no point has order two.
#pragma once

#include "affine_batch.h"

#define LANES_WIDE 4

typedef struct {
    fp8 x[LANES_WIDE], y[LANES_WIDE], z[LANES_WIDE];
    lanes_mask infinite[LANES_WIDE];
} jac8;

typedef struct {
    fp8 x[LANES_WIDE], y[LANES_WIDE];
} aff8;

#define LANES_VECTORS for (long i = 0; i < n; i++)
#define JAC8_ASSERT(p)                                                                   \
    do {                                                                                 \
        LANES_VECTORS {                                                                  \
            FP8_ASSERT_BELOW(&(p)->x[i], 64);                                            \
            FP8_ASSERT_BELOW(&(p)->y[i], 64);                                            \
            FP8_ASSERT_BELOW(&(p)->z[i], 64);                                            \
        }                                                                                \
    } while (0)

static void jac8_set_infinite(jac8 *p, long n) {
    LANES_VECTORS {
        p->x[i] = p->y[i] = p->z[i] = fp8_zero();
        p->infinite[i] = 0xff;
    }
}

static void jac8_from_affine(jac8 *r, const aff8 *a, const lanes_mask *infinite, long n) {
    LANES_VECTORS {
        r->x[i] = a->x[i];
        r->y[i] = a->y[i];
        r->z[i] = fp8_one();
        r->infinite[i] = infinite ? infinite[i] : 0;
    }
}

static void jac8_blend(jac8 *r, const jac8 *b, const lanes_mask *m, long n) {
    LANES_VECTORS {
        if (!m[i]) continue;
        r->x[i] = fp8_blend(m[i], r->x[i], b->x[i]);
        r->y[i] = fp8_blend(m[i], r->y[i], b->y[i]);
        r->z[i] = fp8_blend(m[i], r->z[i], b->z[i]);
        r->infinite[i] = (lanes_mask)((r->infinite[i] & ~m[i]) | (b->infinite[i] & m[i]));
    }
}

// r = 2 p: two multiplications and five squarings. r may be p.
static LANES_NOINLINE void jac8_dbl(jac8 *r, const jac8 *p, long n) {
    JAC8_ASSERT(p);
    fp8 a[LANES_WIDE], b[LANES_WIDE], c[LANES_WIDE], d[LANES_WIDE], e[LANES_WIDE];
    fp8_sqr_each(a, p->x, n);
    fp8_sqr_each(b, p->y, n);
    fp8_mul_each(r->z, p->y, p->z, n);
    LANES_VECTORS d[i] = fp8_add(p->x[i], b[i]);
    fp8_sqr_each(c, b, n);
    fp8_sqr_each(d, d, n);
    LANES_VECTORS {
        r->z[i] = fp8_add(r->z[i], r->z[i]);
        // d = 2 ((x + b)^2 - a - c), below 18 p; e = 3 a, below 9 p.
        fp8 t = fp8_raw_raise(fp8_raw_sub(fp8_raw_sub(d[i], a[i]), c[i]), 6);
        d[i] = fp8_normal(fp8_raw_add(t, t));
        e[i] = fp8_normal(fp8_raw_add(fp8_raw_add(a[i], a[i]), a[i]));
    }
    fp8_sqr_each(a, e, n);
    LANES_VECTORS {
        // x = e^2 - 2 d, below 39 p.
        fp8 t = fp8_raw_sub(a[i], fp8_raw_add(d[i], d[i]));
        r->x[i] = fp8_normal(fp8_raw_raise(t, 36));
        d[i] = fp8_sub(d[i], r->x[i], 39);
    }
    fp8_mul_each(e, e, d, n);
    LANES_VECTORS {
        // y = e (d - x) - 8 c, below 27 p.
        fp8 t = fp8_raw_add(c[i], c[i]);
        t = fp8_raw_add(t, t);
        t = fp8_raw_sub(fp8_raw_sub(e[i], t), t);
        r->y[i] = fp8_normal(fp8_raw_raise(t, 24));
        r->infinite[i] = p->infinite[i];
    }
}

// The lanes in which both operands are finite and have the same x: doubled if they are equal.
static LANES_NOINLINE void jac8_settle_equal(
    jac8 *r, const jac8 *p, const lanes_mask *same, const fp8 *difference, long n) {
    jac8 twice;
    jac8_dbl(&twice, p, n);
    LANES_VECTORS {
        lanes_mask equal = same[i] & fp8_is_zero(difference[i]);
        lanes_mask opposite = (lanes_mask)(same[i] & ~equal);
        r->x[i] = fp8_blend(equal, r->x[i], twice.x[i]);
        r->y[i] = fp8_blend(equal, r->y[i], twice.y[i]);
        r->z[i] = fp8_blend(equal, r->z[i], twice.z[i]);
        r->infinite[i] = (lanes_mask)((r->infinite[i] & ~equal) | opposite);
    }
}

// r = p + q, with q affine, except in the lanes of skip: there r = p. Coordinates of q below 8 p.
// Seven multiplications and four squarings, of which two multiplications share a reduction.
// Complete. r may be p.
static LANES_NOINLINE void jac8_add_affine(
    jac8 *r, const jac8 *p, const aff8 *q, const lanes_mask *skip, long n) {
    JAC8_ASSERT(p);
    fp8 zz[LANES_WIDE], h[LANES_WIDE], s[LANES_WIDE], hh[LANES_WIDE], v[LANES_WIDE];
    fp8 t[LANES_WIDE];
    jac8 sum;
    lanes_mask same[LANES_WIDE], any = 0;
    fp8_sqr_each(zz, p->z, n);
    fp8_mul_each(s, q->y, p->z, n);
    fp8_mul_each(h, q->x, zz, n);
    fp8_mul_each(s, s, zz, n);
    LANES_VECTORS {
        // h = x2 z1^2 - x1 and s = 2 (y2 z1^3 - y1), below 67 p and 134 p.
        h[i] = fp8_sub(h[i], p->x[i], 64);
        s[i] = fp8_raw_raise(fp8_raw_sub(s[i], p->y[i]), 64);
        same[i] = fp8_is_zero(h[i]) & ~p->infinite[i] & ~skip[i];
        any |= same[i];
        s[i] = fp8_normal(fp8_raw_add(s[i], s[i]));
        t[i] = fp8_add(p->z[i], h[i]);
    }
    fp8_sqr_each(hh, h, n);
    fp8_sqr_each(t, t, n);
    LANES_VECTORS {
        // z = (z1 + h)^2 - z1^2 - h^2, below 9 p.
        sum.z[i] = fp8_normal(fp8_raw_raise(fp8_raw_sub(fp8_raw_sub(t[i], zz[i]), hh[i]), 6));
        hh[i] = fp8_raw_add(hh[i], hh[i]);
        hh[i] = fp8_normal(fp8_raw_add(hh[i], hh[i]));
    }
    // hh is now 4 h^2, j = 4 h^3 goes to h, v = x1 * 4 h^2.
    fp8_mul_each(h, h, hh, n);
    fp8_mul_each(v, p->x, hh, n);
    fp8_sqr_each(t, s, n);
    LANES_VECTORS {
        // x = s^2 - j - 2 v, below 12 p.
        fp8 x = fp8_raw_sub(fp8_raw_sub(t[i], h[i]), fp8_raw_add(v[i], v[i]));
        sum.x[i] = fp8_normal(fp8_raw_raise(x, 9));
        v[i] = fp8_sub(v[i], sum.x[i], 12);
        // -2 y1, below 128 p.
        t[i] = fp8_normal(fp8_raw_raise(
            fp8_raw_sub(fp8_zero(), fp8_raw_add(p->y[i], p->y[i])), 128));
    }
    fp8_mul2_each(sum.y, s, v, t, h, n);
    LANES_VECTORS sum.infinite[i] = 0;
    if (any) {
        LANES_VECTORS s[i] = fp8_weak(s[i]);
        jac8_settle_equal(&sum, p, same, s, n);
    }
    LANES_VECTORS {
        lanes_mask first = (lanes_mask)(p->infinite[i] & ~skip[i]);
        if (first) {
            sum.x[i] = fp8_blend(first, sum.x[i], q->x[i]);
            sum.y[i] = fp8_blend(first, sum.y[i], q->y[i]);
            sum.z[i] = fp8_blend(first, sum.z[i], fp8_one());
        }
        if (skip[i]) {
            sum.x[i] = fp8_blend(skip[i], sum.x[i], p->x[i]);
            sum.y[i] = fp8_blend(skip[i], sum.y[i], p->y[i]);
            sum.z[i] = fp8_blend(skip[i], sum.z[i], p->z[i]);
            sum.infinite[i] = (lanes_mask)(
                (sum.infinite[i] & ~skip[i]) | (p->infinite[i] & skip[i]));
        }
        r->x[i] = sum.x[i];
        r->y[i] = sum.y[i];
        r->z[i] = sum.z[i];
        r->infinite[i] = sum.infinite[i];
    }
}

// r = p + q. Eleven multiplications, two with one reduction, and five squarings. Complete. r may be
// p or q.
static LANES_NOINLINE void jac8_add(jac8 *r, const jac8 *p, const jac8 *q, long n) {
    JAC8_ASSERT(p);
    JAC8_ASSERT(q);
    fp8 zz1[LANES_WIDE], zz2[LANES_WIDE], u1[LANES_WIDE], h[LANES_WIDE], s1[LANES_WIDE];
    fp8 s[LANES_WIDE], t[LANES_WIDE], i4[LANES_WIDE];
    jac8 sum;
    lanes_mask same[LANES_WIDE], any = 0;
    fp8_sqr_each(zz1, p->z, n);
    fp8_sqr_each(zz2, q->z, n);
    fp8_mul_each(s1, p->y, q->z, n);
    fp8_mul_each(s, q->y, p->z, n);
    fp8_mul_each(u1, p->x, zz2, n);
    fp8_mul_each(h, q->x, zz1, n);
    fp8_mul_each(s1, s1, zz2, n);
    fp8_mul_each(s, s, zz1, n);
    LANES_VECTORS {
        h[i] = fp8_sub(h[i], u1[i], 3);
        s[i] = fp8_raw_raise(fp8_raw_sub(s[i], s1[i]), 3);
        s[i] = fp8_normal(fp8_raw_add(s[i], s[i]));
        same[i] = fp8_is_zero(h[i]) & ~p->infinite[i] & ~q->infinite[i];
        any |= same[i];
        t[i] = fp8_add(p->z[i], q->z[i]);
        i4[i] = fp8_add(h[i], h[i]);
    }
    fp8_sqr_each(t, t, n);
    fp8_sqr_each(i4, i4, n);
    LANES_VECTORS {
        // 2 z1 z2, below 9 p.
        t[i] = fp8_normal(fp8_raw_raise(fp8_raw_sub(fp8_raw_sub(t[i], zz1[i]), zz2[i]), 6));
    }
    fp8_mul_each(sum.z, t, h, n);
    fp8_mul_each(h, h, i4, n);
    fp8_mul_each(u1, u1, i4, n);
    fp8_sqr_each(t, s, n);
    LANES_VECTORS {
        fp8 x = fp8_raw_sub(fp8_raw_sub(t[i], h[i]), fp8_raw_add(u1[i], u1[i]));
        sum.x[i] = fp8_normal(fp8_raw_raise(x, 9));
        u1[i] = fp8_sub(u1[i], sum.x[i], 12);
        t[i] = fp8_normal(fp8_raw_raise(
            fp8_raw_sub(fp8_zero(), fp8_raw_add(s1[i], s1[i])), 6));
        sum.infinite[i] = 0;
    }
    fp8_mul2_each(sum.y, s, u1, t, h, n);
    if (any) jac8_settle_equal(&sum, p, same, s, n);
    lanes_mask first[LANES_WIDE], second[LANES_WIDE];
    LANES_VECTORS {
        first[i] = p->infinite[i];
        second[i] = (lanes_mask)(q->infinite[i] & ~first[i]);
    }
    jac8_blend(&sum, q, first, n);
    jac8_blend(&sum, p, second, n);
    LANES_VECTORS {
        r->x[i] = sum.x[i];
        r->y[i] = sum.y[i];
        r->z[i] = sum.z[i];
        r->infinite[i] = sum.infinite[i];
    }
}

// Affine coordinates, below 3 p, with one inversion for all. Those of infinite points are 0.
static LANES_NOINLINE void jac8_to_affine(aff8 *r, const jac8 *p, long n) {
    fp8 prefix[LANES_WIDE], z[LANES_WIDE], product = fp8_one(), zz;
    LANES_VECTORS {
        z[i] = fp8_blend(p->infinite[i], p->z[i], fp8_one());
        prefix[i] = product;
        product = fp8_mul(product, z[i]);
    }
    fp8 inverse = fp8_invert(product);
    for (long i = n - 1; i >= 0; i--) {
        fp8 t = fp8_mul(inverse, prefix[i]);
        inverse = fp8_mul(inverse, z[i]);
        zz = fp8_sqr(t);
        r->x[i] = fp8_blend(p->infinite[i], fp8_mul(p->x[i], zz), fp8_zero());
        r->y[i] = fp8_blend(
            p->infinite[i], fp8_mul(p->y[i], fp8_mul(zz, t)), fp8_zero());
    }
}
