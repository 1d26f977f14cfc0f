// The scalar field of BLS12-381: integers modulo the 255-bit prime r, the order of G1 and G2.
//
// An element is four 64-bit words, least significant first, in Montgomery form (a * 2^256 mod r),
// and always canonical: below r.
#pragma once

#include "bls_word.h"

typedef struct {
    uint64_t l[4];
} bls_fr;

#define BLS_FR_R0 0xffffffff00000001ULL
#define BLS_FR_R1 0x53bda402fffe5bfeULL
#define BLS_FR_R2W 0x3339d80809a1d805ULL
#define BLS_FR_R3W 0x73eda753299d7d48ULL
// -1/r mod 2^64.
#define BLS_FR_N0 0xfffffffeffffffffULL

#define BLS_FR_MODULUS {{BLS_FR_R0, BLS_FR_R1, BLS_FR_R2W, BLS_FR_R3W}}
// 2^256, 2^512 and 2^768 mod r.
#define BLS_FR_ONE                                                                       \
    {{0x00000001fffffffeULL, 0x5884b7fa00034802ULL, 0x998c4fefecbc4ff5ULL,               \
      0x1824b159acc5056fULL}}
#define BLS_FR_R2                                                                        \
    {{0xc999e990f3f29c6dULL, 0x2b6cedcb87925c23ULL, 0x05d314967254398fULL,               \
      0x0748d9d99f59ff11ULL}}
#define BLS_FR_R3                                                                        \
    {{0xc62c1807439b73afULL, 0x1b3e0d188cf06990ULL, 0x73d13c71c7b5f418ULL,               \
      0x6e2a5bb9c8db33e9ULL}}

// r = t - q if t >= q, else t, with q the modulus. Needs t < 2q.
BLS_INLINE void bls_fr_reduce_once(bls_fr *r, const uint64_t t[4]) {
    uint64_t borrow = 0;
    uint64_t s0 = bls_sbb(t[0], BLS_FR_R0, &borrow);
    uint64_t s1 = bls_sbb(t[1], BLS_FR_R1, &borrow);
    uint64_t s2 = bls_sbb(t[2], BLS_FR_R2W, &borrow);
    uint64_t s3 = bls_sbb(t[3], BLS_FR_R3W, &borrow);
    r->l[0] = borrow ? t[0] : s0;
    r->l[1] = borrow ? t[1] : s1;
    r->l[2] = borrow ? t[2] : s2;
    r->l[3] = borrow ? t[3] : s3;
}

// r = a * b, word by word: no step's carry word can overflow, as the top bit of the modulus is 0.
BLS_INLINE void bls_fr_mul_portable(bls_fr *r, const bls_fr *a, const bls_fr *b) {
    static const uint64_t q[4] = {BLS_FR_R0, BLS_FR_R1, BLS_FR_R2W, BLS_FR_R3W};
    uint64_t t[4] = {0, 0, 0, 0};
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
        uint64_t c = 0, d = 0;
        uint64_t bi = b->l[i];
        t[0] = bls_mac(t[0], a->l[0], bi, &c);
        uint64_t m = t[0] * BLS_FR_N0;
        (void)bls_mac(t[0], m, q[0], &d);
#pragma clang loop unroll(full)
        for (int j = 1; j < 4; j++) {
            uint64_t s = bls_mac(t[j], a->l[j], bi, &c);
            t[j - 1] = bls_mac(s, m, q[j], &d);
        }
        t[3] = c + d;
    }
    bls_fr_reduce_once(r, t);
}

BLS_INLINE void bls_fr_mul(bls_fr *r, const bls_fr *a, const bls_fr *b) {
    bls_fr_mul_portable(r, a, b);
}

BLS_INLINE void bls_fr_sqr(bls_fr *r, const bls_fr *a) { bls_fr_mul(r, a, a); }

// r = a + b.
BLS_INLINE void bls_fr_add(bls_fr *r, const bls_fr *a, const bls_fr *b) {
    uint64_t t[4];
    uint64_t carry = 0;
    t[0] = bls_adc(a->l[0], b->l[0], &carry);
    t[1] = bls_adc(a->l[1], b->l[1], &carry);
    t[2] = bls_adc(a->l[2], b->l[2], &carry);
    t[3] = a->l[3] + b->l[3] + carry;
    bls_fr_reduce_once(r, t);
}

