// What a back end of the lane kernels offers: the functions of CBLS12381Lanes.h, without checks.
#pragma once

#include "lane_sums.h"

// Field operations on eight elements, limbs in rows: for tests.
typedef enum {
    lanes_fp_mul, lanes_fp_sqr, lanes_fp_mul2, lanes_fp_add, lanes_fp_sub, lanes_fp_weak,
    lanes_fp_weak8, lanes_fp_canonical, lanes_fp_invert, lanes_fr_mul, lanes_fr_sqr, lanes_fr_mul2,
    lanes_fr_add, lanes_fr_sub, lanes_fr_weak, lanes_fr_canonical, lanes_fr_sixteenth,
} lanes_operation;

typedef struct {
    void (*operate)(int operation, uint64_t *out, const uint64_t *in);
    void (*rows_from_points)(uint64_t *, const bls_g1_affine *, long);
    void (*rows_to_points)(bls_g1_affine *, const uint64_t *, long);
    void (*sum_runs)(
        uint64_t *, const uint64_t *, const uint32_t *, const uint32_t *, long, int,
        bls_lane_scratch *);
    void (*weigh_lines)(
        uint64_t *, uint64_t *, const uint64_t *, uint32_t *, long, int, bls_lane_scratch *);
    void (*combine_bits)(bls_g1 *, const uint64_t *, long, int);
    void (*endomorphism)(uint64_t *, const uint64_t *, long);
    void (*double_rows)(uint64_t *, const uint64_t *, int, long);
    void (*butterflies)(
        bls_g1_affine *, const uint32_t *, const uint32_t *, long, bls_lane_scratch *);
    void (*mul)(
        bls_g1_affine *, const uint32_t *, const bls_glv_recoded *, const uint32_t *, long,
        bls_lane_scratch *);
    void (*mul_fourth_root)(
        bls_g1_affine *, const uint32_t *, int, long, bls_lane_scratch *);
    void (*fr_transform)(bls_fr *, int, long, const bls_fr *, int);
    void (*fr_transform_columns)(bls_fr *, int, long, const bls_fr *, long, long, int);
    void (*fr_to_words)(uint64_t *, const bls_fr *, long);
    void (*fr_mul_each)(bls_fr *, const bls_fr *, const bls_fr *, long);
    long (*decompress)(bls_g1_affine *, const uint8_t *, int, long, int *);
} lanes_backend;

extern const lanes_backend bls_lanes_backend_avx512;
extern const lanes_backend bls_lanes_backend_emulated;
