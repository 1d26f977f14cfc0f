// Kernels for eight elements at a time: see specs/kernels.md.
//
// They run on AVX-512 with IFMA. Everywhere else, and where DAMASK_KERNELS=portable asks for it,
// the portable kernels do the same work; DAMASK_KERNELS=emulated runs these in plain C, slowly and
// with every bound checked: for tests. Buffers belong to the caller. Nothing is constant-time.
#pragma once

#include "bls_g1.h"
#include "bls_msm.h"

typedef enum {
    bls_lanes_off = 0,
    bls_lanes_avx512 = 1,
    bls_lanes_emulated = 2,
} bls_lanes_kind;

// Which lanes are in use. Chosen at the first call, from the processor and DAMASK_KERNELS.
bls_lanes_kind bls_lanes_active(void);

// What the processor offers, whatever is in use: the instructions, and right results in a trial.
int bls_lanes_are_supported(void);

// Chooses the lanes: for tests, which run every kind on one machine. Asking for instructions that
// the processor lacks turns lanes off. Results are the same for all kinds, bit for bit.
void bls_lanes_use(bls_lanes_kind kind);

// MARK: Points as rows

// A point as the lanes keep it in tables: 16 words, 128 bytes, aligned to 64. All 0 where infinite.
#define BLS_LANE_ROW_WORDS 16

// rows gets count points in place after place of 16 words.
void bls_lane_rows_from_points(uint64_t *rows, const bls_g1_affine *points, long count);
void bls_lane_rows_to_points(bls_g1_affine *points, const uint64_t *rows, long count);

// MARK: Sums of many points

// Working memory of the sums: about a megabyte, aligned to 64, once per thread.
typedef struct bls_lane_scratch bls_lane_scratch;
long bls_lane_scratch_size(void);

// The lanes' part of the working memory of bls_msm.h.
bls_lane_scratch *bls_sum_scratch_for_lanes(bls_sum_scratch *scratch);

// As bls_g1_sum_runs, from rows to rows. Without check, the points that entries name are finite.
void bls_lane_sum_runs(
    uint64_t *out, const uint64_t *rows, const uint32_t *entries, const uint32_t *offsets,
    long count, int check, bls_lane_scratch *scratch);

// out[s] = the sum of (b + 1) * buckets[s * 2^log + b] over b, for each of sets sets. memory has
// room for bls_lane_weigh_words words and is aligned to 64.
long bls_lane_weigh_words(long sets, int log);
void bls_lane_weigh_buckets(
    bls_g1 *out, const uint64_t *buckets, long sets, int log, uint64_t *memory,
    bls_lane_scratch *scratch);

// MARK: Multiples, transforms and encodings

// out[i] = 2^times * rows[i], as rows. out may be rows.
void bls_lane_double_rows(uint64_t *out, const uint64_t *rows, int times, long count);

// out[2i] = rows[i], out[2i + 1] = lambda * rows[i].
void bls_lane_endomorphism(uint64_t *out, const uint64_t *rows, long count);

// As bls_g1_butterflies, bls_g1_mul_lanes and bls_g1_mul_fourth_root_lanes.
void bls_lane_butterflies(
    bls_g1_affine *a, const uint32_t *upper, const uint32_t *lower, long count,
    bls_lane_scratch *scratch);
void bls_lane_mul(
    bls_g1_affine *a, const uint32_t *index, const bls_glv_recoded *scalars,
    const uint32_t *which, long count, bls_lane_scratch *scratch);
void bls_lane_mul_fourth_root(
    bls_g1_affine *a, const uint32_t *index, int inverse, long count, bls_lane_scratch *scratch);

// As bls_g1_decompress_each.
long bls_lane_decompress_each(
    bls_g1_affine *r, const uint8_t *bytes, int check_subgroup, long count, int *error);

// MARK: Scalars

// As bls_fr_fft, or bls_fr_ifft where inverse. log is at least BLS_LANE_FFT_LOG.
#define BLS_LANE_FFT_LOG 6
void bls_lane_fr_transform(bls_fr *a, int log, long node, const bls_fr *roots, int inverse);

// As bls_fr_fft_columns, or bls_fr_ifft_columns where inverse. width is a multiple of 8.
void bls_lane_fr_transform_columns(
    bls_fr *a, int log, long node, const bls_fr *roots, long stride, long width, int inverse);

// As bls_fr_to_words_each and bls_fr_mul_each.
void bls_lane_fr_to_words(uint64_t *out, const bls_fr *a, long count);
void bls_lane_fr_mul_each(bls_fr *r, const bls_fr *a, const bls_fr *b, long count);

// MARK: For tests

// One field operation on eight elements: see lanes_operation in lanes_backend.h. in has four
// operands of 64 words, out 64 words: limb by limb, lane by lane.
void bls_lanes_operate(int operation, uint64_t *out, const uint64_t *in);
