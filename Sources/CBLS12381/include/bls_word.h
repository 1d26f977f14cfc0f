// Word arithmetic that every field shares: 64-bit additions and multiplications with carries,
// and the choice between the portable kernels and those for MULX and ADX.
#pragma once

#include <stdint.h>

#if defined(__x86_64__) && defined(__clang__) && defined(__has_attribute)
#if __has_attribute(preserve_none)
#define BLS_HAVE_ADX 1
#endif
#endif
#ifndef BLS_HAVE_ADX
#define BLS_HAVE_ADX 0
#endif

#define BLS_INLINE static inline __attribute__((always_inline))
#define BLS_LIKELY(x) __builtin_expect(!!(x), 1)
#define BLS_UNLIKELY(x) __builtin_expect(!!(x), 0)

typedef unsigned __int128 bls_u128;

// 1 where this process uses the MULX/ADX kernels. Set once before main, from CPUID.
extern int bls_adx;

// What the processor offers, whatever is in use.
int bls_adx_is_supported(void);

// Chooses the kernels: for tests, which run every path on one machine. Asking for ADX on a
// processor without it has no effect. Both kinds give the same results, bit for bit.
void bls_use_adx(int wanted);

// a + b + *carry, leaving the new carry (0 or 1) in *carry.
BLS_INLINE uint64_t bls_adc(uint64_t a, uint64_t b, uint64_t *carry) {
    unsigned long long out;
    uint64_t sum = __builtin_addcll(a, b, *carry, &out);
    *carry = out;
    return sum;
}

// a - b - *borrow, leaving the new borrow (0 or 1) in *borrow.
BLS_INLINE uint64_t bls_sbb(uint64_t a, uint64_t b, uint64_t *borrow) {
    unsigned long long out;
    uint64_t difference = __builtin_subcll(a, b, *borrow, &out);
    *borrow = out;
    return difference;
}

// The low word of acc + a * b + *carry; the high word goes to *carry. It can't overflow.
BLS_INLINE uint64_t bls_mac(uint64_t acc, uint64_t a, uint64_t b, uint64_t *carry) {
    bls_u128 t = (bls_u128)a * b + acc + *carry;
    *carry = (uint64_t)(t >> 64);
    return (uint64_t)t;
}
