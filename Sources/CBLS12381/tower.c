// The tower of extension fields: see bls_tower.h.
#include "bls_tower.h"

// Fp2.

void bls_fp2_mul(bls_fp2 *r, const bls_fp2 *a, const bls_fp2 *b) {
    bls_fp x, y, s, t;
    bls_fp_add(&s, &a->c0, &a->c1);
    bls_fp_add(&t, &b->c0, &b->c1);
    bls_fp_mul(&x, &a->c0, &b->c0);
    bls_fp_mul(&y, &a->c1, &b->c1);
    bls_fp_mul(&s, &s, &t);
    bls_fp_sub(&r->c0, &x, &y);
    bls_fp_sub(&s, &s, &x);
    bls_fp_sub(&r->c1, &s, &y);
}

void bls_fp2_sqr(bls_fp2 *r, const bls_fp2 *a) {
    bls_fp s, d, t;
    bls_fp_add(&s, &a->c0, &a->c1);
    bls_fp_sub(&d, &a->c0, &a->c1);
    bls_fp_mul(&t, &a->c0, &a->c1);
    bls_fp_mul(&r->c0, &s, &d);
    bls_fp_dbl(&r->c1, &t);
}

void bls_fp2_mul_fp(bls_fp2 *r, const bls_fp2 *a, const bls_fp *b) {
    bls_fp factor = *b;
    bls_fp_mul(&r->c0, &a->c0, &factor);
    bls_fp_mul(&r->c1, &a->c1, &factor);
}

void bls_fp2_inv(bls_fp2 *r, const bls_fp2 *a) {
    bls_fp norm, t;
    bls_fp_sqr(&norm, &a->c0);
    bls_fp_sqr(&t, &a->c1);
    bls_fp_add(&norm, &norm, &t);
    bls_fp_inv(&norm, &norm);
    bls_fp_mul(&r->c0, &a->c0, &norm);
    bls_fp_mul(&t, &a->c1, &norm);
    bls_fp_neg(&r->c1, &t);
}

// (x + y u)^2 = a means x^2 - y^2 = c0 and 2xy = c1. With n a root of the norm c0^2 + c1^2, x^2 is
// one of (c0 + n) / 2 and (c0 - n) / 2. An a in Fp has the root of a, or that of -a times u.
int bls_fp2_sqrt(bls_fp2 *r, const bls_fp2 *a) {
    static const bls_fp zero = {{0, 0, 0, 0, 0, 0}}, one = BLS_FP_ONE;
    bls_fp root, t;
    if (bls_fp_is_zero(&a->c1)) {
        bls_fp value = a->c0;
        if (bls_fp_sqrt(&root, &value)) {
            r->c0 = root;
            r->c1 = zero;
            return 1;
        }
        bls_fp_neg(&value, &value);
        if (!bls_fp_sqrt(&root, &value)) return 0;
        r->c0 = zero;
        r->c1 = root;
        return 1;
    }
    bls_fp norm, half, x2, x;
    bls_fp_sqr(&norm, &a->c0);
    bls_fp_sqr(&t, &a->c1);
    bls_fp_add(&norm, &norm, &t);
    if (!bls_fp_sqrt(&root, &norm)) return 0;
    bls_fp_dbl(&half, &one);
    bls_fp_inv(&half, &half);
    bls_fp_add(&x2, &a->c0, &root);
    bls_fp_mul(&x2, &x2, &half);
    if (!bls_fp_sqrt(&x, &x2)) {
        bls_fp_sub(&x2, &x2, &root);
        if (!bls_fp_sqrt(&x, &x2)) return 0;
    }
    bls_fp_dbl(&t, &x);
    bls_fp_inv(&t, &t);
    bls_fp_mul(&r->c1, &a->c1, &t);
    r->c0 = x;
    return 1;
}

// Fp6.

void bls_fp6_add(bls_fp6 *r, const bls_fp6 *a, const bls_fp6 *b) {
    bls_fp2_add(&r->c0, &a->c0, &b->c0);
    bls_fp2_add(&r->c1, &a->c1, &b->c1);
    bls_fp2_add(&r->c2, &a->c2, &b->c2);
}

