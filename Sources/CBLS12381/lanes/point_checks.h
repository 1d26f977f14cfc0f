// Points from their compressed encodings: square roots and the check of the subgroup.
#pragma once

#include "scalar_mul.h"

// r = a^((p + 1) / 4): a square root of a, if there is one. A window of five bits slides over the
// exponent; its odd powers are made first. r is not a.
static LANES_NOINLINE void fp8_root_candidate(fp8 *r, const fp8 *a, long n) {
    static const uint64_t exponent[6] = {0xee7fbfffffffeaabULL, 0x07aaffffac54ffffULL,
                                         0xd9cc34a83dac3d89ULL, 0xd91dd2e13ce144afULL,
                                         0x92c6e9ed90d2eb35ULL, 0x0680447a8e5ff9a6ULL};
    fp8 odd[16][LANES_WIDE], square[LANES_WIDE];
    fp8_sqr_each(square, a, n);
    LANES_VECTORS odd[0][i] = a[i];
    for (int k = 1; k < 16; k++) fp8_mul_each(odd[k], odd[k - 1], square, n);
    int started = 0;
    for (int bit = 378; bit >= 0;) {
        if (!(exponent[bit >> 6] >> (bit & 63) & 1)) {
            fp8_sqr_each(r, r, n);
            bit--;
            continue;
        }
        int low = bit - 4 < 0 ? 0 : bit - 4;
        while (!(exponent[low >> 6] >> (low & 63) & 1)) low++;
        unsigned digit = 0;
        for (int k = bit; k >= low; k--) {
            digit = digit << 1 | (unsigned)(exponent[k >> 6] >> (k & 63) & 1);
            if (started) fp8_sqr_each(r, r, n);
        }
        if (started) {
            fp8_mul_each(r, r, odd[digit >> 1], n);
        } else {
            LANES_VECTORS r[i] = odd[digit >> 1][i];
            started = 1;
        }
        bit = low - 1;
    }
}

// The lanes in the subgroup: where u^2 a = (beta^2 x, -y), as in bls_g1_is_in_subgroup.
static void lanes_subgroup(lanes_mask *in, const aff8 *a, const lanes_mask *infinite, long n) {
    jac8 once, twice;
    jac8_mul_u_affine(&once, a, infinite, n);
    jac8_mul_u(&twice, &once, n);
    LANES_VECTORS {
        fp8 zz = fp8_sqr(twice.z[i]);
        fp8 x = fp8_mul(fp8_mul(a->x[i], fp8_beta2()), zz);
        lanes_mask same_x = fp8_is_zero(fp8_sub(twice.x[i], x, 3));
        fp8 y = fp8_mul(a->y[i], fp8_mul(zz, twice.z[i]));
        lanes_mask opposite_y = fp8_is_zero(fp8_add(twice.y[i], y));
        in[i] = (lanes_mask)((same_x & opposite_y & ~twice.infinite[i]) | infinite[i]);
    }
}

// Whether the plain integer is above (p - 1) / 2.
static lanes_mask fp8_is_large(fp8 a) {
    fp8 plain_one = fp8_zero();
    plain_one.l[0] = lanes_all(1);
    fp8 plain = fp8_canonical(fp8_mul(a, plain_one));
    lanes_v borrow = lanes_zero();
    fp8 half = fp8_half();
    LANES_UNROLL for (int k = 0; k < 8; k++) {
        borrow = lanes_sra(lanes_add(lanes_sub(half.l[k], plain.l[k]), borrow), 52);
    }
    return lanes_negative(borrow);
}

