// The steps of Fourier transforms whose coefficients and values are points of G1. Points stay affine
// between steps; each step is done for many points at once. A lane is the index of a point in a.
#pragma once

#include "bls_msm.h"

// (a[upper[i]], a[lower[i]]) = (sum, difference). No index occurs twice.
void bls_g1_butterflies(
    bls_g1_affine *a, const uint32_t *upper, const uint32_t *lower, long count,
    bls_sum_scratch *scratch);

// a[lanes[i]] *= scalars[which[i]].
void bls_g1_mul_lanes(
    bls_g1_affine *a, const uint32_t *lanes, const bls_glv_recoded *scalars, const uint32_t *which,
    long count, bls_sum_scratch *scratch);

// a[lanes[i]] *= w, or -w where inverse: the primitive fourth root of unity 7^((r - 1) / 4).
void bls_g1_mul_fourth_root_lanes(
    bls_g1_affine *a, const uint32_t *lanes, int inverse, long count, bls_sum_scratch *scratch);
