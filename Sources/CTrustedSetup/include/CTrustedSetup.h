// The output of the Ethereum KZG ceremony, compiled in. scripts/make-trusted-setup.py makes the
// data from the ceremony's file and describes the layout; the hashes there lock it.
//
// A coordinate is 48 bytes, big-endian, x before y; all zeros would be the point at infinity.
// Each function gives a constant of static storage duration.

#pragma once

#include <stdint.h>

enum {
    trusted_setup_g1_monomial_size = 4096 * 96,
    trusted_setup_g1_lagrange_size = 4096 * 96,
    trusted_setup_g2_monomial_size = 65 * 192,
    trusted_setup_fk20_size = 128 * 64 * 96,
};

/// [tau^i]G1 for i in 0..<4096.
const uint8_t *trusted_setup_g1_monomial(void);

/// [L_i(tau)]G1 for i in 0..<4096 in natural order, L_i the Lagrange polynomials over the 4096th
/// roots of unity.
const uint8_t *trusted_setup_g1_lagrange(void);

/// [tau^i]G2 for i in 0..<65: of each point x.c0, x.c1, y.c0, y.c1.
const uint8_t *trusted_setup_g2_monomial(void);

/// FK20's transformed points for cells of 64 elements: for each w in 0..<128 the 64 points (s in
/// 0..<64) [1/128 * sum over t in 0..<63 of v^(-wt) tau^(64t + s)]G1, v the 128th root of unity.
const uint8_t *trusted_setup_fk20(void);
