// The lane kernels in plain C, with every bound checked: for tests.
#include <stdio.h>
#include <stdlib.h>

#define LANES_AVX512 0
#include "lanes_kernels.h"

void bls_lanes_bound_exceeded(const char *condition, const char *file, int line) {
    fprintf(stderr, "%s:%d: a bound of the lane kernels does not hold: %s\n", file, line, condition);
    abort();
}

const lanes_backend bls_lanes_backend_emulated = LANES_BACKEND;
