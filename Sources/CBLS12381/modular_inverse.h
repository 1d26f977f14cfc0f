// Inversion modulo an odd prime by Bernstein and Yang's division steps (eprint 2019/266), in
// batches of 62 steps on the lowest words, variable time. Numbers are signed, in words of 62 bits.
#pragma once

#include "bls_word.h"

#define BLS_MASK62 ((uint64_t)-1 >> 2)

// 2^62 times the matrix that a batch of steps multiplies (f, g) by.
typedef struct {
    int64_t u, v, q, r;
} bls_steps;

// Runs 62 division steps on the low words of f (odd) and g. delta is the state of the algorithm,
// kept negated in eta.
static inline int64_t bls_divide_62(int64_t eta, uint64_t f, uint64_t g, bls_steps *out) {
    uint64_t u = 1, v = 0, q = 0, r = 1;
    int left = 62;
    for (;;) {
        // Every trailing zero of g is one step that only halves.
        int zeros = __builtin_ctzll(g | ((uint64_t)-1 << left));
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        eta -= zeros;
        left -= zeros;
        if (left == 0) break;
        uint64_t w;
        if (eta < 0) {
            // Swap; then a multiple of f clears up to six low bits of g.
            uint64_t t;
            eta = -eta;
            t = f, f = g, g = -t;
            t = u, u = q, q = -t;
            t = v, v = r, r = -t;
            int limit = eta + 1 > left ? left : (int)eta + 1;
            uint64_t mask = ((uint64_t)-1 >> (64 - limit)) & 63;
            w = (f * g * (f * f - 2)) & mask;
        } else {
            int limit = eta + 1 > left ? left : (int)eta + 1;
            uint64_t mask = ((uint64_t)-1 >> (64 - limit)) & 15;
            w = f + (((f + 1) & 4) << 1);
            w = (-w * g) & mask;
        }
        g += f * w;
        q += u * w;
        r += v * w;
    }
    out->u = (int64_t)u;
    out->v = (int64_t)v;
    out->q = (int64_t)q;
    out->r = (int64_t)r;
    return eta;
}

// (f, g) = matrix * (f, g) / 2^62 on the lowest count words.
BLS_INLINE void bls_update_fg(int count, int64_t *f, int64_t *g, const bls_steps *t) {
    __int128 cf = (__int128)t->u * f[0] + (__int128)t->v * g[0];
    __int128 cg = (__int128)t->q * f[0] + (__int128)t->r * g[0];
    cf >>= 62;
    cg >>= 62;
    for (int i = 1; i < count; i++) {
        cf += (__int128)t->u * f[i] + (__int128)t->v * g[i];
        cg += (__int128)t->q * f[i] + (__int128)t->r * g[i];
        f[i - 1] = (int64_t)((uint64_t)cf & BLS_MASK62);
        g[i - 1] = (int64_t)((uint64_t)cg & BLS_MASK62);
        cf >>= 62;
        cg >>= 62;
    }
    f[count - 1] = (int64_t)cf;
    g[count - 1] = (int64_t)cg;
}

// (d, e) = matrix * (d, e) / 2^62 mod m. Keeps both in (-2m, m). inverse is 1/m mod 2^62.
BLS_INLINE void bls_update_de(
    int count, int64_t *d, int64_t *e, const bls_steps *t, const int64_t *m, uint64_t inverse) {
    int64_t sd = d[count - 1] >> 63, se = e[count - 1] >> 63;
    int64_t md = (t->u & sd) + (t->v & se);
    int64_t me = (t->q & sd) + (t->r & se);
    __int128 cd = (__int128)t->u * d[0] + (__int128)t->v * e[0];
    __int128 ce = (__int128)t->q * d[0] + (__int128)t->r * e[0];
    // The multiples of m that make the low 62 bits vanish.
    md -= (int64_t)((inverse * (uint64_t)cd + (uint64_t)md) & BLS_MASK62);
    me -= (int64_t)((inverse * (uint64_t)ce + (uint64_t)me) & BLS_MASK62);
    cd += (__int128)m[0] * md;
    ce += (__int128)m[0] * me;
    cd >>= 62;
    ce >>= 62;
    for (int i = 1; i < count; i++) {
        cd += (__int128)t->u * d[i] + (__int128)t->v * e[i] + (__int128)m[i] * md;
        ce += (__int128)t->q * d[i] + (__int128)t->r * e[i] + (__int128)m[i] * me;
        d[i - 1] = (int64_t)((uint64_t)cd & BLS_MASK62);
        e[i - 1] = (int64_t)((uint64_t)ce & BLS_MASK62);
        cd >>= 62;
        ce >>= 62;
    }
    d[count - 1] = (int64_t)cd;
    e[count - 1] = (int64_t)ce;
}

// x = 1/x mod m for 0 <= x < m, words of 62 bits; 0 for 0.
BLS_INLINE void bls_invert_62(int count, int64_t *x, const int64_t *m, uint64_t inverse) {
    int64_t d[7] = {0}, e[7] = {1}, f[7], g[7];
    for (int i = 0; i < count; i++) {
        f[i] = m[i];
        g[i] = x[i];
    }
    int length = count;
    int64_t eta = -1;
    for (;;) {
        bls_steps t;
        eta = bls_divide_62(eta, (uint64_t)f[0], (uint64_t)g[0], &t);
        bls_update_de(count, d, e, &t, m, inverse);
        bls_update_fg(length, f, g, &t);
        int64_t any = 0;
        for (int i = 0; i < length; i++) any |= g[i];
        if (any == 0) break;
        // Drop the top word of f and g where both are only a sign.
        int64_t fn = f[length - 1], gn = g[length - 1];
        if (length > 1 && (fn == 0 || fn == -1) && (gn == 0 || gn == -1)) {
            f[length - 2] |= (int64_t)((uint64_t)fn << 62);
            g[length - 2] |= (int64_t)((uint64_t)gn << 62);
            length--;
        }
    }
    // f is now 1 or -1 (or m where x is 0), and d is f/x.
    int negative = f[length - 1] < 0;
    // d is in (-2m, m): bring it to [0, m), with f's sign.
    int64_t carry = 0, add = d[count - 1] >> 63;
    for (int i = 0; i < count; i++) {
        int64_t w = d[i] + (m[i] & add);
        if (negative) w = -w;
        w += carry;
        carry = w >> 62;
        d[i] = i == count - 1 ? w : (int64_t)((uint64_t)w & BLS_MASK62);
    }
    add = d[count - 1] >> 63;
    carry = 0;
    for (int i = 0; i < count; i++) {
        int64_t w = d[i] + (m[i] & add) + carry;
        carry = w >> 62;
        x[i] = i == count - 1 ? w : (int64_t)((uint64_t)w & BLS_MASK62);
    }
}
