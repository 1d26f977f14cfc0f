// Eight 64-bit integers at once: the only operations that the kernels are written in.
//
// Two back ends, chosen by the file that includes this one. LANES_AVX512 is 1 for the instructions
// themselves, 0 for an exact emulation in plain C. The emulation also checks what the instructions
// silently assume: a factor has no more than 52 bits, and no sum runs over 64. So kernels that pass
// their tests under emulation keep their bounds on the hardware too, being the same lines.
#pragma once

#include "bls_word.h"

#ifndef LANES_AVX512
#error "choose the back end"
#endif

#define LANES_MASK52 0xfffffffffffffULL
#define LANES_UNROLL _Pragma("clang loop unroll(full)")
#define LANES_NOINLINE __attribute__((noinline))

#if LANES_AVX512

#include <immintrin.h>

typedef __m512i lanes_v;
typedef __mmask8 lanes_mask;

#define LANES_ASSERT(condition) ((void)0)

BLS_INLINE lanes_v lanes_zero(void) { return _mm512_setzero_si512(); }
BLS_INLINE lanes_v lanes_all(uint64_t x) { return _mm512_set1_epi64((long long)x); }
BLS_INLINE lanes_v lanes_load(const uint64_t *p) { return _mm512_loadu_si512(p); }
BLS_INLINE void lanes_store(uint64_t *p, lanes_v a) { _mm512_storeu_si512(p, a); }

// Six words; the rest is 0, and no other memory is touched.
BLS_INLINE lanes_v lanes_load6(const uint64_t *p) { return _mm512_maskz_loadu_epi64(0x3f, p); }
BLS_INLINE void lanes_store6(uint64_t *p, lanes_v a) { _mm512_mask_storeu_epi64(p, 0x3f, a); }

BLS_INLINE lanes_v lanes_add(lanes_v a, lanes_v b) { return _mm512_add_epi64(a, b); }
BLS_INLINE lanes_v lanes_sub(lanes_v a, lanes_v b) { return _mm512_sub_epi64(a, b); }
BLS_INLINE lanes_v lanes_and(lanes_v a, lanes_v b) { return _mm512_and_si512(a, b); }
BLS_INLINE lanes_v lanes_or(lanes_v a, lanes_v b) { return _mm512_or_si512(a, b); }
#define lanes_srl(a, n) _mm512_srli_epi64((a), (n))
#define lanes_sll(a, n) _mm512_slli_epi64((a), (n))
#define lanes_sra(a, n) _mm512_srai_epi64((a), (n))

// acc + the low or the high 52 bits of a * b. Factors have at most 52 bits.
BLS_INLINE lanes_v lanes_madd52lo(lanes_v acc, lanes_v a, lanes_v b) {
    return _mm512_madd52lo_epu64(acc, a, b);
}
BLS_INLINE lanes_v lanes_madd52hi(lanes_v acc, lanes_v a, lanes_v b) {
    return _mm512_madd52hi_epu64(acc, a, b);
}
// The same where only the low 52 bits of a count, and a may have more.
BLS_INLINE lanes_v lanes_low_madd52lo(lanes_v acc, lanes_v a, lanes_v b) {
    return _mm512_madd52lo_epu64(acc, a, b);
}
BLS_INLINE lanes_v lanes_low_madd52hi(lanes_v acc, lanes_v a, lanes_v b) {
    return _mm512_madd52hi_epu64(acc, a, b);
}

BLS_INLINE lanes_mask lanes_equal(lanes_v a, lanes_v b) { return _mm512_cmpeq_epi64_mask(a, b); }
BLS_INLINE lanes_mask lanes_negative(lanes_v a) { return _mm512_movepi64_mask(a); }
// Lane by lane, b where the mask has a one, a elsewhere.
BLS_INLINE lanes_v lanes_blend(lanes_mask m, lanes_v a, lanes_v b) {
    return _mm512_mask_blend_epi64(m, a, b);
}
// Lane by lane, a - b where the mask has a one, a elsewhere.
BLS_INLINE lanes_v lanes_sub_where(lanes_mask m, lanes_v a, lanes_v b) {
    return _mm512_mask_sub_epi64(a, m, a, b);
}
// Lane i becomes lane index[i] of a; index[i] below 8.
BLS_INLINE lanes_v lanes_permute(lanes_v index, lanes_v a) {
    return _mm512_permutexvar_epi64(index, a);
}
// Lane i becomes lane index[i] of a followed by b; index[i] below 16.
BLS_INLINE lanes_v lanes_permute2(lanes_v index, lanes_v a, lanes_v b) {
    return _mm512_permutex2var_epi64(a, index, b);
}
BLS_INLINE lanes_v lanes_interleave_low(lanes_v a, lanes_v b) {
    return _mm512_unpacklo_epi64(a, b);
}
BLS_INLINE lanes_v lanes_interleave_high(lanes_v a, lanes_v b) {
    return _mm512_unpackhi_epi64(a, b);
}
#define lanes_pairs(a, b, control) _mm512_shuffle_i64x2((a), (b), (control))

