// The group G1: points (x, y) over the base field with y^2 = x^3 + 4, in the subgroup of order r.
#pragma once

#include "bls_fp.h"
#include "bls_fr.h"

// An affine point. (0, 0), which is not on the curve, stands for the point at infinity.
typedef struct {
    bls_fp x, y;
} bls_g1_affine;

// The point (x / z^2, y / z^3); the one at infinity where z is 0.
typedef struct {
    bls_fp x, y, z;
} bls_g1;

BLS_INLINE int bls_g1_affine_is_infinity(const bls_g1_affine *a) {
    return bls_fp_is_zero(&a->x) && bls_fp_is_zero(&a->y);
}

BLS_INLINE int bls_g1_is_infinity(const bls_g1 *a) { return bls_fp_is_zero(&a->z); }

// r = 2a, r = a + b. Complete: equal, opposite and infinite operands are right. r may be an operand.
void bls_g1_dbl(bls_g1 *r, const bls_g1 *a);
void bls_g1_add(bls_g1 *r, const bls_g1 *a, const bls_g1 *b);
void bls_g1_add_affine(bls_g1 *r, const bls_g1 *a, const bls_g1_affine *b);
void bls_g1_sub_affine(bls_g1 *r, const bls_g1 *a, const bls_g1_affine *b);

// r = -a.
void bls_g1_neg(bls_g1 *r, const bls_g1 *a);

void bls_g1_from_affine(bls_g1 *r, const bls_g1_affine *a);
void bls_g1_to_affine(bls_g1_affine *r, const bls_g1 *a);

// Makes count points affine with one inversion. scratch has room for count elements.
void bls_g1_normalize(bls_g1_affine *r, const bls_g1 *a, bls_fp *scratch, long count);

int bls_g1_equal(const bls_g1 *a, const bls_g1 *b);

// Whether y^2 = x^3 + 4, or the point is the one at infinity.
int bls_g1_is_on_curve(const bls_g1_affine *a);

// Whether a point of the curve is in the subgroup of order r. The endomorphism (x, y) -> (b x, y)
// multiplies by lambda = u^2 - 1 there and nowhere else, u the parameter of the curve.
int bls_g1_is_in_subgroup(const bls_g1_affine *a);

// Parses 48 bytes: 0 if all is well; the point is on the curve, but may be outside the subgroup.
typedef enum {
    bls_point_ok = 0,
    bls_point_bad_flags = 1,
    bls_point_not_canonical = 2,
    bls_point_not_on_curve = 3,
    bls_point_not_in_subgroup = 4,
} bls_point_error;
int bls_g1_decompress(bls_g1_affine *r, const uint8_t bytes[48]);
void bls_g1_compress(uint8_t out[48], const bls_g1_affine *a);

// Parses count points of 48 bytes each, and checks the subgroup where asked: the index of the first
// that is bad, with the reason in *error (bls_point_not_in_subgroup among them), or count.
long bls_g1_decompress_each(
    bls_g1_affine *r, const uint8_t *bytes, int check_subgroup, long count, int *error);
void bls_g1_compress_each(uint8_t *out, const bls_g1_affine *a, long count);

// Splits a scalar (plain words, below r) into k1 + k2 * lambda, both below 2^127 in magnitude.
typedef struct {
    uint64_t k[2][2];
    int negative[2];
} bls_glv;
void bls_glv_split(bls_glv *out, const uint64_t scalar[4]);

// (x, y) -> (b x, y): the point times lambda, for points of the subgroup.
void bls_g1_endomorphism(bls_g1_affine *r, const bls_g1_affine *a);

// r = scalar * a, for a of the subgroup; scalar as plain words below the order.
void bls_g1_mul(bls_g1 *r, const bls_g1 *a, const uint64_t scalar[4]);

// A scalar in the form that a multiplication walks through: the digits of both halves.
#define BLS_GLV_DIGITS 129
typedef struct {
    int8_t digit[2][BLS_GLV_DIGITS];
    uint8_t count;
} bls_glv_recoded;
void bls_glv_recode(bls_glv_recoded *out, const uint64_t scalar[4]);

// r = scalar * a, given a's table: odd[i] = (2i + 1) * a, and those times lambda from odd[8] on.
void bls_g1_mul_table(bls_g1 *r, const bls_g1_affine odd[16], const bls_glv_recoded *scalar);

// r = w * a, or -w * a where inverse, for a of the subgroup: w = 7^((order - 1) / 4) is |u|^3, so
// that this costs half a multiplication.
void bls_g1_mul_fourth_root(bls_g1 *r, const bls_g1_affine *a, int inverse);
