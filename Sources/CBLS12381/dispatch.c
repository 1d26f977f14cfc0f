// Which kernels this processor can run, and what the system can do for their memory.
#include "bls_msm.h"
#include "bls_word.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

#if BLS_HAVE_ADX
#include <cpuid.h>
#endif

int bls_adx = 0;

int bls_adx_is_supported(void) {
#if BLS_HAVE_ADX
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    // MULX is in BMI2 (bit 8); ADCX and ADOX are in ADX (bit 19). They use general registers
    // only, so the operating system has no say.
    return (b >> 8 & 1) && (b >> 19 & 1);
#else
    return 0;
#endif
}

void bls_use_adx(int wanted) {
    __atomic_store_n(&bls_adx, wanted && bls_adx_is_supported(), __ATOMIC_RELAXED);
}

__attribute__((constructor)) static void bls_choose_kernels(void) { bls_use_adx(1); }

void bls_advise_random_access(void *memory, long byte_count) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    // Whole pages only, and only advice: a refusal changes nothing.
    const uintptr_t page = 4096;
    uintptr_t first = ((uintptr_t)memory + page - 1) & ~(page - 1);
    uintptr_t end = ((uintptr_t)memory + (uintptr_t)byte_count) & ~(page - 1);
    if (end > first) (void)madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
    (void)memory;
    (void)byte_count;
#endif
}
