// The extension fields above Fp, up to the target field of the pairing:
//
//   Fp2 = Fp[u] / (u^2 + 1), Fp6 = Fp2[v] / (v^3 - xi) with xi = 1 + u, Fp12 = Fp6[w] / (w^2 - v).
//
// A result may be one of the operands. As in Fp, elements are always canonical.
#pragma once

#include "bls_fp.h"

typedef struct {
    bls_fp c0, c1;
} bls_fp2;

typedef struct {
    bls_fp2 c0, c1, c2;
} bls_fp6;

typedef struct {
    bls_fp6 c0, c1;
} bls_fp12;

BLS_INLINE void bls_fp2_add(bls_fp2 *r, const bls_fp2 *a, const bls_fp2 *b) {
    bls_fp_add(&r->c0, &a->c0, &b->c0);
    bls_fp_add(&r->c1, &a->c1, &b->c1);
}

BLS_INLINE void bls_fp2_sub(bls_fp2 *r, const bls_fp2 *a, const bls_fp2 *b) {
    bls_fp_sub(&r->c0, &a->c0, &b->c0);
    bls_fp_sub(&r->c1, &a->c1, &b->c1);
}

BLS_INLINE void bls_fp2_dbl(bls_fp2 *r, const bls_fp2 *a) { bls_fp2_add(r, a, a); }

BLS_INLINE void bls_fp2_neg(bls_fp2 *r, const bls_fp2 *a) {
    bls_fp_neg(&r->c0, &a->c0);
    bls_fp_neg(&r->c1, &a->c1);
}

// r = c0 - c1 u, which is a^p.
BLS_INLINE void bls_fp2_conj(bls_fp2 *r, const bls_fp2 *a) {
    r->c0 = a->c0;
    bls_fp_neg(&r->c1, &a->c1);
}

// r = xi * a.
BLS_INLINE void bls_fp2_mul_xi(bls_fp2 *r, const bls_fp2 *a) {
    bls_fp t;
    bls_fp_sub(&t, &a->c0, &a->c1);
    bls_fp_add(&r->c1, &a->c0, &a->c1);
    r->c0 = t;
}

BLS_INLINE int bls_fp2_is_zero(const bls_fp2 *a) {
    return bls_fp_is_zero(&a->c0) & bls_fp_is_zero(&a->c1);
}

BLS_INLINE int bls_fp2_equal(const bls_fp2 *a, const bls_fp2 *b) {
    return bls_fp_equal(&a->c0, &b->c0) & bls_fp_equal(&a->c1, &b->c1);
}

void bls_fp2_mul(bls_fp2 *r, const bls_fp2 *a, const bls_fp2 *b);
void bls_fp2_sqr(bls_fp2 *r, const bls_fp2 *a);
void bls_fp2_mul_fp(bls_fp2 *r, const bls_fp2 *a, const bls_fp *b);

// r = 1/a; 0 for 0.
void bls_fp2_inv(bls_fp2 *r, const bls_fp2 *a);

// Whether a is a square; r is then a root of it, else unchanged.
int bls_fp2_sqrt(bls_fp2 *r, const bls_fp2 *a);

void bls_fp6_add(bls_fp6 *r, const bls_fp6 *a, const bls_fp6 *b);
void bls_fp6_sub(bls_fp6 *r, const bls_fp6 *a, const bls_fp6 *b);
void bls_fp6_neg(bls_fp6 *r, const bls_fp6 *a);
void bls_fp6_mul(bls_fp6 *r, const bls_fp6 *a, const bls_fp6 *b);
// r = v * a.
void bls_fp6_mul_v(bls_fp6 *r, const bls_fp6 *a);
// r = 1/a; 0 for 0.
void bls_fp6_inv(bls_fp6 *r, const bls_fp6 *a);

void bls_fp12_mul(bls_fp12 *r, const bls_fp12 *a, const bls_fp12 *b);
void bls_fp12_sqr(bls_fp12 *r, const bls_fp12 *a);
// r = 1/a; 0 for 0.
void bls_fp12_inv(bls_fp12 *r, const bls_fp12 *a);
// r = c0 - c1 w, which is a^(p^6).
void bls_fp12_conj(bls_fp12 *r, const bls_fp12 *a);
// r = a^p, r = a^(p^2).
void bls_fp12_frobenius(bls_fp12 *r, const bls_fp12 *a);
void bls_fp12_frobenius2(bls_fp12 *r, const bls_fp12 *a);
// r = a^2 for an a with a^(p^4 - p^2 + 1) = 1: the cyclotomic subgroup, in which the final
// exponentiation takes place. Granger and Scott, https://eprint.iacr.org/2009/565.
void bls_fp12_sqr_cyclotomic(bls_fp12 *r, const bls_fp12 *a);
// f = f * (a + b v + v w): a line of the Miller loop, scaled so that its third coefficient is 1.
void bls_fp12_mul_line(bls_fp12 *f, const bls_fp2 *a, const bls_fp2 *b);
// Both halves of the element equal: the words of every coefficient.
int bls_fp12_equal(const bls_fp12 *a, const bls_fp12 *b);
