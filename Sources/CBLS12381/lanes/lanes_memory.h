// Between arrays of elements, as the portable kernels keep them, and lanes.
#pragma once

#include "fr8.h"

#include "bls_fp.h"
#include "bls_fr.h"

// Eight elements in a row: words[k] gets word k of all of them.
LANES_HOT void fr8_load_words(lanes_v words[4], const bls_fr *a) {
    static const uint64_t low[8] = {0, 4, 8, 12, 1, 5, 9, 13};
    static const uint64_t high[8] = {2, 6, 10, 14, 3, 7, 11, 15};
    static const uint64_t first[8] = {0, 1, 2, 3, 8, 9, 10, 11};
    static const uint64_t second[8] = {4, 5, 6, 7, 12, 13, 14, 15};
    const uint64_t *p = a->l;
    lanes_v z0 = lanes_load(p), z1 = lanes_load(p + 8);
    lanes_v z2 = lanes_load(p + 16), z3 = lanes_load(p + 24);
    lanes_v i = lanes_load(low), j = lanes_load(high);
    lanes_v a0 = lanes_permute2(i, z0, z1), a1 = lanes_permute2(i, z2, z3);
    lanes_v b0 = lanes_permute2(j, z0, z1), b1 = lanes_permute2(j, z2, z3);
    i = lanes_load(first);
    j = lanes_load(second);
    words[0] = lanes_permute2(i, a0, a1);
    words[1] = lanes_permute2(j, a0, a1);
    words[2] = lanes_permute2(i, b0, b1);
    words[3] = lanes_permute2(j, b0, b1);
}

LANES_HOT void fr8_store_words(bls_fr *target, const lanes_v words[4]) {
    // Words 0 and 1, then 2 and 3, in pairs; then the pairs of each element together.
    static const uint64_t even[8] = {0, 1, 8, 9, 2, 3, 10, 11};
    static const uint64_t odd[8] = {4, 5, 12, 13, 6, 7, 14, 15};
    lanes_v i = lanes_load(even), j = lanes_load(odd);
    // Pairs of elements 0, 2, 4, 6 and of 1, 3, 5, 7.
    lanes_v a = lanes_interleave_low(words[0], words[1]);
    lanes_v b = lanes_interleave_high(words[0], words[1]);
    lanes_v c = lanes_interleave_low(words[2], words[3]);
    lanes_v d = lanes_interleave_high(words[2], words[3]);
    static const uint64_t join_low[8] = {0, 1, 2, 3, 8, 9, 10, 11};
    static const uint64_t join_high[8] = {4, 5, 6, 7, 12, 13, 14, 15};
    lanes_v e02 = lanes_permute2(i, a, c), e46 = lanes_permute2(j, a, c);
    lanes_v e13 = lanes_permute2(i, b, d), e57 = lanes_permute2(j, b, d);
    i = lanes_load(join_low);
    j = lanes_load(join_high);
    uint64_t *p = target->l;
    lanes_store(p, lanes_permute2(i, e02, e13));
    lanes_store(p + 8, lanes_permute2(j, e02, e13));
    lanes_store(p + 16, lanes_permute2(i, e46, e57));
    lanes_store(p + 24, lanes_permute2(j, e46, e57));
}

// Six words of 64 bits to and from eight limbs of 52.
LANES_HOT fp8 fp8_from_words(const lanes_v w[6]) {
    const lanes_v mask = lanes_all(LANES_MASK52);
    fp8 r;
    r.l[0] = lanes_and(w[0], mask);
    r.l[1] = lanes_and(lanes_or(lanes_srl(w[0], 52), lanes_sll(w[1], 12)), mask);
    r.l[2] = lanes_and(lanes_or(lanes_srl(w[1], 40), lanes_sll(w[2], 24)), mask);
    r.l[3] = lanes_and(lanes_or(lanes_srl(w[2], 28), lanes_sll(w[3], 36)), mask);
    r.l[4] = lanes_and(lanes_or(lanes_srl(w[3], 16), lanes_sll(w[4], 48)), mask);
    r.l[5] = lanes_and(lanes_srl(w[4], 4), mask);
    r.l[6] = lanes_and(lanes_or(lanes_srl(w[4], 56), lanes_sll(w[5], 8)), mask);
    r.l[7] = lanes_srl(w[5], 44);
    return r;
}
// From normal limbs of a value below 2^384.
LANES_HOT void fp8_to_words(lanes_v w[6], const fp8 *a) {
    w[0] = lanes_or(a->l[0], lanes_sll(a->l[1], 52));
    w[1] = lanes_or(lanes_srl(a->l[1], 12), lanes_sll(a->l[2], 40));
    w[2] = lanes_or(lanes_srl(a->l[2], 24), lanes_sll(a->l[3], 28));
    w[3] = lanes_or(lanes_srl(a->l[3], 36), lanes_sll(a->l[4], 16));
    w[4] = lanes_or(
        lanes_or(lanes_srl(a->l[4], 48), lanes_sll(a->l[5], 4)), lanes_sll(a->l[6], 56));
    w[5] = lanes_or(lanes_srl(a->l[6], 8), lanes_sll(a->l[7], 44));
}

// The plain limbs of eight elements anywhere in memory, as the kernels of 64 bits keep them.
LANES_HOT fp8 fp8_gather_words(const bls_fp *const from[8]) {
    lanes_v w[8];
    LANES_UNROLL for (int i = 0; i < 8; i++) w[i] = lanes_load6(from[i]->l);
    lanes_transpose(w);
    return fp8_from_words(w);
}

// Eight elements from their portable form and to it: one multiplication. The first gives less than
// 3 p, the second takes any factor.
static LANES_NOINLINE fp8 fp8_gather(const bls_fp *const from[8]) {
    return fp8_mul(fp8_gather_words(from), fp8_enter());
}
static LANES_NOINLINE void fp8_scatter(bls_fp *const to[8], fp8 a) {
    a = fp8_canonical(fp8_mul(a, fp8_leave()));
    lanes_v w[8];
    fp8_to_words(w, &a);
    w[6] = w[7] = lanes_zero();
    lanes_transpose(w);
    LANES_UNROLL for (int i = 0; i < 8; i++) lanes_store6(to[i]->l, w[i]);
}

// Eight elements kept as limbs in a row each (64 bytes): a transposition.
LANES_HOT fp8 fp8_load_rows(const uint64_t *const rows[8]) {
    fp8 r;
    LANES_UNROLL for (int i = 0; i < 8; i++) r.l[i] = lanes_load(rows[i]);
    lanes_transpose(r.l);
    return r;
}
LANES_HOT void fp8_store_rows(uint64_t *const rows[8], fp8 a) {
    lanes_transpose(a.l);
    LANES_UNROLL for (int i = 0; i < 8; i++) lanes_store(rows[i], a.l[i]);
}

// One lane, in the portable form.
static inline bls_fp fp8_lane(const fp8 *a, int lane) {
    bls_fp out[8];
    bls_fp *to[8];
    for (int i = 0; i < 8; i++) to[i] = &out[i];
    fp8_scatter(to, *a);
    return out[lane];
}
