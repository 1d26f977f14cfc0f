// The base field of BLS12-381: integers modulo the 381-bit prime p.
//
// An element is six 64-bit words, least significant first, in Montgomery form (a * 2^384 mod p),
// and always canonical: below p. So two elements are equal exactly if their words are.
// Nothing here is constant-time: all inputs of this library are public.
#pragma once

#include "bls_word.h"

typedef struct {
    uint64_t l[6];
} bls_fp;

#define BLS_FP_P0 0xb9feffffffffaaabULL
#define BLS_FP_P1 0x1eabfffeb153ffffULL
#define BLS_FP_P2 0x6730d2a0f6b0f624ULL
#define BLS_FP_P3 0x64774b84f38512bfULL
#define BLS_FP_P4 0x4b1ba7b6434bacd7ULL
#define BLS_FP_P5 0x1a0111ea397fe69aULL
// -1/p mod 2^64.
#define BLS_FP_N0 0x89f3fffcfffcfffdULL

#define BLS_FP_MODULUS {{BLS_FP_P0, BLS_FP_P1, BLS_FP_P2, BLS_FP_P3, BLS_FP_P4, BLS_FP_P5}}
// 2^384 mod p: the element one.
#define BLS_FP_ONE                                                                       \
    {{0x760900000002fffdULL, 0xebf4000bc40c0002ULL, 0x5f48985753c758baULL,               \
      0x77ce585370525745ULL, 0x5c071a97a256ec6dULL, 0x15f65ec3fa80e493ULL}}
// 2^768 mod p, 2^1152 mod p.
#define BLS_FP_R2                                                                        \
    {{0xf4df1f341c341746ULL, 0x0a76e6a609d104f1ULL, 0x8de5476c4c95b6d5ULL,               \
      0x67eb88a9939d83c0ULL, 0x9a793e85b519952dULL, 0x11988fe592cae3aaULL}}
#define BLS_FP_R3                                                                        \
    {{0xed48ac6bd94ca1e0ULL, 0x315f831e03a7adf8ULL, 0x9a53352a615e29ddULL,               \
      0x34c04e5e921e1761ULL, 0x2512d43565724728ULL, 0x0aa6346091755d4dULL}}

// r = a * b and r = a * a. r may be a or b. Operands may be as large as 2p; results are below p. The
// kernels behind them are out of line: a
// multiplication is some 350 instructions, and a formula of sixteen of them would not fit the
// instruction cache.
void bls_fp_mul_portable(bls_fp *r, const bls_fp *a, const bls_fp *b);
void bls_fp_sqr_portable(bls_fp *r, const bls_fp *a);
#if BLS_HAVE_ADX
__attribute__((preserve_none)) void bls_fp_mul_adx(bls_fp *r, const bls_fp *a, const bls_fp *b);
__attribute__((preserve_none)) void bls_fp_sqr_adx(bls_fp *r, const bls_fp *a);
#endif

BLS_INLINE void bls_fp_mul(bls_fp *r, const bls_fp *a, const bls_fp *b) {
#if BLS_HAVE_ADX
    if (BLS_LIKELY(bls_adx)) {
        bls_fp_mul_adx(r, a, b);
        return;
    }
#endif
    bls_fp_mul_portable(r, a, b);
}

BLS_INLINE void bls_fp_sqr(bls_fp *r, const bls_fp *a) {
#if BLS_HAVE_ADX
    if (BLS_LIKELY(bls_adx)) {
        bls_fp_sqr_adx(r, a);
        return;
    }
#endif
    bls_fp_sqr_portable(r, a);
}

// r = t - p if t >= p, else t. Needs t < 2p.
BLS_INLINE void bls_fp_reduce_once(bls_fp *r, const uint64_t t[6]) {
    uint64_t borrow = 0;
    uint64_t s0 = bls_sbb(t[0], BLS_FP_P0, &borrow);
    uint64_t s1 = bls_sbb(t[1], BLS_FP_P1, &borrow);
    uint64_t s2 = bls_sbb(t[2], BLS_FP_P2, &borrow);
    uint64_t s3 = bls_sbb(t[3], BLS_FP_P3, &borrow);
    uint64_t s4 = bls_sbb(t[4], BLS_FP_P4, &borrow);
    uint64_t s5 = bls_sbb(t[5], BLS_FP_P5, &borrow);
    r->l[0] = borrow ? t[0] : s0;
    r->l[1] = borrow ? t[1] : s1;
    r->l[2] = borrow ? t[2] : s2;
    r->l[3] = borrow ? t[3] : s3;
    r->l[4] = borrow ? t[4] : s4;
    r->l[5] = borrow ? t[5] : s5;
}

// r = a + b.
BLS_INLINE void bls_fp_add(bls_fp *r, const bls_fp *a, const bls_fp *b) {
    uint64_t t[6];
    uint64_t carry = 0;
    t[0] = bls_adc(a->l[0], b->l[0], &carry);
    t[1] = bls_adc(a->l[1], b->l[1], &carry);
    t[2] = bls_adc(a->l[2], b->l[2], &carry);
    t[3] = bls_adc(a->l[3], b->l[3], &carry);
    t[4] = bls_adc(a->l[4], b->l[4], &carry);
    t[5] = a->l[5] + b->l[5] + carry;
    bls_fp_reduce_once(r, t);
}

