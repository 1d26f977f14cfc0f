// Multiplication of points by scalars, and the endomorphism that halves its length.
#include "bls_g1.h"

// The cube root of 1 in the base field that belongs to lambda = u^2 - 1: (x, y) -> (b x, y)
// multiplies by lambda. Its square is the other one.
static const bls_fp beta = {{0xcd03c9e48671f071ULL, 0x5dab22461fcda5d2ULL, 0x587042afd3851b95ULL,
                             0x8eb60ebe01bacb9eULL, 0x03f97d6e83d050d2ULL, 0x18f0206554638741ULL}};
static const bls_fp beta2 = {{0x30f1361b798a64e8ULL, 0xf3b8ddab7ece5a2aULL, 0x16a8ca3ac61577f7ULL,
                              0xc26a2ff874fd029bULL, 0x3636b76660701c6eULL,
                              0x051ba4ab241b6160ULL}};

void bls_g1_endomorphism(bls_g1_affine *r, const bls_g1_affine *a) {
    bls_fp_mul(&r->x, &a->x, &beta);
    r->y = a->y;
}

// r = |u| * a, with |u| = 0xd201000000010000: bits 63, 62, 60, 57, 48 and 16.
static void mul_u(bls_g1 *r, const bls_g1 *a) {
    static const uint8_t doublings[6] = {1, 2, 3, 9, 32, 16};
    bls_g1 t = *a;
    for (int i = 0; i < 6; i++) {
        for (int k = 0; k < doublings[i]; k++) bls_g1_dbl(&t, &t);
        if (i < 5) bls_g1_add(&t, &t, a);
    }
    *r = t;
}

static void mul_u_affine(bls_g1 *r, const bls_g1_affine *a) {
    static const uint8_t doublings[6] = {1, 2, 3, 9, 32, 16};
    bls_g1 t;
    bls_g1_from_affine(&t, a);
    for (int i = 0; i < 6; i++) {
        for (int k = 0; k < doublings[i]; k++) bls_g1_dbl(&t, &t);
        if (i < 5) bls_g1_add_affine(&t, &t, a);
    }
    *r = t;
}

int bls_g1_is_in_subgroup(const bls_g1_affine *a) {
    if (bls_g1_affine_is_infinity(a)) return 1;
    // lambda a = (beta x, y), so (lambda + 1) a = u^2 a has to be minus lambda^2 a, which is
    // (beta^2 x, -y), since 1 + lambda + lambda^2 = 0.
    bls_g1 t;
    mul_u_affine(&t, a);
    mul_u(&t, &t);
    if (bls_g1_is_infinity(&t)) return 0;
    bls_fp zz, s;
    bls_fp_sqr(&zz, &t.z);
    bls_fp_mul(&s, &a->x, &beta2);
    bls_fp_mul(&s, &s, &zz);
    if (!bls_fp_equal(&s, &t.x)) return 0;
    bls_fp_mul(&zz, &zz, &t.z);
    bls_fp_mul(&s, &a->y, &zz);
    bls_fp_neg(&s, &s);
    return bls_fp_equal(&s, &t.y);
}

void bls_g1_mul_fourth_root(bls_g1 *r, const bls_g1_affine *a, int inverse) {
    // The root is |u|^3 = |u| * u^2, and u^2 a = (lambda + 1) a = -lambda^2 a = (beta^2 x, -y).
    if (bls_g1_affine_is_infinity(a)) {
        *r = (bls_g1){0};
        return;
    }
    bls_g1_affine t;
    bls_fp_mul(&t.x, &a->x, &beta2);
    if (inverse) {
        t.y = a->y;
    } else {
        bls_fp_neg(&t.y, &a->y);
    }
    mul_u_affine(r, &t);
}

