// The group law of G1 in Jacobian coordinates, and changes of coordinates.
#include "bls_g1.h"

static const bls_fp one = BLS_FP_ONE;

void bls_g1_dbl(bls_g1 *r, const bls_g1 *a) {
    // 3 multiplications, 4 squarings, for the point with half the usual denominator z = y1 z1:
    // the slope times z is l = 3/2 x^2, x3 = l^2 - 2 x y^2 and y3 = l (x y^2 - x3) - y^4.
    // Correct for infinity; no point has order 2.
    bls_fp l, s, t, u;
    bls_fp_sqr(&l, &a->x);
    bls_fp_half(&t, &l);
    bls_fp_add(&l, &l, &t);
    bls_fp_sqr(&s, &a->y);
    bls_fp_mul(&t, &a->x, &s);
    bls_fp_mul(&r->z, &a->y, &a->z);
    bls_fp_sqr(&u, &l);
    bls_fp_sub(&u, &u, &t);
    bls_fp_sub(&r->x, &u, &t);
    bls_fp_sub(&t, &t, &r->x);
    bls_fp_mul(&t, &t, &l);
    bls_fp_sqr(&s, &s);
    bls_fp_sub(&r->y, &t, &s);
}

// The end of both additions, from the differences h = x2 - x1 and s = y2 - y1 of operands brought to
// one denominator: (u, v) is the first operand, z the denominator of both.
static inline void finish_addition(
    bls_g1 *r, const bls_fp *h, const bls_fp *s, const bls_fp *u, const bls_fp *v,
    const bls_fp *z) {
    bls_fp hh, hhh, w, t;
    bls_fp_sqr(&hh, h);
    bls_fp_mul(&hhh, h, &hh);
    bls_fp_mul(&w, u, &hh);
    bls_fp_mul(&r->z, z, h);
    bls_fp_mul(&hh, v, &hhh);
    bls_fp_sqr(&t, s);
    bls_fp_sub(&t, &t, &hhh);
    bls_fp_sub(&t, &t, &w);
    bls_fp_sub(&r->x, &t, &w);
    bls_fp_sub(&w, &w, &r->x);
    bls_fp_mul(&t, s, &w);
    bls_fp_sub(&r->y, &t, &hh);
}

void bls_g1_add_affine(bls_g1 *r, const bls_g1 *a, const bls_g1_affine *b) {
    if (bls_g1_affine_is_infinity(b)) {
        *r = *a;
        return;
    }
    if (bls_g1_is_infinity(a)) {
        bls_g1_from_affine(r, b);
        return;
    }
    bls_fp zz, h, s;
    bls_fp_sqr(&zz, &a->z);
    bls_fp_mul(&h, &b->x, &zz);
    bls_fp_mul(&zz, &zz, &a->z);
    bls_fp_mul(&s, &b->y, &zz);
    bls_fp_sub(&h, &h, &a->x);
    bls_fp_sub(&s, &s, &a->y);
    if (BLS_UNLIKELY(bls_fp_is_zero(&h))) {
        if (bls_fp_is_zero(&s)) {
            bls_g1_dbl(r, a);
        } else {
            *r = (bls_g1){0};
        }
        return;
    }
    finish_addition(r, &h, &s, &a->x, &a->y, &a->z);
}

void bls_g1_sub_affine(bls_g1 *r, const bls_g1 *a, const bls_g1_affine *b) {
    bls_g1_affine n;
    n.x = b->x;
    bls_fp_neg(&n.y, &b->y);
    bls_g1_add_affine(r, a, &n);
}

void bls_g1_add(bls_g1 *r, const bls_g1 *a, const bls_g1 *b) {
    if (bls_g1_is_infinity(b)) {
        *r = *a;
        return;
    }
    if (bls_g1_is_infinity(a)) {
        *r = *b;
        return;
    }
    bls_fp aa, bb, u, v, h, s, z;
    bls_fp_sqr(&aa, &a->z);
    bls_fp_sqr(&bb, &b->z);
    bls_fp_mul(&u, &a->x, &bb);
    bls_fp_mul(&h, &b->x, &aa);
    bls_fp_mul(&bb, &bb, &b->z);
    bls_fp_mul(&aa, &aa, &a->z);
    bls_fp_mul(&v, &a->y, &bb);
    bls_fp_mul(&s, &b->y, &aa);
    bls_fp_sub(&h, &h, &u);
    bls_fp_sub(&s, &s, &v);
    if (BLS_UNLIKELY(bls_fp_is_zero(&h))) {
        if (bls_fp_is_zero(&s)) {
            bls_g1_dbl(r, a);
        } else {
            *r = (bls_g1){0};
        }
        return;
    }
    bls_fp_mul(&z, &a->z, &b->z);
    finish_addition(r, &h, &s, &u, &v, &z);
}

void bls_g1_neg(bls_g1 *r, const bls_g1 *a) {
    r->x = a->x;
    bls_fp_neg(&r->y, &a->y);
    r->z = a->z;
}

void bls_g1_from_affine(bls_g1 *r, const bls_g1_affine *a) {
    if (bls_g1_affine_is_infinity(a)) {
        *r = (bls_g1){0};
        return;
    }
    r->x = a->x;
    r->y = a->y;
    r->z = one;
}

// r = a, given 1 / z.
static inline void divide(bls_g1_affine *r, const bls_g1 *a, const bls_fp *inverse) {
    bls_fp square, cube;
    bls_fp_sqr(&square, inverse);
    bls_fp_mul(&cube, &square, inverse);
    bls_fp_mul(&r->x, &a->x, &square);
    bls_fp_mul(&r->y, &a->y, &cube);
}

void bls_g1_to_affine(bls_g1_affine *r, const bls_g1 *a) {
    if (bls_g1_is_infinity(a)) {
        *r = (bls_g1_affine){0};
        return;
    }
    bls_fp inverse;
    bls_fp_inv(&inverse, &a->z);
    divide(r, a, &inverse);
}

void bls_g1_normalize(bls_g1_affine *r, const bls_g1 *a, bls_fp *scratch, long count) {
    bls_fp product = one;
    for (long i = 0; i < count; i++) {
        scratch[i] = product;
        if (!bls_g1_is_infinity(&a[i])) bls_fp_mul(&product, &product, &a[i].z);
    }
    bls_fp_inv(&product, &product);
    for (long i = count - 1; i >= 0; i--) {
        if (bls_g1_is_infinity(&a[i])) {
            r[i] = (bls_g1_affine){0};
            continue;
        }
        bls_fp inverse;
        bls_fp_mul(&inverse, &product, &scratch[i]);
        bls_fp_mul(&product, &product, &a[i].z);
        divide(&r[i], &a[i], &inverse);
    }
}

int bls_g1_equal(const bls_g1 *a, const bls_g1 *b) {
    int a_infinite = bls_g1_is_infinity(a), b_infinite = bls_g1_is_infinity(b);
    if (a_infinite || b_infinite) return a_infinite && b_infinite;
    bls_fp aa, bb, s, t;
    bls_fp_sqr(&aa, &a->z);
    bls_fp_sqr(&bb, &b->z);
    bls_fp_mul(&s, &a->x, &bb);
    bls_fp_mul(&t, &b->x, &aa);
    if (!bls_fp_equal(&s, &t)) return 0;
    bls_fp_mul(&aa, &aa, &a->z);
    bls_fp_mul(&bb, &bb, &b->z);
    bls_fp_mul(&s, &a->y, &bb);
    bls_fp_mul(&t, &b->y, &aa);
    return bls_fp_equal(&s, &t);
}
