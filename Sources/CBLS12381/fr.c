// The scalar field: parsing, inversion, and operations on arrays.
#include "bls_fr.h"

#include "fr_mul_loops.h"
#include "modular_inverse.h"

static const bls_fr one = BLS_FR_ONE;
static const bls_fr r2 = BLS_FR_R2;
static const bls_fr r3 = BLS_FR_R3;
static const uint64_t q[4] = {BLS_FR_R0, BLS_FR_R1, BLS_FR_R2W, BLS_FR_R3W};

void bls_fr_to_words(uint64_t out[4], const bls_fr *a) {
    // One step of reduction to a word: as a product with 1, without the multiplications by 0.
    uint64_t t[4] = {a->l[0], a->l[1], a->l[2], a->l[3]};
    for (int i = 0; i < 4; i++) {
        uint64_t d = 0, m = t[0] * BLS_FR_N0;
        (void)bls_mac(t[0], m, q[0], &d);
        for (int j = 1; j < 4; j++) t[j - 1] = bls_mac(t[j], m, q[j], &d);
        t[3] = d;
    }
    bls_fr r;
    bls_fr_reduce_once(&r, t);
    for (int i = 0; i < 4; i++) out[i] = r.l[i];
}

static int below_modulus(const uint64_t words[4]) {
    uint64_t borrow = 0;
    for (int i = 0; i < 4; i++) (void)bls_sbb(words[i], q[i], &borrow);
    return (int)borrow;
}

int bls_fr_from_words(bls_fr *r, const uint64_t words[4]) {
    if (!below_modulus(words)) return 0;
    bls_fr t = {{words[0], words[1], words[2], words[3]}};
    bls_fr_mul(r, &t, &r2);
    return 1;
}

void bls_fr_from_words_reducing(bls_fr *r, const uint64_t words[4]) {
    // 2^256 is below 3 times the modulus.
    bls_fr t = {{words[0], words[1], words[2], words[3]}};
    while (!below_modulus(t.l)) {
        uint64_t borrow = 0;
        for (int i = 0; i < 4; i++) t.l[i] = bls_sbb(t.l[i], q[i], &borrow);
    }
    bls_fr_mul(r, &t, &r2);
}

static uint64_t load_be(const uint8_t *bytes) {
    uint64_t w = 0;
    for (int k = 0; k < 8; k++) w = w << 8 | bytes[k];
    return w;
}

static void store_be(uint8_t *out, uint64_t w) {
    for (int k = 0; k < 8; k++) out[k] = (uint8_t)(w >> (56 - 8 * k));
}

static void load_words(uint64_t words[4], const uint8_t bytes[32]) {
    for (int i = 0; i < 4; i++) words[3 - i] = load_be(bytes + 8 * i);
}

void bls_fr_to_bytes(uint8_t out[32], const bls_fr *a) {
    uint64_t words[4];
    bls_fr_to_words(words, a);
    for (int i = 0; i < 4; i++) store_be(out + 8 * i, words[3 - i]);
}

int bls_fr_from_bytes(bls_fr *r, const uint8_t bytes[32]) {
    uint64_t words[4];
    load_words(words, bytes);
    return bls_fr_from_words(r, words);
}

void bls_fr_from_bytes_reducing(bls_fr *r, const uint8_t bytes[32]) {
    uint64_t words[4];
    load_words(words, bytes);
    bls_fr_from_words_reducing(r, words);
}

long bls_fr_parse(bls_fr *r, const uint8_t *bytes, long count) {
    for (long i = 0; i < count; i++) {
        if (!bls_fr_from_bytes(&r[i], bytes + 32 * i)) return i;
    }
    return count;
}

void bls_fr_write(uint8_t *out, const bls_fr *a, long count) {
    for (long i = 0; i < count; i++) bls_fr_to_bytes(out + 32 * i, &a[i]);
}

long bls_fr_parse_unscaled(bls_fr *r, const uint8_t *bytes, long count) {
    for (long i = 0; i < count; i++) {
        load_words(r[i].l, bytes + 32 * i);
        if (!below_modulus(r[i].l)) return i;
    }
    return count;
}

void bls_fr_write_unscaled(uint8_t *out, const bls_fr *a, long count) {
    for (long i = 0; i < count; i++) {
        for (int k = 0; k < 4; k++) store_be(out + 32 * i + 8 * k, a[i].l[3 - k]);
    }
}