void bls_fp6_sub(bls_fp6 *r, const bls_fp6 *a, const bls_fp6 *b) {
    bls_fp2_sub(&r->c0, &a->c0, &b->c0);
    bls_fp2_sub(&r->c1, &a->c1, &b->c1);
    bls_fp2_sub(&r->c2, &a->c2, &b->c2);
}

void bls_fp6_neg(bls_fp6 *r, const bls_fp6 *a) {
    bls_fp2_neg(&r->c0, &a->c0);
    bls_fp2_neg(&r->c1, &a->c1);
    bls_fp2_neg(&r->c2, &a->c2);
}

void bls_fp6_mul_v(bls_fp6 *r, const bls_fp6 *a) {
    bls_fp2 t;
    bls_fp2_mul_xi(&t, &a->c2);
    r->c2 = a->c1;
    r->c1 = a->c0;
    r->c0 = t;
}

// Karatsuba's way in each pair of coefficients: six products.
void bls_fp6_mul(bls_fp6 *r, const bls_fp6 *a, const bls_fp6 *b) {
    bls_fp2 p0, p1, p2, s, t, x0, x1;
    bls_fp2_mul(&p0, &a->c0, &b->c0);
    bls_fp2_mul(&p1, &a->c1, &b->c1);
    bls_fp2_mul(&p2, &a->c2, &b->c2);

    bls_fp2_add(&s, &a->c1, &a->c2);
    bls_fp2_add(&t, &b->c1, &b->c2);
    bls_fp2_mul(&x0, &s, &t);
    bls_fp2_sub(&x0, &x0, &p1);
    bls_fp2_sub(&x0, &x0, &p2);
    bls_fp2_mul_xi(&x0, &x0);
    bls_fp2_add(&x0, &x0, &p0);

    bls_fp2_add(&s, &a->c0, &a->c1);
    bls_fp2_add(&t, &b->c0, &b->c1);
    bls_fp2_mul(&x1, &s, &t);
    bls_fp2_sub(&x1, &x1, &p0);
    bls_fp2_sub(&x1, &x1, &p1);
    bls_fp2_mul_xi(&s, &p2);
    bls_fp2_add(&x1, &x1, &s);

    bls_fp2_add(&s, &a->c0, &a->c2);
    bls_fp2_add(&t, &b->c0, &b->c2);
    bls_fp2_mul(&s, &s, &t);
    bls_fp2_sub(&s, &s, &p0);
    bls_fp2_sub(&s, &s, &p2);
    bls_fp2_add(&r->c2, &s, &p1);
    r->c0 = x0;
    r->c1 = x1;
}

// a times the adjugate of its multiplication matrix is the norm, an element of Fp2.
void bls_fp6_inv(bls_fp6 *r, const bls_fp6 *a) {
    bls_fp2 x0, x1, x2, t, norm;
    bls_fp2_sqr(&x0, &a->c0);
    bls_fp2_mul(&t, &a->c1, &a->c2);
    bls_fp2_mul_xi(&t, &t);
    bls_fp2_sub(&x0, &x0, &t);

    bls_fp2_sqr(&x1, &a->c2);
    bls_fp2_mul_xi(&x1, &x1);
    bls_fp2_mul(&t, &a->c0, &a->c1);
    bls_fp2_sub(&x1, &x1, &t);

    bls_fp2_sqr(&x2, &a->c1);
    bls_fp2_mul(&t, &a->c0, &a->c2);
    bls_fp2_sub(&x2, &x2, &t);

    bls_fp2_mul(&norm, &a->c1, &x2);
    bls_fp2_mul(&t, &a->c2, &x1);
    bls_fp2_add(&norm, &norm, &t);
    bls_fp2_mul_xi(&norm, &norm);
    bls_fp2_mul(&t, &a->c0, &x0);
    bls_fp2_add(&norm, &norm, &t);
    bls_fp2_inv(&norm, &norm);

    bls_fp2_mul(&r->c0, &x0, &norm);
    bls_fp2_mul(&r->c1, &x1, &norm);
    bls_fp2_mul(&r->c2, &x2, &norm);
}

