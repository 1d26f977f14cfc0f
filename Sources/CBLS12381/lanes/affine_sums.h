// Sums of runs of points, and buckets with their numbers as weights, all in affine batches.
#pragma once

#include "affine_batch.h"

static inline void lanes_copy_row(uint64_t *to, const uint64_t *from) {
    for (int k = 0; k < LANES_ROW; k++) to[k] = from[k];
}
static inline void lanes_clear_row(uint64_t *row) {
    for (int k = 0; k < LANES_ROW; k++) row[k] = 0;
}

// The point of a reference with its sign as a row: y becomes 2 p - y, which is below 2 p.
static void lanes_copy_reference(uint64_t *to, uint64_t reference) {
    lanes_copy_row(to, lanes_row(reference));
    if (!(reference & LANES_SIGN) || lanes_row_is_infinite(to)) return;
    int64_t carry = 0;
    for (int k = 0; k < 8; k++) {
        int64_t limb = (int64_t)(2 * fp8_p[k]) - (int64_t)to[8 + k] + carry;
        carry = limb >> 52;
        to[8 + k] = k < 7 ? (uint64_t)limb & LANES_MASK52 : (uint64_t)limb;
    }
}

// *r = a + b, where both are rows: right for infinite ones too, which cost nothing.
static inline void lanes_submit_checked(
    bls_lane_scratch *s, const uint64_t *a, const uint64_t *b, uint64_t *r) {
    if (lanes_row_is_infinite(b)) {
        if (a != r) lanes_copy_row(r, a);
    } else if (lanes_row_is_infinite(a)) {
        lanes_copy_row(r, b);
    } else {
        lanes_submit(s, lanes_reference(a, 0), lanes_reference(b, 0), r, 0);
    }
}

// The first level of a run whose entries may name infinite points: their sums go to rows from slots
// on. Returns the number of these.
static uint32_t lanes_submit_finite(
    const uint64_t *table, const uint32_t *e, uint32_t length, uint64_t *slots,
    bls_lane_scratch *s) {
    uint64_t waiting = 0;
    uint32_t filled = 0;
    for (uint32_t i = 0; i < length; i++) {
        const uint64_t *row = table + (uint64_t)LANES_ROW * (e[i] >> 1);
        if (lanes_row_is_infinite(row)) continue;
        uint64_t reference = lanes_reference(row, e[i] & 1);
        if (waiting == 0) {
            waiting = reference;
        } else {
            lanes_submit(s, waiting, reference, slots + LANES_ROW * filled++, 1);
            waiting = 0;
        }
    }
    if (waiting != 0) lanes_copy_reference(slots + LANES_ROW * filled++, waiting);
    return filled;
}

// Sums the runs of one group: half their entries, rounded up run by run, fit the pool.
static void lanes_sum_group(
    uint64_t *out, const uint64_t *table, const uint32_t *entries, const uint32_t *offsets,
    long count, int check, bls_lane_scratch *s) {
    uint32_t slots = 0;
    s->infinities = 0;
    // The first level: from the table into the pool.
    for (long k = 0; k < count; k++) {
        const uint32_t *e = entries + offsets[k];
        uint32_t length = offsets[k + 1] - offsets[k];
        s->run_slot[k] = slots;
        if (check) {
            s->run_length[k] = lanes_submit_finite(table, e, length, s->pool[slots], s);
            slots += s->run_length[k];
            continue;
        }
        s->run_length[k] = (length + 1) / 2;
        uint32_t i = 0;
        for (; i + 1 < length; i += 2) {
            const uint64_t *a = table + (uint64_t)LANES_ROW * (e[i] >> 1);
            const uint64_t *b = table + (uint64_t)LANES_ROW * (e[i + 1] >> 1);
            lanes_submit(
                s, lanes_reference(a, e[i] & 1), lanes_reference(b, e[i + 1] & 1),
                s->pool[slots++], 1);
        }
        if (i < length) {
            const uint64_t *a = table + (uint64_t)LANES_ROW * (e[i] >> 1);
            lanes_copy_reference(s->pool[slots++], lanes_reference(a, e[i] & 1));
        }
    }
    lanes_flush(s, 1);
    // Then within the pool: slots 0 and 1, 2 and 3, ... of each run; 0 and 2, 4 and 6, and so on.
    for (uint32_t step = 1;; step *= 2) {
        int more = 0;
        for (long k = 0; k < count; k++) {
            uint64_t(*run)[LANES_ROW] = &s->pool[s->run_slot[k]];
            for (uint32_t i = 0; i + step < s->run_length[k]; i += 2 * step) {
                more = 1;
                if (s->infinities) {
                    lanes_submit_checked(s, run[i], run[i + step], run[i]);
                } else {
                    lanes_submit(
                        s, lanes_reference(run[i], 0), lanes_reference(run[i + step], 0), run[i],
                        0);
                }
            }
        }
        lanes_flush(s, 0);
        if (!more) break;
    }
    for (long k = 0; k < count; k++) {
        if (s->run_length[k] == 0) {
            lanes_clear_row(out + LANES_ROW * k);
        } else {
            lanes_copy_row(out + LANES_ROW * k, s->pool[s->run_slot[k]]);
        }
    }
}

