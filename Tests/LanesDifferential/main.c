// The lane kernels against the portable ones: every function of CBLS12381Lanes.h on random and on
// extreme inputs, by the emulation and, where the processor has them, by the instructions. A program
// of its own, so that it can be taken to any machine: see scripts/checks/lanes-differential.
//
//     lanes-differential [ROUNDS [SEED]]
//
// Ends with 1 if a result differs, with 0 otherwise, and says whether the instructions were tested.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CBLS12381.h"
#include "lanes_backend.h"

// MARK: Random inputs

static uint64_t state;
static uint64_t next(void) {
    uint64_t z = (state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}
static long below(long bound) { return (long)(next() % (uint64_t)bound); }

static bls_fr random_scalar(void) {
    uint64_t w[4] = {next(), next(), next(), next()};
    switch (below(12)) {
        case 0: w[0] = w[1] = w[2] = w[3] = 0; break;
        case 1: w[1] = w[2] = w[3] = 0; break;
        case 2: w[0] &= 15; w[1] = w[2] = w[3] = 0; break;
        case 3: w[2] = w[3] = 0; break;
        case 4: w[0] = w[1] = w[2] = w[3] = ~0ULL; break;
        default: break;
    }
    bls_fr r;
    bls_fr_from_words_reducing(&r, w);
    if (below(12) == 0) r = bls_fr_negative(r);
    return r;
}

#define POOL 256
static bls_g1_affine pool[POOL];

static void make_pool(void) {
    static const uint8_t generator[48] = {
        0x97, 0xf1, 0xd3, 0xa7, 0x31, 0x97, 0xd7, 0x94, 0x26, 0x95, 0x63, 0x8c,
        0x4f, 0xa9, 0xac, 0x0f, 0xc3, 0x68, 0x8c, 0x4f, 0x97, 0x74, 0xb9, 0x05,
        0xa1, 0x4e, 0x3a, 0x3f, 0x17, 0x1b, 0xac, 0x58, 0x6c, 0x55, 0xe8, 0x3f,
        0xf9, 0x7a, 0x1a, 0xef, 0xfb, 0x3a, 0xf0, 0x0a, 0xdb, 0x22, 0xc6, 0xbb};
    bls_g1_affine g;
    if (bls_g1_decompress(&g, generator) != bls_point_ok) abort();
    bls_g1 base, p;
    bls_g1_from_affine(&base, &g);
    for (int i = 0; i < POOL; i++) {
        bls_fr s = random_scalar();
        if (i < 8) s = (bls_fr){{0}};
        uint64_t words[4];
        bls_fr_to_words(words, &s);
        if (i < 8) words[0] = (uint64_t)i;
        bls_g1_mul(&p, &base, words);
        bls_g1_to_affine(&pool[i], &p);
    }
}

// Points, some infinite, some equal or opposite to the one before.
static void fill_points(bls_g1_affine *points, long count, int finite) {
    for (long i = 0; i < count; i++) {
        points[i] = pool[below(POOL)];
        long kind = below(10);
        if (kind == 0 && !finite) points[i] = (bls_g1_affine){0};
        if (kind <= 2 && kind > 0 && i > 0) points[i] = points[i - 1];
        if (kind == 2 && i > 0) bls_fp_neg(&points[i].y, &points[i].y);
        if (finite && bls_g1_affine_is_infinity(&points[i])) points[i] = pool[1];
    }
}

// MARK: The frame

typedef struct {
    uint8_t *bytes;
    size_t size, capacity;
} output;

static void emit(output *o, const void *data, size_t size) {
    if (o->size + size > o->capacity) {
        o->capacity = 2 * (o->size + size);
        o->bytes = realloc(o->bytes, o->capacity);
        if (!o->bytes) abort();
    }
    memcpy(o->bytes + o->size, data, size);
    o->size += size;
}

static bls_lanes_kind kinds[2];
static int kind_count;
static const char *kind_name(bls_lanes_kind kind) {
    return kind == bls_lanes_avx512 ? "avx512" : "emulated";
}
static long cases, differences;

// Runs the body without lanes and with each kind, from the same random numbers.
static void compare(const char *name, void (*body)(output *, long), long argument) {
    static output expected, actual;
    uint64_t seed = next();
    expected.size = 0;
    state = seed;
    bls_lanes_use(bls_lanes_off);
    body(&expected, argument);
    for (int k = 0; k < kind_count; k++) {
        actual.size = 0;
        state = seed;
        bls_lanes_use(kinds[k]);
        body(&actual, argument);
        cases++;
        if (actual.size == expected.size &&
            memcmp(actual.bytes, expected.bytes, expected.size) == 0) continue;
        differences++;
        printf("DIFFERENT: %s of %ld by %s\n", name, argument, kind_name(kinds[k]));
    }
    bls_lanes_use(bls_lanes_off);
}
static int lanes_in_use(void) { return bls_lanes_active() != bls_lanes_off; }

static void *memory(long size) {
    // Full of ones: what a kernel has not written it must not read.
    void *p = NULL;
    if (posix_memalign(&p, BLS_ALIGNMENT, (size_t)size + 64)) abort();
    memset(p, 0xff, (size_t)size + 64);
    return p;
}

// MARK: Operations on eight field elements

static const struct {
    lanes_operation operation;
    int limbs, operands;
    // Each operand is below so many times the modulus.
    uint64_t limit[4];
} operations[] = {
    {lanes_fp_mul, 8, 2, {1 << 17, 1 << 17}},
    {lanes_fp_sqr, 8, 1, {1 << 17}},
    {lanes_fp_mul2, 8, 4, {1 << 16, 1 << 16, 1 << 16, 1 << 16}},
    {lanes_fp_add, 8, 2, {1 << 16, 1 << 16}},
    {lanes_fp_sub, 8, 2, {1 << 16, 64}},
    {lanes_fp_weak, 8, 1, {1 << 17}},
    {lanes_fp_weak8, 8, 1, {8}},
    {lanes_fp_canonical, 8, 1, {64}},
    {lanes_fp_invert, 8, 1, {64}},
    {lanes_fr_mul, 5, 2, {35, 33}},
    {lanes_fr_sqr, 5, 1, {33}},
    {lanes_fr_mul2, 5, 4, {20, 20, 20, 20}},
    {lanes_fr_add, 5, 2, {17, 17}},
    {lanes_fr_sub, 5, 2, {31, 4}},
    {lanes_fr_weak, 5, 1, {35}},
    {lanes_fr_canonical, 5, 1, {35}},
    {lanes_fr_sixteenth, 5, 1, {35}},
};
#define OPERATIONS ((long)(sizeof operations / sizeof operations[0]))

// The emulation is what the instructions are compared with here; unit tests compare it with integers.
static void operate(output *o, long index) {
    const uint64_t top = operations[index].limbs == 8 ? 0x1a011 : 0x73eda753299dULL;
    uint64_t in[4 * 64] = {0}, out[64] = {0};
    for (int k = 0; k < operations[index].operands; k++) {
        for (int lane = 0; lane < 8; lane++) {
            uint64_t kind = next() % 8;
            for (int limb = 0; limb < operations[index].limbs; limb++) {
                int last = limb == operations[index].limbs - 1;
                uint64_t limit = last ? top * operations[index].limit[k] : 1ULL << 52;
                uint64_t word = next() % limit;
                if (kind == 0 && operations[index].operation != lanes_fp_invert) word = 0;
                if (kind == 1) word = limit - 1;
                if (kind == 2) word = last ? limit - 1 : next() % 4;
                if (kind == 3) word = last ? next() % 2 : limit - 1;
                in[64 * k + 8 * limb + lane] = word;
            }
        }
    }
    bls_lanes_operate(operations[index].operation, out, in);
    emit(o, out, sizeof(uint64_t) * 8 * (size_t)operations[index].limbs);
}

// MARK: Points

static void rows(output *o, long count) {
    bls_g1_affine *a = memory(count * (long)sizeof *a), *b = memory(count * (long)sizeof *a);
    uint64_t *r = memory(128 * count);
    fill_points(a, count, 0);
    bls_lane_rows_from_points(r, a, count);
    bls_lane_rows_to_points(b, r, count);
    emit(o, b, (size_t)count * sizeof *b);
    emit(o, r, 128 * (size_t)count);
    free(a), free(b), free(r);
}

static void sum_runs(output *o, long count) {
    const long runs = 7;
    bls_g1_affine *a = memory(count * (long)sizeof *a), *sums = memory(runs * (long)sizeof *sums);
    uint32_t *entries = memory(3 * count * 4), offsets[8] = {0};
    fill_points(a, count, 0);
    for (long k = 0; k < runs; k++) offsets[k + 1] = offsets[k] + (uint32_t)below(count / 3 + 2);
    for (long i = 0; i < offsets[runs]; i++) entries[i] = (uint32_t)below(2 * count);
    bls_sum_scratch *scratch = memory(bls_sum_scratch_size());
    if (lanes_in_use()) {
        uint64_t *table = memory(128 * count), *out = memory(128 * runs);
        bls_lane_rows_from_points(table, a, count);
        bls_lane_sum_runs(
            out, table, entries, offsets, runs, 1, bls_sum_scratch_for_lanes(scratch));
        bls_lane_rows_to_points(sums, out, runs);
        free(table), free(out);
    } else {
        bls_g1_sum_runs(sums, a, entries, offsets, runs, scratch);
    }
    emit(o, sums, (size_t)runs * sizeof *sums);
    free(a), free(sums), free(entries), free(scratch);
}

static void weigh(output *o, long log) {
    const long sets = 1 + below(40), count = sets << log;
    bls_g1_affine *a = memory(count * (long)sizeof *a), affine;
    bls_g1 *out = memory(sets * (long)sizeof *out);
    fill_points(a, count, 0);
    bls_sum_scratch *scratch = memory(bls_sum_scratch_size());
    if (lanes_in_use()) {
        uint64_t *buckets = memory(128 * count);
        uint64_t *work = memory(8 * bls_lane_weigh_words(sets, (int)log));
        bls_lane_rows_from_points(buckets, a, count);
        bls_lane_weigh_buckets(
            out, buckets, sets, (int)log, work, bls_sum_scratch_for_lanes(scratch));
        free(buckets), free(work);
    } else {
        bls_g1_weigh_buckets(out, a, sets, 1L << log, log > 1, scratch);
    }
    for (long i = 0; i < sets; i++) {
        bls_g1_to_affine(&affine, &out[i]);
        emit(o, &affine, sizeof affine);
    }
    free(a), free(out), free(scratch);
}

static void doubles(output *o, long count) {
    const int times = (int)below(14);
    bls_g1_affine *a = memory(count * (long)sizeof *a), *images = memory(2 * count * (long)sizeof *a);
    bls_g1 *twice = memory(count * (long)sizeof *twice);
    bls_fp *prefix = memory(count * (long)sizeof *prefix);
    fill_points(a, count, 0);
    if (lanes_in_use()) {
        uint64_t *r = memory(128 * count), *both = memory(256 * count);
        bls_lane_rows_from_points(r, a, count);
        bls_lane_endomorphism(both, r, count);
        bls_lane_rows_to_points(images, both, 2 * count);
        bls_lane_double_rows(r, r, times, count);
        bls_lane_rows_to_points(a, r, count);
        free(r), free(both);
    } else {
        bls_g1_endomorphism_each(images, a, count);
        bls_g1_double_each(twice, a, times, count);
        bls_g1_normalize(a, twice, prefix, count);
    }
    emit(o, images, 2 * (size_t)count * sizeof *images);
    emit(o, a, (size_t)count * sizeof *a);
    free(a), free(images), free(twice), free(prefix);
}

// The steps of transforms; count is at least 4, below which no lanes are used.
static void steps(output *o, long count) {
    bls_g1_affine *a = memory(count * (long)sizeof *a);
    uint32_t *index = memory(4 * count), *which = memory(4 * count);
    bls_glv_recoded scalars[9];
    fill_points(a, count, 0);
    for (int i = 0; i < 9; i++) {
        bls_fr s = random_scalar();
        uint64_t words[4];
        bls_fr_to_words(words, &s);
        bls_glv_recode(&scalars[i], words);
    }
    long one = below(2);
    for (long i = 0; i < count; i++) {
        index[i] = (uint32_t)(count - 1 - i);
        which[i] = one ? 3 : (uint32_t)below(9);
    }
    bls_sum_scratch *scratch = memory(bls_sum_scratch_size());
    bls_g1_mul_lanes(a, index, scalars, which, count, scratch);
    emit(o, a, (size_t)count * sizeof *a);
    bls_g1_mul_fourth_root_lanes(a, index, (int)below(2), count, scratch);
    emit(o, a, (size_t)count * sizeof *a);
    fill_points(a, count, 0);
    bls_g1_butterflies(a, index, index + count / 2, count / 2, scratch);
    emit(o, a, (size_t)count * sizeof *a);
    free(a), free(index), free(which), free(scratch);
}

// Encodings, of which one may be damaged.
static void encodings(output *o, long count) {
    bls_g1_affine *a = memory(count * (long)sizeof *a);
    uint8_t *bytes = memory(48 * count);
    fill_points(a, count, 0);
    bls_g1_compress_each(bytes, a, count);
    uint8_t *place = bytes + 48 * below(count);
    switch (below(6)) {
        case 0: for (int i = 0; i < 48; i++) place[i] = (uint8_t)next(); break;
        case 1: place[0] ^= 0x20; break;
        case 2: place[below(48)] ^= (uint8_t)(1 << below(8)); break;
        case 3: memset(place, 0xff, 48); place[0] = 0x9f; break;
        case 4: memset(place, 0, 48); place[0] = 0x80; place[47] = (uint8_t)below(8); break;
        default: break;
    }
    int error = 0;
    long first = bls_g1_decompress_each(a, bytes, (int)below(2), count, &error);
    emit(o, &first, sizeof first);
    emit(o, &error, sizeof error);
    emit(o, a, (size_t)first * sizeof *a);
    free(a), free(bytes);
}

// MARK: Scalars

#define ROOTS 4096
static bls_fr roots[ROOTS];

static void make_roots(void) {
    // The primitive root of order 8192, and its powers in bit-reversed order.
    static const uint64_t words[4] = {0x6fdd00bfc78c8967ULL, 0x146b58bc434906acULL,
                                      0x2ccddea2972e89edULL, 0x485d512737b1da3dULL};
    static const uint64_t plain_one[4] = {1, 0, 0, 0};
    bls_fr root, power;
    if (!bls_fr_from_words(&root, words) || !bls_fr_from_words(&power, plain_one)) abort();
    for (int k = 0; k < ROOTS; k++) {
        int reversed = 0;
        for (int bit = 0; bit < 12; bit++) reversed |= (k >> bit & 1) << (11 - bit);
        roots[reversed] = power;
        bls_fr_mul(&power, &power, &root);
    }
}

static void fill_scalars(bls_fr *a, long count) {
    bls_fr same = random_scalar();
    long constant = below(5) == 0;
    for (long i = 0; i < count; i++) a[i] = constant ? same : random_scalar();
}

static void transforms(output *o, long log) {
    const long count = 1L << log;
    long node = log < 13 ? below(2) : 0;
    bls_fr *a = memory(count * (long)sizeof *a);
    fill_scalars(a, count);
    bls_fr_fft(a, (int)log, node, roots);
    emit(o, a, (size_t)count * sizeof *a);
    fill_scalars(a, count);
    bls_fr_ifft(a, (int)log, node, roots);
    emit(o, a, (size_t)count * sizeof *a);
    free(a);
}

static void column_transforms(output *o, long log) {
    const long width = 8 + below(20), stride = width + below(3), count = stride << log;
    bls_fr *a = memory(count * (long)sizeof *a);
    fill_scalars(a, count);
    bls_fr_fft_columns(a, (int)log, below(2), roots, stride, width);
    emit(o, a, (size_t)count * sizeof *a);
    bls_fr_ifft_columns(a, (int)log, below(2), roots, stride, width);
    emit(o, a, (size_t)count * sizeof *a);
    free(a);
}

static void scalars(output *o, long count) {
    bls_fr *a = memory(count * (long)sizeof *a), *b = memory(count * (long)sizeof *a);
    uint64_t *words = memory(32 * count);
    fill_scalars(a, count);
    fill_scalars(b, count);
    bls_fr_to_words_each(words, a, count);
    emit(o, words, 32 * (size_t)count);
    bls_fr_mul_each(b, a, b, count);
    emit(o, b, (size_t)count * sizeof *b);
    free(a), free(b), free(words);
}

int main(int argc, char **argv) {
    long rounds = argc > 1 ? atol(argv[1]) : 40;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    kinds[kind_count++] = bls_lanes_emulated;
    if (bls_lanes_are_supported()) kinds[kind_count++] = bls_lanes_avx512;
    make_pool();
    make_roots();
    for (long round = 0; round < rounds; round++) {
        for (long k = 0; k < OPERATIONS; k++) {
            for (int i = 0; i < 10; i++) compare("operation", operate, k);
        }
        compare("rows", rows, 1 + below(70));
        compare("sums of runs", sum_runs, 1 + below(500));
        compare("weighed buckets", weigh, 1 + below(6));
        compare("doublings", doubles, 1 + below(70));
        compare("steps of transforms", steps, 4 + below(90));
        compare("encodings", encodings, 1 + below(70));
        compare("transform", transforms, 1 + below(13));
        compare("transform of columns", column_transforms, 1 + below(6));
        compare("scalars", scalars, 1 + below(200));
        fflush(stdout);
    }
    if (kind_count == 1) {
        printf("no AVX-512 IFMA here: emulation against portable kernels only\n");
    }
    printf(
        "lanes %s: passed %ld failed %ld\n", kind_count == 2 ? "avx512 and emulated" : "emulated",
        cases - differences, differences);
    return differences != 0;
}