// r = a * (b0 + b1 v).
static void fp6_mul_sparse(bls_fp6 *r, const bls_fp6 *a, const bls_fp2 *b0, const bls_fp2 *b1) {
    bls_fp2 p0, p1, s, t, x1, x2;
    bls_fp2_mul(&p0, &a->c0, b0);
    bls_fp2_mul(&p1, &a->c1, b1);
    bls_fp2_add(&s, &a->c0, &a->c1);
    bls_fp2_add(&t, b0, b1);
    bls_fp2_mul(&x1, &s, &t);
    bls_fp2_sub(&x1, &x1, &p0);
    bls_fp2_sub(&x1, &x1, &p1);
    bls_fp2_mul(&x2, &a->c2, b0);
    bls_fp2_add(&x2, &x2, &p1);
    bls_fp2_mul(&t, &a->c2, b1);
    bls_fp2_mul_xi(&t, &t);
    bls_fp2_add(&r->c0, &p0, &t);
    r->c1 = x1;
    r->c2 = x2;
}

// Fp12.

void bls_fp12_mul(bls_fp12 *r, const bls_fp12 *a, const bls_fp12 *b) {
    bls_fp6 p0, p1, s, t;
    bls_fp6_mul(&p0, &a->c0, &b->c0);
    bls_fp6_mul(&p1, &a->c1, &b->c1);
    bls_fp6_add(&s, &a->c0, &a->c1);
    bls_fp6_add(&t, &b->c0, &b->c1);
    bls_fp6_mul(&s, &s, &t);
    bls_fp6_sub(&s, &s, &p0);
    bls_fp6_sub(&r->c1, &s, &p1);
    bls_fp6_mul_v(&p1, &p1);
    bls_fp6_add(&r->c0, &p0, &p1);
}

// c0^2 + v c1^2 = (c0 + c1)(c0 + v c1) - c0 c1 - v c0 c1.
void bls_fp12_sqr(bls_fp12 *r, const bls_fp12 *a) {
    bls_fp6 p, s, t;
    bls_fp6_mul(&p, &a->c0, &a->c1);
    bls_fp6_add(&s, &a->c0, &a->c1);
    bls_fp6_mul_v(&t, &a->c1);
    bls_fp6_add(&t, &t, &a->c0);
    bls_fp6_mul(&s, &s, &t);
    bls_fp6_sub(&s, &s, &p);
    bls_fp6_add(&r->c1, &p, &p);
    bls_fp6_mul_v(&p, &p);
    bls_fp6_sub(&r->c0, &s, &p);
}

void bls_fp12_inv(bls_fp12 *r, const bls_fp12 *a) {
    bls_fp6 norm, t;
    bls_fp6_mul(&norm, &a->c0, &a->c0);
    bls_fp6_mul(&t, &a->c1, &a->c1);
    bls_fp6_mul_v(&t, &t);
    bls_fp6_sub(&norm, &norm, &t);
    bls_fp6_inv(&norm, &norm);
    bls_fp6_mul(&r->c0, &a->c0, &norm);
    bls_fp6_mul(&t, &a->c1, &norm);
    bls_fp6_neg(&r->c1, &t);
}

void bls_fp12_conj(bls_fp12 *r, const bls_fp12 *a) {
    r->c0 = a->c0;
    bls_fp6_neg(&r->c1, &a->c1);
}