// A run too long for the pool: in pieces.
static void lanes_sum_long_run(
    uint64_t *out, const uint64_t *table, const uint32_t *entries, uint32_t first, uint32_t end,
    int check, bls_lane_scratch *s) {
    uint64_t piece[LANES_ROW];
    lanes_clear_row(out);
    while (first < end) {
        uint32_t length = end - first < 2 * LANES_POOL ? end - first : 2 * LANES_POOL;
        uint32_t offsets[2] = {first, first + length};
        lanes_sum_group(piece, table, entries, offsets, 1, check, s);
        lanes_submit_checked(s, out, piece, out);
        lanes_flush(s, 0);
        first += length;
    }
}

static void lanes_sum_runs(
    uint64_t *out, const uint64_t *table, const uint32_t *entries, const uint32_t *offsets,
    long count, int check, bls_lane_scratch *s) {
    lanes_begin(s);
    for (long first = 0; first < count;) {
        uint32_t slots = 0;
        long end = first;
        while (end < count && end - first < LANES_POOL) {
            uint32_t needed = (offsets[end + 1] - offsets[end] + 1) / 2;
            if (slots + needed > LANES_POOL) break;
            slots += needed;
            end++;
        }
        if (end == first) {
            lanes_sum_long_run(
                out + LANES_ROW * first, table, entries, offsets[first], offsets[first + 1],
                check, s);
            end = first + 1;
        } else {
            lanes_sum_group(
                out + LANES_ROW * first, table, entries, offsets + first, end - first, check,
                s);
        }
        first = end;
    }
}

// The sum of (b + 1) B_b for 2^log buckets B_b, as sums of few points. With b = 2^low h + l and the
// sums R_h of each row of buckets and C_l of each column it is 2^low (sum of h R_h) + (sum of
// l C_l) + (sum of C_l), and a sum with numbers as weights is one of 2^k times the sum of the points
// whose number has bit k. So: two additions to a bucket, and some more for rows and columns.
//
// bits gets log + 1 rows to a set: the points of weight 2^0, ..., 2^(log - 1), and one of weight 1.
// lines gets 2^low + 2^high rows to a set, and lists at least what both steps take, see below.
static void lanes_weigh_lines(
    uint64_t *bits, uint64_t *lines, const uint64_t *buckets, uint32_t *lists, long sets, int log,
    bls_lane_scratch *s) {
    int low = log / 2, high = log - low;
    long columns = 1L << low, rows = 1L << high, count = 1L << log;
    uint32_t *offsets = lists, *entries;
    long runs = sets * (rows + columns);
    entries = offsets + runs + 1;
    uint32_t filled = 0;
    long run = 0;
    for (long set = 0; set < sets; set++) {
        for (long line = 0; line < rows + columns; line++) {
            offsets[run++] = filled;
            // Rows first, then columns.
            long first = line < rows ? line * columns : line - rows;
            long step = line < rows ? 1 : columns;
            long length = line < rows ? columns : rows;
            for (long i = 0; i < length; i++) {
                long bucket = set * count + first + i * step;
                if (lanes_row_is_infinite(buckets + LANES_ROW * bucket)) continue;
                entries[filled++] = 2 * (uint32_t)bucket;
            }
        }
    }
    offsets[run] = filled;
    lanes_sum_runs(lines, buckets, entries, offsets, runs, 0, s);

    runs = sets * (log + 1);
    entries = offsets + runs + 1;
    filled = 0;
    run = 0;
    for (long set = 0; set < sets; set++) {
        long base = set * (rows + columns);
        for (int k = 0; k <= log; k++) {
            offsets[run++] = filled;
            // The lines with bit k of their number; at last all columns.
            long first = k < low || k == log ? base + rows : base;
            long length = k < low || k == log ? columns : rows;
            long bit = k == log ? 0 : k < low ? 1L << k : 1L << (k - low);
            for (long i = 0; i < length; i++) {
                if (bit != 0 && !(i & bit)) continue;
                if (lanes_row_is_infinite(lines + LANES_ROW * (first + i))) continue;
                entries[filled++] = 2 * (uint32_t)(first + i);
            }
        }
    }
    offsets[run] = filled;
    lanes_sum_runs(bits, lines, entries, offsets, runs, 0, s);
}
