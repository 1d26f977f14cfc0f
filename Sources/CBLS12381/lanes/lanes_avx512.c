// The lane kernels as AVX-512 instructions: compiled on every x86-64, run where there are such.
#if defined(__x86_64__)

// The headers of the instructions and of the portable kernels come first: what they declare must
// not ask for a processor.
#include <immintrin.h>

#include "lanes_backend.h"

#pragma clang attribute push(                                                            \
    __attribute__((target("avx512f,avx512dq,avx512vl,avx512bw,avx512ifma"))),           \
    apply_to = function)

#define LANES_AVX512 1
#include "lanes_kernels.h"

#pragma clang attribute pop

const lanes_backend bls_lanes_backend_avx512 = LANES_BACKEND;

#endif
