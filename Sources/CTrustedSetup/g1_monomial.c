#include "CTrustedSetup.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t data[] = {
#embed "Data/g1_monomial.bin"
};
_Static_assert(sizeof data == trusted_setup_g1_monomial_size, "g1_monomial.bin has another length");

const uint8_t *trusted_setup_g1_monomial(void) {
    return data;
}
