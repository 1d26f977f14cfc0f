// All lane kernels, and the table of those that are called from outside. Included once by each of
// the two files that choose a back end.
#include "fr_transform.h"
#include "lanes_backend.h"
#include "point_checks.h"

static void lanes_operate(int operation, uint64_t *out, const uint64_t *in) {
    if (operation < lanes_fr_mul) {
        fp8 a = fp8_load(in), b = fp8_load(in + 64), c = fp8_load(in + 128);
        fp8 d = fp8_load(in + 192), r = fp8_zero();
        switch (operation) {
            case lanes_fp_mul: r = fp8_mul(a, b); break;
            case lanes_fp_sqr: r = fp8_sqr(a); break;
            case lanes_fp_mul2: fp8_mul2_each(&r, &a, &b, &c, &d, 1); break;
            case lanes_fp_add: r = fp8_add(a, b); break;
            case lanes_fp_sub: r = fp8_sub(a, b, 64); break;
            case lanes_fp_weak: r = fp8_weak(a); break;
            case lanes_fp_weak8: r = fp8_weak8(a); break;
            case lanes_fp_canonical: r = fp8_canonical(a); break;
            default: r = fp8_invert(a); break;
        }
        fp8_store(out, &r);
        return;
    }
    fr8 v[4], r;
    for (int i = 0; i < 4; i++) {
        for (int k = 0; k < 5; k++) v[i].l[k] = lanes_load(in + 64 * i + 8 * k);
    }
    switch (operation) {
        case lanes_fr_mul: r = fr8_mul(v[0], v[1]); break;
        case lanes_fr_sqr: r = fr8_sqr(v[0]); break;
        case lanes_fr_mul2: r = fr8_mul2(v[0], v[1], v[2], v[3]); break;
        case lanes_fr_add: r = fr8_add(v[0], v[1]); break;
        case lanes_fr_sub: r = fr8_sub(v[0], v[1], 4); break;
        case lanes_fr_weak: r = fr8_weak(v[0]); break;
        case lanes_fr_canonical: r = fr8_reduce_once(fr8_weak(v[0])); break;
        default: r = fr8_sixteenth(v[0]); break;
    }
    for (int k = 0; k < 5; k++) lanes_store(out + 8 * k, r.l[k]);
}

#define LANES_BACKEND                                                                    \
    {                                                                                    \
        .operate = lanes_operate,                                                        \
        .rows_from_points = lanes_rows_from_points,                                      \
        .rows_to_points = lanes_rows_to_points,                                          \
        .sum_runs = lanes_sum_runs,                                                      \
        .weigh_lines = lanes_weigh_lines,                                                \
        .combine_bits = lanes_combine_bits,                                              \
        .endomorphism = lanes_endomorphism,                                              \
        .double_rows = lanes_double_rows,                                                \
        .butterflies = lanes_butterflies,                                                \
        .mul = lanes_mul,                                                                \
        .mul_fourth_root = lanes_mul_fourth_root,                                        \
        .fr_transform = lanes_fr_transform,                                              \
        .fr_transform_columns = lanes_fr_transform_columns,                              \
        .fr_to_words = lanes_fr_to_words,                                                \
        .fr_mul_each = lanes_fr_mul_each,                                                \
        .decompress = lanes_decompress,                                                  \
    }