// xi^(i (p - 1) / 6) for i in 1...5: w^p is the first of them times w.
static const bls_fp2 frobenius[5] = {
    {{{0x07089552b319d465ULL, 0xc6695f92b50a8313ULL, 0x97e83cccd117228fULL,
       0xa35baecab2dc29eeULL, 0x1ce393ea5daace4dULL, 0x08f2220fb0fb66ebULL}},
     {{0xb2f66aad4ce5d646ULL, 0x5842a06bfc497cecULL, 0xcf4895d42599d394ULL,
       0xc11b9cba40a8e8d0ULL, 0x2e3813cbe5a0de89ULL, 0x110eefda88847fafULL}}},
    {{{0x0000000000000000ULL, 0x0000000000000000ULL, 0x0000000000000000ULL,
       0x0000000000000000ULL, 0x0000000000000000ULL, 0x0000000000000000ULL}},
     {{0xcd03c9e48671f071ULL, 0x5dab22461fcda5d2ULL, 0x587042afd3851b95ULL,
       0x8eb60ebe01bacb9eULL, 0x03f97d6e83d050d2ULL, 0x18f0206554638741ULL}}},
    {{{0x7bcfa7a25aa30fdaULL, 0xdc17dec12a927e7cULL, 0x2f088dd86b4ebef1ULL,
       0xd1ca2087da74d4a7ULL, 0x2da2596696cebc1dULL, 0x0e2b7eedbbfd87d2ULL}},
     {{0x7bcfa7a25aa30fdaULL, 0xdc17dec12a927e7cULL, 0x2f088dd86b4ebef1ULL,
       0xd1ca2087da74d4a7ULL, 0x2da2596696cebc1dULL, 0x0e2b7eedbbfd87d2ULL}}},
    {{{0x890dc9e4867545c3ULL, 0x2af322533285a5d5ULL, 0x50880866309b7e2cULL,
       0xa20d1b8c7e881024ULL, 0x14e4f04fe2db9068ULL, 0x14e56d3f1564853aULL}},
     {{0x0000000000000000ULL, 0x0000000000000000ULL, 0x0000000000000000ULL,
       0x0000000000000000ULL, 0x0000000000000000ULL, 0x0000000000000000ULL}}},
    {{{0x82d83cf50dbce43fULL, 0xa2813e53df9d018fULL, 0xc6f0caa53c65e181ULL,
       0x7525cf528d50fe95ULL, 0x4a85ed50f4798a6bULL, 0x171da0fd6cf8eebdULL}},
     {{0x3726c30af242c66cULL, 0x7c2ac1aad1b6fe70ULL, 0xa04007fbba4b14a2ULL,
       0xef517c3266341429ULL, 0x0095ba654ed2226bULL, 0x02e370eccc86f7ddULL}}},
};

// The norms of those: xi^(i (p^2 - 1) / 6), all in Fp.
static const bls_fp frobenius2[5] = {
    {{0xecfb361b798dba3aULL, 0xc100ddb891865a2cULL, 0x0ec08ff1232bda8eULL,
       0xd5c13cc6f1ca4721ULL, 0x47222a47bf7b5c04ULL, 0x0110f184e51c5f59ULL}},
    {{0x30f1361b798a64e8ULL, 0xf3b8ddab7ece5a2aULL, 0x16a8ca3ac61577f7ULL,
       0xc26a2ff874fd029bULL, 0x3636b76660701c6eULL, 0x051ba4ab241b6160ULL}},
    {{0x43f5fffffffcaaaeULL, 0x32b7fff2ed47fffdULL, 0x07e83a49a2e99d69ULL,
       0xeca8f3318332bb7aULL, 0xef148d1ea0f4c069ULL, 0x040ab3263eff0206ULL}},
    {{0xcd03c9e48671f071ULL, 0x5dab22461fcda5d2ULL, 0x587042afd3851b95ULL,
       0x8eb60ebe01bacb9eULL, 0x03f97d6e83d050d2ULL, 0x18f0206554638741ULL}},
    {{0x890dc9e4867545c3ULL, 0x2af322533285a5d5ULL, 0x50880866309b7e2cULL,
       0xa20d1b8c7e881024ULL, 0x14e4f04fe2db9068ULL, 0x14e56d3f1564853aULL}},
};

void bls_fp12_frobenius(bls_fp12 *r, const bls_fp12 *a) {
    bls_fp2 t;
    bls_fp2_conj(&r->c0.c0, &a->c0.c0);
    bls_fp2_conj(&t, &a->c1.c0);
    bls_fp2_mul(&r->c1.c0, &t, &frobenius[0]);
    bls_fp2_conj(&t, &a->c0.c1);
    bls_fp2_mul(&r->c0.c1, &t, &frobenius[1]);
    bls_fp2_conj(&t, &a->c1.c1);
    bls_fp2_mul(&r->c1.c1, &t, &frobenius[2]);
    bls_fp2_conj(&t, &a->c0.c2);
    bls_fp2_mul(&r->c0.c2, &t, &frobenius[3]);
    bls_fp2_conj(&t, &a->c1.c2);
    bls_fp2_mul(&r->c1.c2, &t, &frobenius[4]);
}

