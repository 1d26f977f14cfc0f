// Sums of many points. All additions are affine, in batches that share one inversion: five
// multiplications and a squaring each. Equal, opposite and infinite operands are right everywhere.
#pragma once

#include "bls_g1.h"

// One addition of a batch: *r = *a + *b. A result must not be another addition's operand or result.
typedef struct {
    const bls_g1_affine *a, *b;
    bls_g1_affine *r;
    // Negate a, negate b first.
    uint8_t negative_a, negative_b;
    // For the kernel's own use.
    uint8_t kind;
} bls_g1_addition;

// What a batch needs for each addition.
typedef struct {
    bls_fp denominator, prefix;
} bls_g1_addition_scratch;

void bls_g1_add_batch(bls_g1_addition *additions, bls_g1_addition_scratch *scratch, long count);

// The alignment of tables of points and of working memory: a point at a multiple of 32 bytes lies in
// two cache lines, elsewhere often in three.
#define BLS_ALIGNMENT 64

// Tells the system that memory is read at random, so that it may use large pages.
void bls_advise_random_access(void *memory, long byte_count);

// Working memory of the sums below: some hundred kilobytes, so on the heap, once per thread.
typedef struct bls_sum_scratch bls_sum_scratch;
long bls_sum_scratch_size(void);

// The most additions that a batch has.
#define BLS_SUM_SLOTS 1024

// out[k] = the sum of run k, for each of count runs: the entries from offsets[k] on, up to
// offsets[k + 1]. An entry is twice the index of a point, plus 1 for its negative.
void bls_g1_sum_runs(
    bls_g1_affine *out, const bls_g1_affine *points, const uint32_t *entries,
    const uint32_t *offsets, long count, bls_sum_scratch *scratch);

// out[s] = the sum of (b + 1) * buckets[s * count + b] over b, for each of sets sets. Destroys the
// buckets. count is a power of two; sets * 2^segments_log is at most BLS_SUM_SLOTS / 2.
void bls_g1_weigh_buckets(
    bls_g1 *out, bls_g1_affine *buckets, long sets, long count, int segments_log,
    bls_sum_scratch *scratch);

// Signed digits of width bits, least significant first: the digits of scalar i (words 64-bit words
// from scalars + i * words on) are digits[w * stride + i], in -2^(width-1) ... 2^(width-1).
// negative, if not null, holds a byte for each scalar: then its digits are negated. The scalars have
// to be below 2^(windows * width - 1).
void bls_signed_digits(
    int16_t *digits, const uint64_t *scalars, long words, const uint8_t *negative, long count,
    long stride, int width, int windows);

// Sorts entries by bucket. Digit d != 0 at place i of count goes to the bucket |d| - 1, as the
// entry 2 * (first + i) + (d < 0). offsets has buckets + 1 elements, of which the first is the
// position of the first entry, and the others are set. Returns the position after the last.
uint32_t bls_sort_digits(
    uint32_t *entries, uint32_t *offsets, const int16_t *digits, long count, uint32_t first,
    long buckets);

// Scalars from the field's form to plain words.
void bls_fr_to_words_each(uint64_t *out, const bls_fr *a, long count);

// Splits each scalar as bls_glv_split: out[2i], out[2i + 1] are the halves of scalar i, two words
// each, and negative[2i], negative[2i + 1] their signs.
void bls_glv_split_each(uint64_t *out, uint8_t *negative, const uint64_t *scalars, long count);

// out[2i] = points[i], out[2i + 1] = lambda * points[i].
void bls_g1_endomorphism_each(bls_g1_affine *out, const bls_g1_affine *points, long count);

// r[i] = 2^times * a[i].
void bls_g1_double_each(bls_g1 *r, const bls_g1_affine *a, int times, long count);
