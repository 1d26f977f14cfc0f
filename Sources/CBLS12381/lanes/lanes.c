// Which lanes this process uses, and the functions that others call.
#include <stdlib.h>
#include <string.h>

#include "lanes_backend.h"

enum { undecided = -1 };
static int active = undecided;

// A product of known numbers, by the instructions and by the portable kernel.
static int trial_succeeds(const lanes_backend *backend) {
    static const bls_fp a = BLS_FP_R2, b = BLS_FP_R3;
    bls_g1_affine points[8], back[8];
    uint64_t rows[8 * LANES_ROW];
    for (int i = 0; i < 8; i++) {
        points[i].x = i & 1 ? a : b;
        points[i].y = i & 2 ? a : b;
        bls_fp_mul(&points[i].x, &points[i].x, &points[i].y);
    }
    backend->rows_from_points(rows, points, 8);
    backend->rows_to_points(back, rows, 8);
    return memcmp(points, back, sizeof points) == 0;
}

static int find_support(void) {
#if defined(__x86_64__)
    // The compiler's function looks at the operating system's part too.
    __builtin_cpu_init();
    if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
          __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bw") &&
          __builtin_cpu_supports("avx512ifma"))) {
        return 0;
    }
    return trial_succeeds(&bls_lanes_backend_avx512);
#else
    return 0;
#endif
}

int bls_lanes_are_supported(void) {
    static int supported = undecided;
    int known = __atomic_load_n(&supported, __ATOMIC_RELAXED);
    if (known == undecided) {
        known = find_support();
        __atomic_store_n(&supported, known, __ATOMIC_RELAXED);
    }
    return known;
}

bls_lanes_kind bls_lanes_active(void) {
    int known = __atomic_load_n(&active, __ATOMIC_RELAXED);
    if (BLS_UNLIKELY(known == undecided)) {
        const char *wanted = getenv("DAMASK_KERNELS");
        if (wanted && strcmp(wanted, "portable") == 0) {
            known = bls_lanes_off;
        } else if (wanted && strcmp(wanted, "emulated") == 0) {
            known = bls_lanes_emulated;
        } else {
            known = bls_lanes_are_supported() ? bls_lanes_avx512 : bls_lanes_off;
        }
        __atomic_store_n(&active, known, __ATOMIC_RELAXED);
    }
    return (bls_lanes_kind)known;
}

void bls_lanes_use(bls_lanes_kind kind) {
    if (kind == bls_lanes_avx512 && !bls_lanes_are_supported()) kind = bls_lanes_off;
    __atomic_store_n(&active, (int)kind, __ATOMIC_RELAXED);
}

// The instructions if they are in use, else the emulation: also for callers who did not ask.
static const lanes_backend *backend(void) {
#if defined(__x86_64__)
    if (BLS_LIKELY(bls_lanes_active() == bls_lanes_avx512)) return &bls_lanes_backend_avx512;
#endif
    return &bls_lanes_backend_emulated;
}

void bls_lanes_operate(int operation, uint64_t *out, const uint64_t *in) {
    backend()->operate(operation, out, in);
}

void bls_lane_rows_from_points(uint64_t *rows, const bls_g1_affine *points, long count) {
    backend()->rows_from_points(rows, points, count);
}

void bls_lane_rows_to_points(bls_g1_affine *points, const uint64_t *rows, long count) {
    backend()->rows_to_points(points, rows, count);
}

long bls_lane_scratch_size(void) { return sizeof(bls_lane_scratch); }

void bls_lane_sum_runs(
    uint64_t *out, const uint64_t *rows, const uint32_t *entries, const uint32_t *offsets,
    long count, int check, bls_lane_scratch *scratch) {
    backend()->sum_runs(out, rows, entries, offsets, count, check, scratch);
}

// Rows for the bits and the lines, and the longer of the two lists.
static long weigh_rows(long sets, int log) {
    long lines = (1L << (log / 2)) + (1L << (log - log / 2));
    return sets * (log + 1 + lines);
}
long bls_lane_weigh_words(long sets, int log) {
    long lines = (1L << (log / 2)) + (1L << (log - log / 2));
    long first = sets * lines + 1 + sets * (2L << log);
    long second = sets * (log + 1) + 1 + sets * (log + 1) * lines;
    return weigh_rows(sets, log) * LANES_ROW + ((first > second ? first : second) + 1) / 2;
}
void bls_lane_weigh_buckets(
    bls_g1 *out, const uint64_t *buckets, long sets, int log, uint64_t *memory,
    bls_lane_scratch *scratch) {
    const lanes_backend *b = backend();
    uint64_t *bits = memory, *lines = bits + sets * (log + 1) * LANES_ROW;
    uint32_t *lists = (uint32_t *)(memory + weigh_rows(sets, log) * LANES_ROW);
    b->weigh_lines(bits, lines, buckets, lists, sets, log, scratch);
    b->combine_bits(out, bits, sets, log);
}

void bls_lane_double_rows(uint64_t *out, const uint64_t *rows, int times, long count) {
    backend()->double_rows(out, rows, times, count);
}

void bls_lane_butterflies(
    bls_g1_affine *a, const uint32_t *upper, const uint32_t *lower, long count,
    bls_lane_scratch *scratch) {
    backend()->butterflies(a, upper, lower, count, scratch);
}

void bls_lane_mul(
    bls_g1_affine *a, const uint32_t *index, const bls_glv_recoded *scalars,
    const uint32_t *which, long count, bls_lane_scratch *scratch) {
    backend()->mul(a, index, scalars, which, count, scratch);
}

void bls_lane_mul_fourth_root(
    bls_g1_affine *a, const uint32_t *index, int inverse, long count, bls_lane_scratch *scratch) {
    backend()->mul_fourth_root(a, index, inverse, count, scratch);
}

long bls_lane_decompress_each(
    bls_g1_affine *r, const uint8_t *bytes, int check_subgroup, long count, int *error) {
    return backend()->decompress(r, bytes, check_subgroup, count, error);
}

void bls_lane_fr_transform(bls_fr *a, int log, long node, const bls_fr *roots, int inverse) {
    backend()->fr_transform(a, log, node, roots, inverse);
}

void bls_lane_fr_transform_columns(
    bls_fr *a, int log, long node, const bls_fr *roots, long stride, long width, int inverse) {
    backend()->fr_transform_columns(a, log, node, roots, stride, width, inverse);
}

void bls_lane_fr_to_words(uint64_t *out, const bls_fr *a, long count) {
    backend()->fr_to_words(out, a, count);
}

void bls_lane_fr_mul_each(bls_fr *r, const bls_fr *a, const bls_fr *b, long count) {
    backend()->fr_mul_each(r, a, b, count);
}

void bls_lane_endomorphism(uint64_t *out, const uint64_t *rows, long count) {
    backend()->endomorphism(out, rows, count);
}
