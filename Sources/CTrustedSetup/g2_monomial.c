#include "CTrustedSetup.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t data[] = {
#embed "Data/g2_monomial.bin"
};
_Static_assert(sizeof data == trusted_setup_g2_monomial_size, "g2_monomial.bin has another length");

const uint8_t *trusted_setup_g2_monomial(void) {
    return data;
}
