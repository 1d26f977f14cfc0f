// The working memory of sums and transforms of points.
#pragma once

#include "CBLS12381Lanes.h"
#include "bls_msm.h"

struct bls_sum_scratch {
    bls_g1_affine pool[BLS_SUM_SLOTS];
    bls_g1_addition additions[BLS_SUM_SLOTS];
    bls_g1_addition_scratch steps[BLS_SUM_SLOTS];
    bls_g1 products[64];
    uint32_t run_slot[BLS_SUM_SLOTS];
    uint32_t run_length[BLS_SUM_SLOTS];
};

// The lanes' part of the same memory, behind the rest.
static inline bls_lane_scratch *bls_sum_scratch_lanes(bls_sum_scratch *s) {
    return (bls_lane_scratch *)(((uintptr_t)(s + 1) + 63) & ~(uintptr_t)63);
}
