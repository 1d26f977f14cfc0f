#include "CTrustedSetup.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t data[] = {
#embed "Data/g1_lagrange.bin"
};
_Static_assert(sizeof data == trusted_setup_g1_lagrange_size, "g1_lagrange.bin has another length");

const uint8_t *trusted_setup_g1_lagrange(void) {
    return data;
}
