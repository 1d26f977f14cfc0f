// The working memory of sums in lanes, known to both back ends and to nobody else.
#pragma once

#include "CBLS12381Lanes.h"

// Additions to a batch: they share one inversion. With the pool, they stay in a second-level cache
// of a megabyte.
#define LANES_BATCH 2048
#define LANES_BATCH_VECTORS (LANES_BATCH / 8)

// Points in the pool.
#define LANES_POOL 4096

// Words of a point as a row: eight limbs of x, eight of y. All 0 for the point at infinity.
#define LANES_ROW 16

struct bls_lane_scratch {
    // Of each vector of additions: x of the first operand, the denominator of the slope, and the
    // product of the denominators before it.
    _Alignas(64) uint64_t x1[LANES_BATCH_VECTORS][64];
    uint64_t denominator[LANES_BATCH_VECTORS][64];
    uint64_t prefix[LANES_BATCH_VECTORS][64];
    uint64_t pool[LANES_POOL][LANES_ROW];
    // What fills up the last vector: operands with different x, and a place for their sum.
    uint64_t filler[3][LANES_ROW];
    // Of each addition: the rows of the operands, their addresses plus 1 for a negative, and that of
    // the result, which may be an operand's.
    uint64_t a[LANES_BATCH + 8], b[LANES_BATCH + 8], r[LANES_BATCH + 8];
    // Lanes of each vector with equal and with opposite operands.
    uint8_t equal[LANES_BATCH_VECTORS], opposite[LANES_BATCH_VECTORS];
    long additions;
    // Whether a sum since this was cleared has been infinite.
    int infinities;
    uint32_t run_slot[LANES_POOL], run_length[LANES_POOL];
};