void bls_fr_inv(bls_fr *r, const bls_fr *a) {
    static const int64_t m[5] = {0x3fffffff00000001, 0x0ef6900bfff96ffb, 0x339d80809a1d8055,
                                 0x3b69d4ca675f520c, 0x0000000000000073};
    int64_t x[5];
    const uint64_t *w = a->l;
    x[0] = (int64_t)(w[0] & BLS_MASK62);
    x[1] = (int64_t)((w[0] >> 62 | w[1] << 2) & BLS_MASK62);
    x[2] = (int64_t)((w[1] >> 60 | w[2] << 4) & BLS_MASK62);
    x[3] = (int64_t)((w[2] >> 58 | w[3] << 6) & BLS_MASK62);
    x[4] = (int64_t)(w[3] >> 56);
    bls_invert_62(5, x, m, 0x100000001ULL);
    const uint64_t *v = (const uint64_t *)x;
    bls_fr t = {{v[0] | v[1] << 62, v[1] >> 2 | v[2] << 60, v[2] >> 4 | v[3] << 58,
                 v[3] >> 6 | v[4] << 56}};
    bls_fr_mul(r, &t, &r3);
}

BLS_INLINE void inv_all_loop(
    bls_fr *a, bls_fr *prefix, long count, int adx) {
    bls_fr acc = one;
    for (long i = 0; i < count; i++) {
        prefix[i] = acc;
        if (!bls_fr_is_zero(&a[i])) BLS_FR_MUL(adx, &acc, &acc, &a[i]);
    }
    bls_fr_inv(&acc, &acc);
    for (long i = count - 1; i >= 0; i--) {
        if (bls_fr_is_zero(&a[i])) continue;
        bls_fr t;
        BLS_FR_MUL(adx, &t, &acc, &prefix[i]);
        BLS_FR_MUL(adx, &acc, &acc, &a[i]);
        a[i] = t;
    }
}

void bls_fr_inv_all(bls_fr *a, bls_fr *prefix, long count) {
    BLS_FR_CHOOSE(inv_all_loop, a, prefix, count);
}

BLS_INLINE void mul_each_loop(
    bls_fr *r, const bls_fr *a, const bls_fr *b, long count, int adx) {
    for (long i = 0; i < count; i++) BLS_FR_MUL(adx, &r[i], &a[i], &b[i]);
}

void bls_fr_mul_each(bls_fr *r, const bls_fr *a, const bls_fr *b, long count) {
    BLS_FR_CHOOSE(mul_each_loop, r, a, b, count);
}

BLS_INLINE void scale_each_loop(
    bls_fr *r, const bls_fr *factor, long count, int adx) {
    bls_fr f = *factor;
    for (long i = 0; i < count; i++) BLS_FR_MUL(adx, &r[i], &r[i], &f);
}

void bls_fr_scale_each(bls_fr *r, const bls_fr *factor, long count) {
    BLS_FR_CHOOSE(scale_each_loop, r, factor, count);
}

void bls_fr_add_each(bls_fr *r, const bls_fr *a, const bls_fr *b, long count) {
    for (long i = 0; i < count; i++) bls_fr_add(&r[i], &a[i], &b[i]);
}

void bls_fr_sub_each(bls_fr *r, const bls_fr *a, const bls_fr *b, long count) {
    for (long i = 0; i < count; i++) bls_fr_sub(&r[i], &a[i], &b[i]);
}

BLS_INLINE void powers_loop(
    bls_fr *r, const bls_fr *start, const bls_fr *ratio, long count, int adx) {
    bls_fr t = *start, f = *ratio;
    for (long i = 0; i < count; i++) {
        r[i] = t;
        BLS_FR_MUL(adx, &t, &t, &f);
    }
}

void bls_fr_powers(bls_fr *r, const bls_fr *start, const bls_fr *ratio, long count) {
    BLS_FR_CHOOSE(powers_loop, r, start, ratio, count);
}

BLS_INLINE void add_scaled_loop(
    bls_fr *r, const bls_fr *a, const bls_fr *factor, long count, int adx) {
    bls_fr f = *factor;
    for (long i = 0; i < count; i++) {
        bls_fr t;
        BLS_FR_MUL(adx, &t, &a[i], &f);
        bls_fr_add(&r[i], &r[i], &t);
    }
}

void bls_fr_add_scaled(bls_fr *r, const bls_fr *a, const bls_fr *factor, long count) {
    BLS_FR_CHOOSE(add_scaled_loop, r, a, factor, count);
}

BLS_INLINE void dot_loop(
    bls_fr *r, const bls_fr *a, const bls_fr *b, long count, int adx) {
    bls_fr sum = {{0, 0, 0, 0}};
    for (long i = 0; i < count; i++) {
        bls_fr t;
        BLS_FR_MUL(adx, &t, &a[i], &b[i]);
        bls_fr_add(&sum, &sum, &t);
    }
    *r = sum;
}

void bls_fr_dot(bls_fr *r, const bls_fr *a, const bls_fr *b, long count) {
    BLS_FR_CHOOSE(dot_loop, r, a, b, count);
}