// r = a - b.
BLS_INLINE void bls_fp_sub(bls_fp *r, const bls_fp *a, const bls_fp *b) {
    uint64_t borrow = 0;
    uint64_t t0 = bls_sbb(a->l[0], b->l[0], &borrow);
    uint64_t t1 = bls_sbb(a->l[1], b->l[1], &borrow);
    uint64_t t2 = bls_sbb(a->l[2], b->l[2], &borrow);
    uint64_t t3 = bls_sbb(a->l[3], b->l[3], &borrow);
    uint64_t t4 = bls_sbb(a->l[4], b->l[4], &borrow);
    uint64_t t5 = bls_sbb(a->l[5], b->l[5], &borrow);
    uint64_t mask = 0 - borrow;
    uint64_t carry = 0;
    r->l[0] = bls_adc(t0, BLS_FP_P0 & mask, &carry);
    r->l[1] = bls_adc(t1, BLS_FP_P1 & mask, &carry);
    r->l[2] = bls_adc(t2, BLS_FP_P2 & mask, &carry);
    r->l[3] = bls_adc(t3, BLS_FP_P3 & mask, &carry);
    r->l[4] = bls_adc(t4, BLS_FP_P4 & mask, &carry);
    r->l[5] = t5 + (BLS_FP_P5 & mask) + carry;
}

BLS_INLINE int bls_fp_is_zero(const bls_fp *a) {
    return (a->l[0] | a->l[1] | a->l[2] | a->l[3] | a->l[4] | a->l[5]) == 0;
}

BLS_INLINE int bls_fp_equal(const bls_fp *a, const bls_fp *b) {
    return ((a->l[0] ^ b->l[0]) | (a->l[1] ^ b->l[1]) | (a->l[2] ^ b->l[2]) |
            (a->l[3] ^ b->l[3]) | (a->l[4] ^ b->l[4]) | (a->l[5] ^ b->l[5])) == 0;
}

// r = -a.
BLS_INLINE void bls_fp_neg(bls_fp *r, const bls_fp *a) {
    static const bls_fp zero = {{0, 0, 0, 0, 0, 0}};
    bls_fp_sub(r, &zero, a);
}

// r = 2a.
BLS_INLINE void bls_fp_dbl(bls_fp *r, const bls_fp *a) { bls_fp_add(r, a, a); }

// r = a / 2.
BLS_INLINE void bls_fp_half(bls_fp *r, const bls_fp *a) {
    // An odd a becomes even by adding p; the sum has at most 382 bits.
    uint64_t mask = 0 - (a->l[0] & 1);
    uint64_t carry = 0;
    uint64_t t0 = bls_adc(a->l[0], BLS_FP_P0 & mask, &carry);
    uint64_t t1 = bls_adc(a->l[1], BLS_FP_P1 & mask, &carry);
    uint64_t t2 = bls_adc(a->l[2], BLS_FP_P2 & mask, &carry);
    uint64_t t3 = bls_adc(a->l[3], BLS_FP_P3 & mask, &carry);
    uint64_t t4 = bls_adc(a->l[4], BLS_FP_P4 & mask, &carry);
    uint64_t t5 = a->l[5] + (BLS_FP_P5 & mask) + carry;
    r->l[0] = t0 >> 1 | t1 << 63;
    r->l[1] = t1 >> 1 | t2 << 63;
    r->l[2] = t2 >> 1 | t3 << 63;
    r->l[3] = t3 >> 1 | t4 << 63;
    r->l[4] = t4 >> 1 | t5 << 63;
    r->l[5] = t5 >> 1;
}

// r = 1/a; 0 for 0.
void bls_fp_inv(bls_fp *r, const bls_fp *a);

// r = a^((p + 1) / 4) and whether r * r = a: then r is a square root of a.
int bls_fp_sqrt(bls_fp *r, const bls_fp *a);

// The plain integer, least significant word first.
void bls_fp_to_words(uint64_t out[6], const bls_fp *a);

// From a plain integer. 0 if it is not below p; r is then unchanged.
int bls_fp_from_words(bls_fp *r, const uint64_t words[6]);

// 48 bytes, big-endian; the second function answers as bls_fp_from_words does.
void bls_fp_to_bytes(uint8_t out[48], const bls_fp *a);
int bls_fp_from_bytes(bls_fp *r, const uint8_t bytes[48]);

// Whether the plain integer is above (p - 1) / 2, that is, above that of -a.
int bls_fp_is_large(const bls_fp *a);

// Inverts every element in place; zeros stay. prefix has room for count elements.
void bls_fp_inv_all(bls_fp *a, bls_fp *prefix, long count);

// The same operations by value, for Swift.
BLS_INLINE bls_fp bls_fp_sum(bls_fp a, bls_fp b) {
    bls_fp r;
    bls_fp_add(&r, &a, &b);
    return r;
}
BLS_INLINE bls_fp bls_fp_difference(bls_fp a, bls_fp b) {
    bls_fp r;
    bls_fp_sub(&r, &a, &b);
    return r;
}
BLS_INLINE bls_fp bls_fp_product(bls_fp a, bls_fp b) {
    bls_fp r;
    bls_fp_mul(&r, &a, &b);
    return r;
}
BLS_INLINE bls_fp bls_fp_square(bls_fp a) {
    bls_fp r;
    bls_fp_sqr(&r, &a);
    return r;
}
BLS_INLINE bls_fp bls_fp_negative(bls_fp a) {
    bls_fp r;
    bls_fp_neg(&r, &a);
    return r;
}
BLS_INLINE int bls_fp_same(bls_fp a, bls_fp b) { return bls_fp_equal(&a, &b); }
BLS_INLINE int bls_fp_vanishes(bls_fp a) { return bls_fp_is_zero(&a); }
