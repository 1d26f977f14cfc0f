#include "CTrustedSetup.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t data[] = {
#embed "Data/fk20.bin"
};
_Static_assert(sizeof data == trusted_setup_fk20_size, "fk20.bin has another length");

const uint8_t *trusted_setup_fk20(void) {
    return data;
}