void bls_glv_split(bls_glv *out, const uint64_t scalar[4]) {
    // Babai's rounding in the lattice of (k1, k2) with k1 + k2 * lambda = 0 mod r, spanned by
    // (lambda, -1) and (1, lambda + 1): scalar is c1 and c2 times these plus a short rest, with
    // c1 = round(scalar * (lambda + 1) / r) and c2 = round(scalar / r).
    static const uint64_t factor[3] = {0x1c4fa4d39345fbd2ULL, 0xb1fb72917b67f718ULL,
                                       0xbe35f678f00fd56eULL};
    static const uint64_t lambda[2] = {0x00000000ffffffffULL, 0xac45a4010001a402ULL};
    static const uint64_t half[4] = {0x7fffffff80000000ULL, 0xa9ded2017fff2dffULL,
                                     0x199cec0404d0ec02ULL, 0x39f6d3a994cebea4ULL};
    uint64_t product[7] = {0};
    for (int i = 0; i < 4; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < 3; j++) {
            product[i + j] = bls_mac(product[i + j], scalar[i], factor[j], &carry);
        }
        product[i + 3] = carry;
    }
    // c1 = (product + 2^318) >> 319.
    uint64_t carry = 0;
    product[4] = bls_adc(product[4], 1ULL << 62, &carry);
    product[5] = bls_adc(product[5], 0, &carry);
    product[6] += carry;
    uint64_t c1[2] = {product[4] >> 63 | product[5] << 1, product[5] >> 63 | product[6] << 1};
    uint64_t borrow = 0;
    for (int i = 0; i < 4; i++) (void)bls_sbb(half[i], scalar[i], &borrow);
    uint64_t c2 = borrow;

    // k1 = scalar - c1 * lambda - c2, of which two words and a sign matter.
    uint64_t t[3] = {0, 0, 0};
    carry = 0;
    t[0] = bls_mac(0, c1[0], lambda[0], &carry);
    t[1] = bls_mac(0, c1[0], lambda[1], &carry);
    t[2] = carry;
    carry = 0;
    t[1] = bls_mac(t[1], c1[1], lambda[0], &carry);
    t[2] += carry + c1[1] * lambda[1];
    borrow = 0;
    uint64_t k0 = bls_sbb(scalar[0], t[0], &borrow);
    uint64_t k1 = bls_sbb(scalar[1], t[1], &borrow);
    uint64_t k2 = bls_sbb(scalar[2], t[2], &borrow);
    borrow = 0;
    k0 = bls_sbb(k0, c2, &borrow);
    k1 = bls_sbb(k1, 0, &borrow);
    k2 = bls_sbb(k2, 0, &borrow);
    out->negative[0] = (int)(k2 >> 63);
    if (out->negative[0]) {
        borrow = 0;
        k0 = bls_sbb(0, k0, &borrow);
        k1 = bls_sbb(0, k1, &borrow);
    }
    out->k[0][0] = k0;
    out->k[0][1] = k1;

    // k2 = c1 - c2 * (lambda + 1).
    borrow = 0;
    uint64_t mask = 0 - c2;
    k0 = bls_sbb(c1[0], (lambda[0] + 1) & mask, &borrow);
    k1 = bls_sbb(c1[1], lambda[1] & mask, &borrow);
    out->negative[1] = (int)borrow;
    if (borrow) {
        borrow = 0;
        k0 = bls_sbb(0, k0, &borrow);
        k1 = bls_sbb(0, k1, &borrow);
    }
    out->k[1][0] = k0;
    out->k[1][1] = k1;
}

// Odd digits in -15 ... 15, any two of which are at least five places apart. Returns one more than
// the place of the highest.
static int recode_half(int8_t *digits, const uint64_t k[2], int negative) {
    uint64_t low = k[0], high = k[1];
    int count = 0;
    for (int i = 0; i < BLS_GLV_DIGITS; i++) {
        int digit = 0;
        if (low & 1) {
            digit = (int)(low & 31);
            if (digit > 16) digit -= 32;
            uint64_t carry = 0;
            // The digit's value goes; k is below 2^127, so that the sum fits.
            if (digit > 0) {
                low = bls_sbb(low, (uint64_t)digit, &carry);
                high -= carry;
            } else {
                low = bls_adc(low, (uint64_t)-digit, &carry);
                high += carry;
            }
            count = i + 1;
        }
        digits[i] = (int8_t)(negative ? -digit : digit);
        low = low >> 1 | high << 63;
        high >>= 1;
    }
    return count;
}

void bls_glv_recode(bls_glv_recoded *out, const uint64_t scalar[4]) {
    bls_glv halves;
    bls_glv_split(&halves, scalar);
    int first = recode_half(out->digit[0], halves.k[0], halves.negative[0]);
    int second = recode_half(out->digit[1], halves.k[1], halves.negative[1]);
    out->count = (uint8_t)(first > second ? first : second);
}

static inline void add_digit(bls_g1 *t, const bls_g1_affine *odd, int digit) {
    if (digit > 0) {
        bls_g1_add_affine(t, t, &odd[digit >> 1]);
    } else {
        bls_g1_sub_affine(t, t, &odd[-digit >> 1]);
    }
}

void bls_g1_mul_table(bls_g1 *r, const bls_g1_affine odd[16], const bls_glv_recoded *scalar) {
    bls_g1 t = {0};
    for (int i = scalar->count - 1; i >= 0; i--) {
        bls_g1_dbl(&t, &t);
        if (scalar->digit[0][i]) add_digit(&t, odd, scalar->digit[0][i]);
        if (scalar->digit[1][i]) add_digit(&t, odd + 8, scalar->digit[1][i]);
    }
    *r = t;
}

void bls_g1_mul(bls_g1 *r, const bls_g1 *a, const uint64_t scalar[4]) {
    if (bls_g1_is_infinity(a)) {
        *r = (bls_g1){0};
        return;
    }
    bls_glv_recoded recoded;
    bls_glv_recode(&recoded, scalar);
    bls_g1 odd[8], twice;
    bls_fp scratch[8];
    bls_g1_affine table[16];
    bls_g1_dbl(&twice, a);
    odd[0] = *a;
    for (int i = 1; i < 8; i++) bls_g1_add(&odd[i], &odd[i - 1], &twice);
    bls_g1_normalize(table, odd, scratch, 8);
    for (int i = 0; i < 8; i++) bls_g1_endomorphism(&table[8 + i], &table[i]);
    bls_g1_mul_table(r, table, &recoded);
}