void bls_fp12_frobenius2(bls_fp12 *r, const bls_fp12 *a) {
    r->c0.c0 = a->c0.c0;
    bls_fp2_mul_fp(&r->c1.c0, &a->c1.c0, &frobenius2[0]);
    bls_fp2_mul_fp(&r->c0.c1, &a->c0.c1, &frobenius2[1]);
    bls_fp2_mul_fp(&r->c1.c1, &a->c1.c1, &frobenius2[2]);
    bls_fp2_mul_fp(&r->c0.c2, &a->c0.c2, &frobenius2[3]);
    bls_fp2_mul_fp(&r->c1.c2, &a->c1.c2, &frobenius2[4]);
}

// (a + b s)^2 = r0 + r1 s in Fp4 = Fp2[s] / (s^2 - xi).
static void fp4_sqr(bls_fp2 *r0, bls_fp2 *r1, const bls_fp2 *a, const bls_fp2 *b) {
    bls_fp2 p, q, s;
    bls_fp2_sqr(&p, a);
    bls_fp2_sqr(&q, b);
    bls_fp2_add(&s, a, b);
    bls_fp2_sqr(&s, &s);
    bls_fp2_sub(&s, &s, &p);
    bls_fp2_sub(r1, &s, &q);
    bls_fp2_mul_xi(&q, &q);
    bls_fp2_add(r0, &p, &q);
}

// r = 3t - 2z, r = 3t + 2z.
static void three_less_two(bls_fp2 *r, const bls_fp2 *t, const bls_fp2 *z) {
    bls_fp2 d;
    bls_fp2_sub(&d, t, z);
    bls_fp2_dbl(&d, &d);
    bls_fp2_add(r, &d, t);
}
static void three_and_two(bls_fp2 *r, const bls_fp2 *t, const bls_fp2 *z) {
    bls_fp2 s;
    bls_fp2_add(&s, t, z);
    bls_fp2_dbl(&s, &s);
    bls_fp2_add(r, &s, t);
}

void bls_fp12_sqr_cyclotomic(bls_fp12 *r, const bls_fp12 *a) {
    bls_fp2 x0, x1, y0, y1, z0, z1;
    fp4_sqr(&x0, &x1, &a->c0.c0, &a->c1.c1);
    fp4_sqr(&y0, &y1, &a->c1.c0, &a->c0.c2);
    fp4_sqr(&z0, &z1, &a->c0.c1, &a->c1.c2);
    bls_fp2_mul_xi(&z1, &z1);
    three_less_two(&r->c0.c0, &x0, &a->c0.c0);
    three_and_two(&r->c1.c1, &x1, &a->c1.c1);
    three_and_two(&r->c1.c0, &z1, &a->c1.c0);
    three_less_two(&r->c0.c2, &z0, &a->c0.c2);
    three_less_two(&r->c0.c1, &y0, &a->c0.c1);
    three_and_two(&r->c1.c2, &y1, &a->c1.c2);
}

// (f0 + f1 w)(l + v w) with l = a + b v: f0 l + v^2 f1 + (f1 l + v f0) w.
void bls_fp12_mul_line(bls_fp12 *f, const bls_fp2 *a, const bls_fp2 *b) {
    bls_fp6 x, y, t;
    fp6_mul_sparse(&x, &f->c0, a, b);
    fp6_mul_sparse(&y, &f->c1, a, b);
    bls_fp6_mul_v(&t, &f->c0);
    bls_fp6_mul_v(&f->c1, &f->c1);
    bls_fp6_mul_v(&f->c1, &f->c1);
    bls_fp6_add(&f->c0, &x, &f->c1);
    bls_fp6_add(&f->c1, &y, &t);
}

static int fp6_equal(const bls_fp6 *a, const bls_fp6 *b) {
    return bls_fp2_equal(&a->c0, &b->c0) & bls_fp2_equal(&a->c1, &b->c1) &
           bls_fp2_equal(&a->c2, &b->c2);
}

int bls_fp12_equal(const bls_fp12 *a, const bls_fp12 *b) {
    return fp6_equal(&a->c0, &b->c0) & fp6_equal(&a->c1, &b->c1);
}
