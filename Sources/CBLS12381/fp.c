// The base field: everything but the multiplication for MULX and ADX.
#include "bls_fp.h"

#include "modular_inverse.h"

static const bls_fp one = BLS_FP_ONE;
static const bls_fp r2 = BLS_FP_R2;
static const bls_fp r3 = BLS_FP_R3;
static const uint64_t p[6] = {BLS_FP_P0, BLS_FP_P1, BLS_FP_P2, BLS_FP_P3, BLS_FP_P4, BLS_FP_P5};

// Montgomery multiplication, operand word by operand word. The top three bits of p are 0, so that
// t stays below 2p and the two carry words never overflow together.
void bls_fp_mul_portable(bls_fp *r, const bls_fp *a, const bls_fp *b) {
    uint64_t t[6] = {0, 0, 0, 0, 0, 0};
#pragma clang loop unroll(full)
    for (int i = 0; i < 6; i++) {
        uint64_t c = 0, d = 0;
        uint64_t bi = b->l[i];
        t[0] = bls_mac(t[0], a->l[0], bi, &c);
        uint64_t m = t[0] * BLS_FP_N0;
        (void)bls_mac(t[0], m, p[0], &d);
#pragma clang loop unroll(full)
        for (int j = 1; j < 6; j++) {
            uint64_t s = bls_mac(t[j], a->l[j], bi, &c);
            t[j - 1] = bls_mac(s, m, p[j], &d);
        }
        t[5] = c + d;
    }
    bls_fp_reduce_once(r, t);
}

void bls_fp_sqr_portable(bls_fp *r, const bls_fp *a) { bls_fp_mul_portable(r, a, a); }

void bls_fp_to_words(uint64_t out[6], const bls_fp *a) {
    static const bls_fp plain_one = {{1, 0, 0, 0, 0, 0}};
    bls_fp t;
    bls_fp_mul(&t, a, &plain_one);
    for (int i = 0; i < 6; i++) out[i] = t.l[i];
}

static int below(const uint64_t *a, const uint64_t *b, int count) {
    uint64_t borrow = 0;
    for (int i = 0; i < count; i++) (void)bls_sbb(a[i], b[i], &borrow);
    return (int)borrow;
}

int bls_fp_from_words(bls_fp *r, const uint64_t words[6]) {
    if (!below(words, p, 6)) return 0;
    bls_fp t;
    for (int i = 0; i < 6; i++) t.l[i] = words[i];
    bls_fp_mul(r, &t, &r2);
    return 1;
}

void bls_fp_to_bytes(uint8_t out[48], const bls_fp *a) {
    uint64_t words[6];
    bls_fp_to_words(words, a);
    for (int i = 0; i < 6; i++) {
        uint64_t w = words[5 - i];
        for (int k = 0; k < 8; k++) out[8 * i + k] = (uint8_t)(w >> (56 - 8 * k));
    }
}

int bls_fp_from_bytes(bls_fp *r, const uint8_t bytes[48]) {
    uint64_t words[6];
    for (int i = 0; i < 6; i++) {
        uint64_t w = 0;
        for (int k = 0; k < 8; k++) w = w << 8 | bytes[8 * i + k];
        words[5 - i] = w;
    }
    return bls_fp_from_words(r, words);
}

int bls_fp_is_large(const bls_fp *a) {
    static const uint64_t half[6] = {0xdcff7fffffffd555ULL, 0x0f55ffff58a9ffffULL,
                                     0xb39869507b587b12ULL, 0xb23ba5c279c2895fULL,
                                     0x258dd3db21a5d66bULL, 0x0d0088f51cbff34dULL};
    uint64_t words[6];
    bls_fp_to_words(words, a);
    return below(half, words, 6);
}

