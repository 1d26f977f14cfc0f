// Scalars as signed digits, and digits as lists of the points of each bucket.
#include "bls_msm.h"

#include "CBLS12381Lanes.h"

void bls_fr_to_words_each(uint64_t *out, const bls_fr *a, long count) {
    if (count >= 8 && bls_lanes_active()) {
        bls_lane_fr_to_words(out, a, count);
        return;
    }
    for (long i = 0; i < count; i++) bls_fr_to_words(out + 4 * i, &a[i]);
}

void bls_glv_split_each(uint64_t *out, uint8_t *negative, const uint64_t *scalars, long count) {
    for (long i = 0; i < count; i++) {
        bls_glv halves;
        bls_glv_split(&halves, scalars + 4 * i);
        for (int h = 0; h < 2; h++) {
            out[4 * i + 2 * h] = halves.k[h][0];
            out[4 * i + 2 * h + 1] = halves.k[h][1];
            negative[2 * i + h] = (uint8_t)halves.negative[h];
        }
    }
}

void bls_g1_endomorphism_each(bls_g1_affine *out, const bls_g1_affine *points, long count) {
    for (long i = 0; i < count; i++) {
        out[2 * i] = points[i];
        bls_g1_endomorphism(&out[2 * i + 1], &points[i]);
    }
}

void bls_g1_double_each(bls_g1 *r, const bls_g1_affine *a, int times, long count) {
    for (long i = 0; i < count; i++) {
        bls_g1 t;
        bls_g1_from_affine(&t, &a[i]);
        for (int k = 0; k < times; k++) bls_g1_dbl(&t, &t);
        r[i] = t;
    }
}

void bls_signed_digits(
    int16_t *digits, const uint64_t *scalars, long words, const uint8_t *negative, long count,
    long stride, int width, int windows) {
    const int64_t half = 1LL << (width - 1);
    const uint64_t mask = (1ULL << width) - 1;
    for (long i = 0; i < count; i++) {
        const uint64_t *k = scalars + i * words;
        int64_t carry = 0;
        int flip = negative != 0 && negative[i] != 0;
        for (int w = 0; w < windows; w++) {
            long bit = (long)w * width;
            long word = bit >> 6;
            int shift = (int)(bit & 63);
            uint64_t bits = word < words ? k[word] >> shift : 0;
            if (shift + width > 64 && word + 1 < words) bits |= k[word + 1] << (64 - shift);
            int64_t digit = (int64_t)(bits & mask) + carry;
            carry = digit > half;
            digit -= carry << width;
            digits[w * stride + i] = (int16_t)(flip ? -digit : digit);
        }
    }
}

uint32_t bls_sort_digits(
    uint32_t *entries, uint32_t *offsets, const int16_t *digits, long count, uint32_t first,
    long buckets) {
    // offsets[b + 1] counts the entries of bucket b - 1 first, then is where bucket b goes on.
    uint32_t start = offsets[0];
    for (long b = 1; b <= buckets; b++) offsets[b] = 0;
    for (long i = 0; i < count; i++) {
        int d = digits[i];
        int magnitude = d < 0 ? -d : d;
        if (magnitude > 0 && magnitude < buckets) offsets[magnitude + 1]++;
    }
    uint32_t position = start;
    for (long b = 1; b <= buckets; b++) {
        position += offsets[b];
        offsets[b] = position;
    }
    for (long i = 0; i < count; i++) {
        int d = digits[i];
        if (d == 0) continue;
        int magnitude = d < 0 ? -d : d;
        entries[offsets[magnitude]++] = 2 * (first + (uint32_t)i) + (d < 0);
    }
    return offsets[buckets];
}
