// Which kernels this processor can run.
#include "bls_word.h"

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