void bls_fp_inv(bls_fp *r, const bls_fp *a) {
    static const int64_t m[7] = {0x39feffffffffaaab, 0x3aaffffac54ffffe, 0x330d2a0f6b0f6241,
                                 0x1dd2e13ce144afd9, 0x1ba7b6434bacd764, 0x0447a8e5ff9a692c,
                                 0x00000000000001a0};
    int64_t x[7];
    const uint64_t *w = a->l;
    x[0] = (int64_t)(w[0] & BLS_MASK62);
    x[1] = (int64_t)((w[0] >> 62 | w[1] << 2) & BLS_MASK62);
    x[2] = (int64_t)((w[1] >> 60 | w[2] << 4) & BLS_MASK62);
    x[3] = (int64_t)((w[2] >> 58 | w[3] << 6) & BLS_MASK62);
    x[4] = (int64_t)((w[3] >> 56 | w[4] << 8) & BLS_MASK62);
    x[5] = (int64_t)((w[4] >> 54 | w[5] << 10) & BLS_MASK62);
    x[6] = (int64_t)(w[5] >> 52);
    bls_invert_62(7, x, m, 0x360c000300030003ULL);
    const uint64_t *v = (const uint64_t *)x;
    bls_fp t = {{v[0] | v[1] << 62, v[1] >> 2 | v[2] << 60, v[2] >> 4 | v[3] << 58,
                 v[3] >> 6 | v[4] << 56, v[4] >> 8 | v[5] << 54, v[5] >> 10 | v[6] << 52}};
    // The inverse of a * 2^384 is a^-1 * 2^-384: two factors of 2^384 are missing.
    bls_fp_mul(r, &t, &r3);
}

void bls_fp_inv_all(bls_fp *a, bls_fp *prefix, long count) {
    bls_fp acc = one;
    for (long i = 0; i < count; i++) {
        prefix[i] = acc;
        if (!bls_fp_is_zero(&a[i])) bls_fp_mul(&acc, &acc, &a[i]);
    }
    bls_fp_inv(&acc, &acc);
    for (long i = count - 1; i >= 0; i--) {
        if (bls_fp_is_zero(&a[i])) continue;
        bls_fp t;
        bls_fp_mul(&t, &acc, &prefix[i]);
        bls_fp_mul(&acc, &acc, &a[i]);
        a[i] = t;
    }
}

int bls_fp_sqrt(bls_fp *r, const bls_fp *a) {
    // p = 3 mod 4, so a^((p + 1) / 4) is a root of a square. A window of five bits slides over
    // the exponent; its odd powers are made first.
    static const uint64_t exponent[6] = {0xee7fbfffffffeaabULL, 0x07aaffffac54ffffULL,
                                         0xd9cc34a83dac3d89ULL, 0xd91dd2e13ce144afULL,
                                         0x92c6e9ed90d2eb35ULL, 0x0680447a8e5ff9a6ULL};
    bls_fp odd[16], square, t;
    bls_fp_sqr(&square, a);
    odd[0] = *a;
    for (int i = 1; i < 16; i++) bls_fp_mul(&odd[i], &odd[i - 1], &square);
    int started = 0;
    for (int i = 378; i >= 0;) {
        if (!(exponent[i >> 6] >> (i & 63) & 1)) {
            if (started) bls_fp_sqr(&t, &t);
            i--;
            continue;
        }
        int low = i - 4 < 0 ? 0 : i - 4;
        while (!(exponent[low >> 6] >> (low & 63) & 1)) low++;
        unsigned digit = 0;
        for (int k = i; k >= low; k--) {
            digit = digit << 1 | (unsigned)(exponent[k >> 6] >> (k & 63) & 1);
            if (started) bls_fp_sqr(&t, &t);
        }
        if (started) {
            bls_fp_mul(&t, &t, &odd[digit >> 1]);
        } else {
            t = odd[digit >> 1];
            started = 1;
        }
        i = low - 1;
    }
    bls_fp_sqr(&square, &t);
    int good = bls_fp_equal(&square, a);
    *r = t;
    return good;
}