// r = a - b.
BLS_INLINE void bls_fr_sub(bls_fr *r, const bls_fr *a, const bls_fr *b) {
    uint64_t borrow = 0;
    uint64_t t0 = bls_sbb(a->l[0], b->l[0], &borrow);
    uint64_t t1 = bls_sbb(a->l[1], b->l[1], &borrow);
    uint64_t t2 = bls_sbb(a->l[2], b->l[2], &borrow);
    uint64_t t3 = bls_sbb(a->l[3], b->l[3], &borrow);
    uint64_t mask = 0 - borrow;
    uint64_t carry = 0;
    r->l[0] = bls_adc(t0, BLS_FR_R0 & mask, &carry);
    r->l[1] = bls_adc(t1, BLS_FR_R1 & mask, &carry);
    r->l[2] = bls_adc(t2, BLS_FR_R2W & mask, &carry);
    r->l[3] = t3 + (BLS_FR_R3W & mask) + carry;
}

BLS_INLINE int bls_fr_is_zero(const bls_fr *a) {
    return (a->l[0] | a->l[1] | a->l[2] | a->l[3]) == 0;
}

BLS_INLINE int bls_fr_equal(const bls_fr *a, const bls_fr *b) {
    return ((a->l[0] ^ b->l[0]) | (a->l[1] ^ b->l[1]) | (a->l[2] ^ b->l[2]) |
            (a->l[3] ^ b->l[3])) == 0;
}

// r = 1/a; 0 for 0.
void bls_fr_inv(bls_fr *r, const bls_fr *a);

// The plain integer, least significant word first.
void bls_fr_to_words(uint64_t out[4], const bls_fr *a);

// From a plain integer. 0 if it is not below the modulus; r is then unchanged.
int bls_fr_from_words(bls_fr *r, const uint64_t words[4]);

// From any 256-bit integer, reduced.
void bls_fr_from_words_reducing(bls_fr *r, const uint64_t words[4]);

// 32 bytes, big-endian.
void bls_fr_to_bytes(uint8_t out[32], const bls_fr *a);
int bls_fr_from_bytes(bls_fr *r, const uint8_t bytes[32]);
void bls_fr_from_bytes_reducing(bls_fr *r, const uint8_t bytes[32]);

// Parses count elements of 32 bytes each: the index of the first that is not canonical, or count.
long bls_fr_parse(bls_fr *r, const uint8_t *bytes, long count);
void bls_fr_write(uint8_t *out, const bls_fr *a, long count);

// The same without the factor 2^256: an integer x becomes the element x / 2^256, and comes back. Linear
// maps take such elements to such elements.
long bls_fr_parse_unscaled(bls_fr *r, const uint8_t *bytes, long count);
void bls_fr_write_unscaled(uint8_t *out, const bls_fr *a, long count);

// Inverts every element in place; zeros stay. prefix has room for count elements.
void bls_fr_inv_all(bls_fr *a, bls_fr *prefix, long count);

// r[i] = a[i] * b[i]; r[i] *= factor; r[i] = a[i] + b[i]; r[i] = a[i] - b[i].
void bls_fr_mul_each(bls_fr *r, const bls_fr *a, const bls_fr *b, long count);
void bls_fr_scale_each(bls_fr *r, const bls_fr *factor, long count);
void bls_fr_add_each(bls_fr *r, const bls_fr *a, const bls_fr *b, long count);
void bls_fr_sub_each(bls_fr *r, const bls_fr *a, const bls_fr *b, long count);
// r[i] = start * ratio^i.
void bls_fr_powers(bls_fr *r, const bls_fr *start, const bls_fr *ratio, long count);
// r += factor * a, element by element.
void bls_fr_add_scaled(bls_fr *r, const bls_fr *a, const bls_fr *factor, long count);
// The sum of a[i] * b[i].
void bls_fr_dot(bls_fr *r, const bls_fr *a, const bls_fr *b, long count);

// The same operations by value, for Swift.
BLS_INLINE bls_fr bls_fr_sum(bls_fr a, bls_fr b) {
    bls_fr r;
    bls_fr_add(&r, &a, &b);
    return r;
}
BLS_INLINE bls_fr bls_fr_difference(bls_fr a, bls_fr b) {
    bls_fr r;
    bls_fr_sub(&r, &a, &b);
    return r;
}
BLS_INLINE bls_fr bls_fr_product(bls_fr a, bls_fr b) {
    bls_fr r;
    bls_fr_mul(&r, &a, &b);
    return r;
}
BLS_INLINE bls_fr bls_fr_negative(bls_fr a) {
    bls_fr r, zero = {{0, 0, 0, 0}};
    bls_fr_sub(&r, &zero, &a);
    return r;
}
BLS_INLINE int bls_fr_same(bls_fr a, bls_fr b) { return bls_fr_equal(&a, &b); }
BLS_INLINE int bls_fr_vanishes(bls_fr a) { return bls_fr_is_zero(&a); }
