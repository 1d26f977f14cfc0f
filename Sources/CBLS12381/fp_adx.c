// Multiplication in the base field with MULX (which leaves the flags alone) and two carry chains at
// once, ADCX on the carry flag and ADOX on the overflow flag. Compilers don't emit the pair.
//
// The functions keep no register but the stack's (preserve_none): a caller saves what it needs, in
// place of twelve pushes and pops here.
#include "bls_fp.h"

#if BLS_HAVE_ADX

// The modulus and -1/p mod 2^64, where the assembly finds them.
__attribute__((used, visibility("hidden"))) const uint64_t bls_fp_adx_constants[7] = {
    BLS_FP_P0, BLS_FP_P1, BLS_FP_P2, BLS_FP_P3, BLS_FP_P4, BLS_FP_P5, BLS_FP_N0};

#define P(i) "8*" #i "+%[constants]"

// (A, t5..t0) += a * b[i], a at %[a], b[i] at the address BI. A is new.
#define MULTIPLY(BI, t0, t1, t2, t3, t4, t5)            \
    "movq " BI ", %%rdx\n\t"                            \
    "xorl %%eax, %%eax\n\t"                             \
    "mulxq 0(%[a]), %%rax, %%r14\n\t"                   \
    "adoxq %%rax, " t0 "\n\t"                           \
    "adcxq %%r14, " t1 "\n\t"                           \
    "mulxq 8(%[a]), %%rax, %%r14\n\t"                   \
    "adoxq %%rax, " t1 "\n\t"                           \
    "adcxq %%r14, " t2 "\n\t"                           \
    "mulxq 16(%[a]), %%rax, %%r14\n\t"                  \
    "adoxq %%rax, " t2 "\n\t"                           \
    "adcxq %%r14, " t3 "\n\t"                           \
    "mulxq 24(%[a]), %%rax, %%r14\n\t"                  \
    "adoxq %%rax, " t3 "\n\t"                           \
    "adcxq %%r14, " t4 "\n\t"                           \
    "mulxq 32(%[a]), %%rax, %%r14\n\t"                  \
    "adoxq %%rax, " t4 "\n\t"                           \
    "adcxq %%r14, " t5 "\n\t"                           \
    "mulxq 40(%[a]), %%rax, %%r14\n\t"                  \
    "adoxq %%rax, " t5 "\n\t"                           \
    "movl $0, %%eax\n\t"                                \
    "adcxq %%rax, %%r14\n\t"                            \
    "adoxq %%rax, %%r14\n\t"

// (t5..t1, s) = ((top, t5..t0) + m * p) / 2^64 with m such that the division is exact. The word
// that t0 held moves to s, and t0's register is free.
#define REDUCE(top, t0, t1, t2, t3, t4, t5, s)          \
    "movq " P(6) ", %%rdx\n\t"                          \
    "imulq " t0 ", %%rdx\n\t"                           \
    "xorl %%eax, %%eax\n\t"                             \
    "mulxq " P(0) ", %%rax, " s "\n\t"                  \
    "adcxq " t0 ", %%rax\n\t"                           \
    "adcxq " t1 ", " s "\n\t"                           \
    "mulxq " P(1) ", %%rax, " t1 "\n\t"                 \
    "adoxq %%rax, " s "\n\t"                            \
    "adcxq " t2 ", " t1 "\n\t"                          \
    "mulxq " P(2) ", %%rax, " t2 "\n\t"                 \
    "adoxq %%rax, " t1 "\n\t"                           \
    "adcxq " t3 ", " t2 "\n\t"                          \
    "mulxq " P(3) ", %%rax, " t3 "\n\t"                 \
    "adoxq %%rax, " t2 "\n\t"                           \
    "adcxq " t4 ", " t3 "\n\t"                          \
    "mulxq " P(4) ", %%rax, " t4 "\n\t"                 \
    "adoxq %%rax, " t3 "\n\t"                           \
    "adcxq " t5 ", " t4 "\n\t"                          \
    "mulxq " P(5) ", %%rax, " t5 "\n\t"                 \
    "adoxq %%rax, " t4 "\n\t"                           \
    "movl $0, %%eax\n\t"                                \
    "adcxq %%rax, " t5 "\n\t"                           \
    "adoxq " top ", " t5 "\n\t"