#else

typedef struct {
    uint64_t v[8];
} lanes_v;
typedef uint8_t lanes_mask;

// Ends the process and says where: a kernel went over a bound that its page states.
void bls_lanes_bound_exceeded(const char *condition, const char *file, int line)
    __attribute__((noreturn));
#define LANES_ASSERT(condition) \
    ((condition) ? (void)0 : bls_lanes_bound_exceeded(#condition, __FILE__, __LINE__))

#define LANES_EACH for (int i = 0; i < 8; i++)

static inline lanes_v lanes_all(uint64_t x) {
    lanes_v r;
    LANES_EACH r.v[i] = x;
    return r;
}
static inline lanes_v lanes_zero(void) { return lanes_all(0); }
static inline lanes_v lanes_load(const uint64_t *p) {
    lanes_v r;
    LANES_EACH r.v[i] = p[i];
    return r;
}
static inline void lanes_store(uint64_t *p, lanes_v a) { LANES_EACH p[i] = a.v[i]; }

static inline lanes_v lanes_load6(const uint64_t *p) {
    lanes_v r = lanes_zero();
    for (int i = 0; i < 6; i++) r.v[i] = p[i];
    return r;
}
static inline void lanes_store6(uint64_t *p, lanes_v a) {
    for (int i = 0; i < 6; i++) p[i] = a.v[i];
}

static inline lanes_v lanes_add(lanes_v a, lanes_v b) {
    LANES_EACH a.v[i] += b.v[i];
    return a;
}
static inline lanes_v lanes_sub(lanes_v a, lanes_v b) {
    LANES_EACH a.v[i] -= b.v[i];
    return a;
}
static inline lanes_v lanes_and(lanes_v a, lanes_v b) {
    LANES_EACH a.v[i] &= b.v[i];
    return a;
}
static inline lanes_v lanes_or(lanes_v a, lanes_v b) {
    LANES_EACH a.v[i] |= b.v[i];
    return a;
}
static inline lanes_v lanes_srl(lanes_v a, unsigned n) {
    LANES_EACH a.v[i] >>= n;
    return a;
}
static inline lanes_v lanes_sll(lanes_v a, unsigned n) {
    LANES_EACH a.v[i] <<= n;
    return a;
}
static inline lanes_v lanes_sra(lanes_v a, unsigned n) {
    LANES_EACH a.v[i] = (uint64_t)((int64_t)a.v[i] >> n);
    return a;
}

static inline lanes_v lanes_low_madd52lo(lanes_v acc, lanes_v a, lanes_v b) {
    LANES_EACH {
        LANES_ASSERT(b.v[i] <= LANES_MASK52);
        bls_u128 t = (bls_u128)(a.v[i] & LANES_MASK52) * b.v[i];
        uint64_t sum = acc.v[i] + ((uint64_t)t & LANES_MASK52);
        LANES_ASSERT(sum >= acc.v[i]);
        acc.v[i] = sum;
    }
    return acc;
}
static inline lanes_v lanes_low_madd52hi(lanes_v acc, lanes_v a, lanes_v b) {
    LANES_EACH {
        LANES_ASSERT(b.v[i] <= LANES_MASK52);
        bls_u128 t = (bls_u128)(a.v[i] & LANES_MASK52) * b.v[i];
        uint64_t sum = acc.v[i] + (uint64_t)(t >> 52);
        LANES_ASSERT(sum >= acc.v[i]);
        acc.v[i] = sum;
    }
    return acc;
}
static inline lanes_v lanes_madd52lo(lanes_v acc, lanes_v a, lanes_v b) {
    LANES_EACH LANES_ASSERT(a.v[i] <= LANES_MASK52);
    return lanes_low_madd52lo(acc, a, b);
}
static inline lanes_v lanes_madd52hi(lanes_v acc, lanes_v a, lanes_v b) {
    LANES_EACH LANES_ASSERT(a.v[i] <= LANES_MASK52);
    return lanes_low_madd52hi(acc, a, b);
}

static inline lanes_mask lanes_equal(lanes_v a, lanes_v b) {
    unsigned m = 0;
    LANES_EACH m |= (unsigned)(a.v[i] == b.v[i]) << i;
    return (lanes_mask)m;
}
static inline lanes_mask lanes_negative(lanes_v a) {
    unsigned m = 0;
    LANES_EACH m |= (unsigned)(a.v[i] >> 63) << i;
    return (lanes_mask)m;
}
static inline lanes_v lanes_blend(lanes_mask m, lanes_v a, lanes_v b) {
    LANES_EACH if (m >> i & 1) a.v[i] = b.v[i];
    return a;
}
static inline lanes_v lanes_sub_where(lanes_mask m, lanes_v a, lanes_v b) {
    LANES_EACH if (m >> i & 1) a.v[i] -= b.v[i];
    return a;
}
static inline lanes_v lanes_permute(lanes_v index, lanes_v a) {
    lanes_v r;
    LANES_EACH r.v[i] = a.v[index.v[i] & 7];
    return r;
}
static inline lanes_v lanes_permute2(lanes_v index, lanes_v a, lanes_v b) {
    lanes_v r;
    LANES_EACH r.v[i] = (index.v[i] & 8) ? b.v[index.v[i] & 7] : a.v[index.v[i] & 7];
    return r;
}
static inline lanes_v lanes_interleave_low(lanes_v a, lanes_v b) {
    lanes_v r;
    LANES_EACH r.v[i] = (i & 1) ? b.v[i & 6] : a.v[i & 6];
    return r;
}
static inline lanes_v lanes_interleave_high(lanes_v a, lanes_v b) {
    lanes_v r;
    LANES_EACH r.v[i] = (i & 1) ? b.v[i | 1] : a.v[i | 1];
    return r;
}
static inline lanes_v lanes_pairs(lanes_v a, lanes_v b, unsigned control) {
    lanes_v r;
    for (unsigned k = 0; k < 4; k++) {
        unsigned from = control >> (2 * k) & 3;
        const lanes_v *source = k < 2 ? &a : &b;
        r.v[2 * k] = source->v[2 * from];
        r.v[2 * k + 1] = source->v[2 * from + 1];
    }
    return r;
}

#endif

// The 8 x 8 matrix of words in r, transposed: word j of row i becomes word i of row j.
BLS_INLINE void lanes_transpose(lanes_v r[8]) {
    lanes_v a[8], b[8];
    LANES_UNROLL for (int k = 0; k < 4; k++) {
        a[2 * k] = lanes_interleave_low(r[2 * k], r[2 * k + 1]);
        a[2 * k + 1] = lanes_interleave_high(r[2 * k], r[2 * k + 1]);
    }
    // a[2k + h] holds, for the rows 2k and 2k + 1, the words of parity h in four pairs.
    LANES_UNROLL for (int h = 0; h < 2; h++) {
        b[h] = lanes_pairs(a[h], a[2 + h], 0x88);
        b[2 + h] = lanes_pairs(a[h], a[2 + h], 0xdd);
        b[4 + h] = lanes_pairs(a[4 + h], a[6 + h], 0x88);
        b[6 + h] = lanes_pairs(a[4 + h], a[6 + h], 0xdd);
    }
    // b[h]: pairs 0 and 2 of rows 0 to 3; b[2 + h]: pairs 1 and 3; b[4 + h], b[6 + h]: rows 4 to 7.
    LANES_UNROLL for (int h = 0; h < 2; h++) {
        r[h] = lanes_pairs(b[h], b[4 + h], 0x88);
        r[4 + h] = lanes_pairs(b[h], b[4 + h], 0xdd);
        r[2 + h] = lanes_pairs(b[2 + h], b[6 + h], 0x88);
        r[6 + h] = lanes_pairs(b[2 + h], b[6 + h], 0xdd);
    }
}
