// Which pairs of numbers are points of G1, and their encoding.
#include "bls_g1.h"

#include "CBLS12381Lanes.h"

static const bls_fp four = {{0xaa270000000cfff3ULL, 0x53cc0032fc34000aULL, 0x478fe97a6b0a807fULL,
                             0xb1d37ebee6ba24d7ULL, 0x8ec9733bbf78ab2fULL, 0x09d645513d83de7eULL}};

// r = x^3 + 4.
static void curve_equation(bls_fp *r, const bls_fp *x) {
    bls_fp t;
    bls_fp_sqr(&t, x);
    bls_fp_mul(&t, &t, x);
    bls_fp_add(r, &t, &four);
}

int bls_g1_is_on_curve(const bls_g1_affine *a) {
    if (bls_g1_affine_is_infinity(a)) return 1;
    bls_fp left, right;
    bls_fp_sqr(&left, &a->y);
    curve_equation(&right, &a->x);
    return bls_fp_equal(&left, &right);
}

int bls_g1_decompress(bls_g1_affine *r, const uint8_t bytes[48]) {
    uint8_t flags = bytes[0] & 0xe0;
    if (!(flags & 0x80)) return bls_point_bad_flags;
    if (flags & 0x40) {
        uint8_t rest = bytes[0] & 0x3f;
        for (int i = 1; i < 48; i++) rest |= bytes[i];
        if (rest != 0) return bls_point_bad_flags;
        *r = (bls_g1_affine){0};
        return bls_point_ok;
    }
    uint8_t plain[48];
    for (int i = 0; i < 48; i++) plain[i] = bytes[i];
    plain[0] &= 0x1f;
    bls_fp x, y, square;
    if (!bls_fp_from_bytes(&x, plain)) return bls_point_not_canonical;
    curve_equation(&square, &x);
    if (!bls_fp_sqrt(&y, &square)) return bls_point_not_on_curve;
    if (bls_fp_is_large(&y) != ((flags & 0x20) != 0)) bls_fp_neg(&y, &y);
    r->x = x;
    r->y = y;
    return bls_point_ok;
}

void bls_g1_compress(uint8_t out[48], const bls_g1_affine *a) {
    if (bls_g1_affine_is_infinity(a)) {
        for (int i = 0; i < 48; i++) out[i] = 0;
        out[0] = 0xc0;
        return;
    }
    bls_fp_to_bytes(out, &a->x);
    out[0] |= bls_fp_is_large(&a->y) ? 0xa0 : 0x80;
}

long bls_g1_decompress_each(
    bls_g1_affine *r, const uint8_t *bytes, int check_subgroup, long count, int *error) {
    if (count >= 2 && bls_lanes_active()) {
        return bls_lane_decompress_each(r, bytes, check_subgroup, count, error);
    }
    for (long i = 0; i < count; i++) {
        *error = bls_g1_decompress(&r[i], bytes + 48 * i);
        if (*error == bls_point_ok && check_subgroup && !bls_g1_is_in_subgroup(&r[i])) {
            *error = bls_point_not_in_subgroup;
        }
        if (*error != bls_point_ok) return i;
    }
    return count;
}

void bls_g1_compress_each(uint8_t *out, const bls_g1_affine *a, long count) {
    for (long i = 0; i < count; i++) bls_g1_compress(out + 48 * i, &a[i]);
}