// Stores t or t - p, whichever is below p, to the address in R, given t below 2p. X to Z are free.
#define STORE_REDUCED(R, t0, t1, t2, t3, t4, t5, X, Y, Z) \
    "movq " t0 ", %%rax\n\t"                            \
    "movq " t1 ", %%rcx\n\t"                            \
    "movq " t2 ", %%rdx\n\t"                            \
    "movq " t3 ", " X "\n\t"                            \
    "movq " t4 ", " Y "\n\t"                            \
    "movq " t5 ", " Z "\n\t"                            \
    "subq " P(0) ", %%rax\n\t"                          \
    "sbbq " P(1) ", %%rcx\n\t"                          \
    "sbbq " P(2) ", %%rdx\n\t"                          \
    "sbbq " P(3) ", " X "\n\t"                          \
    "sbbq " P(4) ", " Y "\n\t"                          \
    "sbbq " P(5) ", " Z "\n\t"                          \
    "cmovcq " t0 ", %%rax\n\t"                          \
    "cmovcq " t1 ", %%rcx\n\t"                          \
    "cmovcq " t2 ", %%rdx\n\t"                          \
    "cmovcq " t3 ", " X "\n\t"                          \
    "cmovcq " t4 ", " Y "\n\t"                          \
    "cmovcq " t5 ", " Z "\n\t"                          \
    "movq %%rax, 0(" R ")\n\t"                          \
    "movq %%rcx, 8(" R ")\n\t"                          \
    "movq %%rdx, 16(" R ")\n\t"                         \
    "movq " X ", 24(" R ")\n\t"                         \
    "movq " Y ", 32(" R ")\n\t"                         \
    "movq " Z ", 40(" R ")\n\t"

#define R8 "%%r8"
#define R9 "%%r9"
#define R10 "%%r10"
#define R11 "%%r11"
#define R12 "%%r12"
#define R13 "%%r13"
#define RCX "%%rcx"
#define RAX "%%rax"

__attribute__((preserve_none, noinline)) void bls_fp_mul_adx(
    bls_fp *r, const bls_fp *a, const bls_fp *b) {
    __asm__ volatile(
        "movq 0(%[b]), %%rdx\n\t"
        "mulxq 0(%[a]), %%r8, %%r9\n\t"
        "mulxq 8(%[a]), %%rax, %%r10\n\t"
        "addq %%rax, %%r9\n\t"
        "mulxq 16(%[a]), %%rax, %%r11\n\t"
        "adcq %%rax, %%r10\n\t"
        "mulxq 24(%[a]), %%rax, %%r12\n\t"
        "adcq %%rax, %%r11\n\t"
        "mulxq 32(%[a]), %%rax, %%r13\n\t"
        "adcq %%rax, %%r12\n\t"
        "mulxq 40(%[a]), %%rax, %%r14\n\t"
        "adcq %%rax, %%r13\n\t"
        "adcq $0, %%r14\n\t"
        REDUCE("%%r14", R8, R9, R10, R11, R12, R13, RCX)
        MULTIPLY("8(%[b])", RCX, R9, R10, R11, R12, R13)
        REDUCE("%%r14", RCX, R9, R10, R11, R12, R13, R8)
        MULTIPLY("16(%[b])", R8, R9, R10, R11, R12, R13)
        REDUCE("%%r14", R8, R9, R10, R11, R12, R13, RCX)
        MULTIPLY("24(%[b])", RCX, R9, R10, R11, R12, R13)
        REDUCE("%%r14", RCX, R9, R10, R11, R12, R13, R8)
        MULTIPLY("32(%[b])", R8, R9, R10, R11, R12, R13)
        REDUCE("%%r14", R8, R9, R10, R11, R12, R13, RCX)
        MULTIPLY("40(%[b])", RCX, R9, R10, R11, R12, R13)
        REDUCE("%%r14", RCX, R9, R10, R11, R12, R13, R8)
        STORE_REDUCED("%[r]", R8, R9, R10, R11, R12, R13, "%%r14", "%[a]", "%[b]")
        : [a] "+r"(a), [b] "+r"(b)
        : [r] "r"(r), [constants] "m"(bls_fp_adx_constants)
        : "rax", "rcx", "rdx", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "cc", "memory");
}

// One row of the square's products: (hi, lo) += a * b, on both chains.
#define CROSS(AJ, lo, hi)                               \
    "mulxq " AJ "(%%rsi), %%rax, %%rcx\n\t"             \
    "adcxq %%rax, " lo "\n\t"                           \
    "adoxq %%rcx, " hi "\n\t"
// The row's last product, whose high word is new.
#define CROSS_LAST(AJ, lo, hi)                          \
    "mulxq " AJ "(%%rsi), %%rax, " hi "\n\t"            \
    "adcxq %%rax, " lo "\n\t"                           \
    "movl $0, %%eax\n\t"                                \
    "adcxq %%rax, " hi "\n\t"                           \
    "adoxq %%rax, " hi "\n\t"
// (hi, lo) = 2 * (hi, lo) + a * a.
#define DIAGONAL(AI, lo, hi)                            \
    "movq " AI "(%%rsi), %%rdx\n\t"                     \
    "mulxq %%rdx, %%rax, %%rcx\n\t"                     \
    "adcxq " lo ", " lo "\n\t"                          \
    "adoxq %%rax, " lo "\n\t"                           \
    "adcxq " hi ", " hi "\n\t"                          \
    "adoxq %%rcx, " hi "\n\t"

