// The working memory of sums and transforms of points.
#pragma once

#include "bls_msm.h"

struct bls_sum_scratch {
    bls_g1_affine pool[BLS_SUM_SLOTS];
    bls_g1_addition additions[BLS_SUM_SLOTS];
    bls_g1_addition_scratch steps[BLS_SUM_SLOTS];
    bls_g1 products[64];
    uint32_t run_slot[BLS_SUM_SLOTS];
    uint32_t run_length[BLS_SUM_SLOTS];
};