// Flags and the integer of one encoding; x of infinite and of wrong ones is 0.
static int lanes_parse_point(bls_fp *x, int *infinite, int *large, const uint8_t *bytes) {
    uint8_t flags = bytes[0] & 0xe0;
    *x = (bls_fp){{0}};
    *infinite = 0;
    *large = (flags & 0x20) != 0;
    if (!(flags & 0x80)) return bls_point_bad_flags;
    if (flags & 0x40) {
        uint8_t rest = bytes[0] & 0x3f;
        for (int i = 1; i < 48; i++) rest |= bytes[i];
        *infinite = 1;
        return rest != 0 ? bls_point_bad_flags : bls_point_ok;
    }
    static const bls_fp p = BLS_FP_MODULUS;
    bls_fp t;
    uint64_t borrow = 0;
    for (int i = 0; i < 6; i++) {
        uint64_t w = 0;
        for (int k = 0; k < 8; k++) {
            uint8_t byte = bytes[8 * (5 - i) + k];
            w = w << 8 | (i == 5 && k == 0 ? byte & 0x1f : byte);
        }
        t.l[i] = w;
        (void)bls_sbb(w, p.l[i], &borrow);
    }
    if (!borrow) return bls_point_not_canonical;
    *x = t;
    return bls_point_ok;
}

// As bls_g1_decompress_each.
static long lanes_decompress(
    bls_g1_affine *out, const uint8_t *bytes, int check_subgroup, long count, int *error) {
    bls_g1_affine spare;
    for (long first = 0; first < count; first += LANES_MUL_WALK) {
        long some = count - first < LANES_MUL_WALK ? count - first : LANES_MUL_WALK;
        long n = (some + 7) / 8;
        bls_fp words[LANES_MUL_WALK];
        int errors[LANES_MUL_WALK], none[LANES_MUL_WALK], large[LANES_MUL_WALK];
        for (long i = 0; i < 8 * n; i++) {
            const uint8_t *from = bytes + 48 * (first + (i < some ? i : 0));
            errors[i] = lanes_parse_point(&words[i], &none[i], &large[i], from);
        }
        aff8 a;
        fp8 square[LANES_WIDE];
        lanes_mask infinite[LANES_WIDE], in[LANES_WIDE];
        LANES_VECTORS {
            const bls_fp *from[8];
            for (int k = 0; k < 8; k++) from[k] = &words[8 * i + k];
            a.x[i] = fp8_mul(fp8_gather_words(from), fp8_plain_enter());
            square[i] = fp8_add(fp8_mul(fp8_sqr(a.x[i]), a.x[i]), fp8_four());
        }
        fp8_root_candidate(a.y, square, n);
        LANES_VECTORS {
            fp8 rest = fp8_sub(fp8_sqr(a.y[i]), square[i], 4);
            lanes_mask root = fp8_is_zero(rest), is_large = fp8_is_large(a.y[i]), wanted = 0;
            infinite[i] = 0;
            for (int k = 0; k < 8; k++) {
                long place = 8 * i + k;
                wanted |= (lanes_mask)(large[place] << k);
                infinite[i] |= (lanes_mask)(none[place] << k);
                if (errors[place] == bls_point_ok && !none[place] && !(root >> k & 1)) {
                    errors[place] = bls_point_not_on_curve;
                }
            }
            fp8 negative = fp8_sub(fp8_zero(), a.y[i], 4);
            a.y[i] = fp8_blend((lanes_mask)(is_large ^ wanted), a.y[i], negative);
            a.x[i] = fp8_blend(infinite[i], a.x[i], fp8_zero());
            a.y[i] = fp8_blend(infinite[i], a.y[i], fp8_zero());
            in[i] = 0xff;
        }
        if (check_subgroup) lanes_subgroup(in, &a, infinite, n);
        LANES_VECTORS {
            bls_g1_affine *to[8];
            for (long k = 0; k < 8; k++) {
                to[k] = 8 * i + k < some ? &out[first + 8 * i + k] : &spare;
            }
            aff8_scatter(to, a.x[i], a.y[i]);
        }
        for (long i = 0; i < some; i++) {
            if (errors[i] == bls_point_ok && !(in[i / 8] >> (i & 7) & 1)) {
                errors[i] = bls_point_not_in_subgroup;
            }
            if (errors[i] != bls_point_ok) {
                *error = errors[i];
                return first + i;
            }
        }
    }
    *error = bls_point_ok;
    return count;
}