// 63 multiplications of words in place of 78: each cross product once, doubled.
__attribute__((preserve_none, noinline)) void bls_fp_sqr_adx(bls_fp *r, const bls_fp *a) {
    uint64_t high[7];
    bls_fp *volatile out = r;
    __asm__ volatile(
        "movq 0(%%rsi), %%rdx\n\t"
        "mulxq 8(%%rsi), %%r8, %%r9\n\t"
        "mulxq 16(%%rsi), %%rax, %%r10\n\t"
        "addq %%rax, %%r9\n\t"
        "mulxq 24(%%rsi), %%rax, %%r11\n\t"
        "adcq %%rax, %%r10\n\t"
        "mulxq 32(%%rsi), %%rax, %%r12\n\t"
        "adcq %%rax, %%r11\n\t"
        "mulxq 40(%%rsi), %%rax, %%r13\n\t"
        "adcq %%rax, %%r12\n\t"
        "adcq $0, %%r13\n\t"
        "movq 8(%%rsi), %%rdx\n\t"
        "xorl %%eax, %%eax\n\t"
        CROSS("16", R10, R11)
        CROSS("24", R11, R12)
        CROSS("32", R12, R13)
        CROSS_LAST("40", R13, "%%r14")
        "movq 16(%%rsi), %%rdx\n\t"
        "xorl %%eax, %%eax\n\t"
        CROSS("24", R12, R13)
        CROSS("32", R13, "%%r14")
        CROSS_LAST("40", "%%r14", "%%r15")
        "movq 24(%%rsi), %%rdx\n\t"
        "xorl %%eax, %%eax\n\t"
        CROSS("32", "%%r14", "%%r15")
        CROSS_LAST("40", "%%r15", "%%rbx")
        "movq 32(%%rsi), %%rdx\n\t"
        "mulxq 40(%%rsi), %%rax, %%rdi\n\t"
        "addq %%rax, %%rbx\n\t"
        "adcq $0, %%rdi\n\t"
        // Now the cross products are in r8 ... rdi, words 1 to 10.
        "movq 0(%%rsi), %%rdx\n\t"
        "xorl %%eax, %%eax\n\t"
        "mulxq %%rdx, %%rax, %%rcx\n\t"
        "movq %%rax, 48+%[high]\n\t"
        "adcxq %%r8, %%r8\n\t"
        "adoxq %%rcx, %%r8\n\t"
        DIAGONAL("8", R9, R10)
        DIAGONAL("16", R11, R12)
        DIAGONAL("24", R13, "%%r14")
        DIAGONAL("32", "%%r15", "%%rbx")
        "movq 40(%%rsi), %%rdx\n\t"
        "mulxq %%rdx, %%rax, %%rcx\n\t"
        "adcxq %%rdi, %%rdi\n\t"
        "adoxq %%rax, %%rdi\n\t"
        "movl $0, %%eax\n\t"
        "adcxq %%rax, %%rcx\n\t"
        "adoxq %%rax, %%rcx\n\t"
        "movq %%r13, 0+%[high]\n\t"
        "movq %%r14, 8+%[high]\n\t"
        "movq %%r15, 16+%[high]\n\t"
        "movq %%rbx, 24+%[high]\n\t"
        "movq %%rdi, 32+%[high]\n\t"
        "movq %%rcx, 40+%[high]\n\t"
        "movq 48+%[high], %%rdi\n\t"
        // The low six words, rdi, r8 ... r12, are reduced; then the high six are added.
        REDUCE(RAX, "%%rdi", R8, R9, R10, R11, R12, RCX)
        REDUCE(RAX, RCX, R8, R9, R10, R11, R12, "%%rdi")
        REDUCE(RAX, "%%rdi", R8, R9, R10, R11, R12, RCX)
        REDUCE(RAX, RCX, R8, R9, R10, R11, R12, "%%rdi")
        REDUCE(RAX, "%%rdi", R8, R9, R10, R11, R12, RCX)
        REDUCE(RAX, RCX, R8, R9, R10, R11, R12, "%%rdi")
        "movq %[out], %%rsi\n\t"
        "addq 0+%[high], %%rdi\n\t"
        "adcq 8+%[high], %%r8\n\t"
        "adcq 16+%[high], %%r9\n\t"
        "adcq 24+%[high], %%r10\n\t"
        "adcq 32+%[high], %%r11\n\t"
        "adcq 40+%[high], %%r12\n\t"
        STORE_REDUCED("%%rsi", "%%rdi", R8, R9, R10, R11, R12, "%%r13", "%%r14", "%%r15")
        : "+S"(a), [high] "=m"(high)
        : [out] "m"(out), [constants] "m"(bls_fp_adx_constants)
        : "rax", "rbx", "rcx", "rdx", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
          "cc", "memory");
}

#endif
