// Multiplication in the scalar field for loops over arrays: a loop is compiled twice, for the portable
// kernel and for MULX with two carry chains, and chosen once for each array.
#pragma once

#include "bls_fr.h"

#if BLS_HAVE_ADX

__attribute__((unused)) static const uint64_t bls_fr_adx_constants[5] = {
    BLS_FR_R0, BLS_FR_R1, BLS_FR_R2W, BLS_FR_R3W, BLS_FR_N0};

// (top, t3..t0) += a * b[i]. top is new.
#define BLS_FR_ROW(BI, t0, t1, t2, t3, top)  \
    "movq " BI ", %%rdx\n\t"                 \
    "xorl %%eax, %%eax\n\t"                  \
    "mulxq 0(%[a]), %%rax, " top "\n\t"      \
    "adoxq %%rax, " t0 "\n\t"                \
    "adcxq " top ", " t1 "\n\t"              \
    "mulxq 8(%[a]), %%rax, " top "\n\t"      \
    "adoxq %%rax, " t1 "\n\t"                \
    "adcxq " top ", " t2 "\n\t"              \
    "mulxq 16(%[a]), %%rax, " top "\n\t"     \
    "adoxq %%rax, " t2 "\n\t"                \
    "adcxq " top ", " t3 "\n\t"              \
    "mulxq 24(%[a]), %%rax, " top "\n\t"     \
    "adoxq %%rax, " t3 "\n\t"                \
    "movl $0, %%eax\n\t"                     \
    "adcxq %%rax, " top "\n\t"               \
    "adoxq %%rax, " top "\n\t"

// (t3, t2, t1, s) = ((top, t3..t0) + m * modulus) / 2^64. t0's register is free then.
#define BLS_FR_REDUCE(top, t0, t1, t2, t3, s) \
    "movq 32+%[k], %%rdx\n\t"                \
    "imulq " t0 ", %%rdx\n\t"                \
    "xorl %%eax, %%eax\n\t"                  \
    "mulxq 0+%[k], %%rax, " s "\n\t"         \
    "adcxq " t0 ", %%rax\n\t"                \
    "adcxq " t1 ", " s "\n\t"                \
    "mulxq 8+%[k], %%rax, " t1 "\n\t"        \
    "adoxq %%rax, " s "\n\t"                 \
    "adcxq " t2 ", " t1 "\n\t"               \
    "mulxq 16+%[k], %%rax, " t2 "\n\t"       \
    "adoxq %%rax, " t1 "\n\t"                \
    "adcxq " t3 ", " t2 "\n\t"               \
    "mulxq 24+%[k], %%rax, " t3 "\n\t"       \
    "adoxq %%rax, " t2 "\n\t"                \
    "movl $0, %%eax\n\t"                     \
    "adcxq %%rax, " t3 "\n\t"                \
    "adoxq " top ", " t3 "\n\t"

BLS_INLINE void bls_fr_mul_adx(bls_fr *r, const bls_fr *a, const bls_fr *b) {
    uint64_t t[4];
    __asm__(
        "movq 0(%[b]), %%rdx\n\t"
        "mulxq 0(%[a]), %[t0], %[t1]\n\t"
        "mulxq 8(%[a]), %%rax, %[t2]\n\t"
        "addq %%rax, %[t1]\n\t"
        "mulxq 16(%[a]), %%rax, %[t3]\n\t"
        "adcq %%rax, %[t2]\n\t"
        "mulxq 24(%[a]), %%rax, %%r8\n\t"
        "adcq %%rax, %[t3]\n\t"
        "adcq $0, %%r8\n\t"
        BLS_FR_REDUCE("%%r8", "%[t0]", "%[t1]", "%[t2]", "%[t3]", "%%r9")
        BLS_FR_ROW("8(%[b])", "%%r9", "%[t1]", "%[t2]", "%[t3]", "%%r8")
        BLS_FR_REDUCE("%%r8", "%%r9", "%[t1]", "%[t2]", "%[t3]", "%[t0]")
        BLS_FR_ROW("16(%[b])", "%[t0]", "%[t1]", "%[t2]", "%[t3]", "%%r8")
        BLS_FR_REDUCE("%%r8", "%[t0]", "%[t1]", "%[t2]", "%[t3]", "%%r9")
        BLS_FR_ROW("24(%[b])", "%%r9", "%[t1]", "%[t2]", "%[t3]", "%%r8")
        BLS_FR_REDUCE("%%r8", "%%r9", "%[t1]", "%[t2]", "%[t3]", "%[t0]")
        : [t0] "=&r"(t[0]), [t1] "=&r"(t[1]), [t2] "=&r"(t[2]), [t3] "=&r"(t[3])
        : [a] "r"(a), [b] "r"(b), [k] "m"(bls_fr_adx_constants), "m"(*a), "m"(*b)
        : "rax", "rdx", "r8", "r9", "cc");
    bls_fr_reduce_once(r, t);
}

#define BLS_FR_MUL(adx, r, a, b) \
    ((adx) ? bls_fr_mul_adx((r), (a), (b)) : bls_fr_mul_portable((r), (a), (b)))

// Calls loop(..., adx) with a constant adx.
#define BLS_FR_CHOOSE(loop, ...) \
    do {                         \
        if (bls_adx) {           \
            loop(__VA_ARGS__, 1); \
        } else {                 \
            loop(__VA_ARGS__, 0); \
        }                        \
    } while (0)

#else

#define BLS_FR_MUL(adx, r, a, b) ((void)(adx), bls_fr_mul_portable((r), (a), (b)))
#define BLS_FR_CHOOSE(loop, ...) loop(__VA_ARGS__, 0)

#endif
