// Constants of the lane kernels: limbs of 52 bits, least significant first.
// Made from the two moduli; LaneConstantTests computes each of them again.
#pragma once

// The modulus p.
#define FP8_P \
    { \
     0xeffffffffaaabULL, 0xfeb153ffffb9fULL, 0x6b0f6241eabffULL, 0x12bf6730d2a0fULL, \
     0x764774b84f385ULL, 0x1ba7b6434bacdULL, 0x1ea397fe69a4bULL, 0x000000001a011ULL}

// (k p + 1) / 2^52, where k p = -1 mod 2^52.
#define FP8_Q \
    { \
     0x04be07d2027cbULL, 0xd7786e39002d4ULL, 0xf51047083c4ddULL, 0x96079a7670223ULL, \
     0x04ca513044b79ULL, 0x6615d3780ea11ULL, 0xf9a5623d6a279ULL, 0x0000000006803ULL}

// 2^416 mod p: the element one.
#define FP8_ONE \
    { \
     0x6480ea8e9b9afULL, 0x65766c8fe444fULL, 0x8b540fea96f7dULL, 0x3b2ee82efd422ULL, \
     0xa6723e5f0ade5ULL, 0xff6eb6fdd4230ULL, 0xe06ef23c24a25ULL, 0x0000000014c8eULL}

// 2^448 mod p: a product with it takes a 2^384 to a 2^416.
#define FP8_ENTER \
    { \
     0x7fde37dba9366ULL, 0x4e27525bc342bULL, 0x1f5b1e9778489ULL, 0xb872b2b91b9dcULL, \
     0xb206f497dfcafULL, 0x4137cc89a9b0bULL, 0xd9d20d7e39959ULL, 0x000000000411cULL}

// 2^384 mod p: a product with it takes a 2^416 to a 2^384.
#define FP8_LEAVE \
    { \
     0x900000002fffdULL, 0x0bc40c0002760ULL, 0x3c758baebf400ULL, 0x57455f4898575ULL, \
     0xd77ce58537052ULL, 0x071a97a256ec6ULL, 0xec3fa80e4935cULL, 0x0000000015f65ULL}

// 2^832 mod p: a product with it takes a plain integer to the form.
#define FP8_PLAIN_ENTER \
    { \
     0xa5bf4cb89af51ULL, 0x3afbba7ca31a2ULL, 0x2646160ec71f1ULL, 0xa84d710465903ULL, \
     0x3480a4a188311ULL, 0x98e5907ad91f5ULL, 0x2075d74507266ULL, 0x0000000008746ULL}

// 4: the constant of the curve.
#define FP8_FOUR \
    { \
     0xc203aa3a7e6bbULL, 0x99c5b63f91e5dULL, 0xec2218e49b9f5ULL, 0xb47d6b297d25bULL, \
     0x36f29b533dd05ULL, 0xaac3b92d6d85aULL, 0x25d100f5559b6ULL, 0x0000000005208ULL}

// The cube root of one that belongs to lambda = u^2 - 1.
#define FP8_BETA \
    { \
     0xa424657e25648ULL, 0xc75706049e739ULL, 0xb59085299e0e2ULL, 0xd9cf17286a964ULL, \
     0x069ec7cb33aa8ULL, 0x35e995b239c7eULL, 0x82faa0ff3c329ULL, 0x0000000017601ULL}

// Its square.
#define FP8_BETA2 \
    { \
     0xd75aaff33455fULL, 0xd095356b7cbb6ULL, 0x953a2f6fa079fULL, 0x1080cf0a3d697ULL, \
     0x3f7de3465fe7cULL, 0x01f71fd6896ecULL, 0xd9dd9cc172747ULL, 0x0000000007d91ULL}

// (p - 1) / 2, a plain integer.
#define FP8_HALF \
    { \
     0xf7fffffffd555ULL, 0xff58a9ffffdcfULL, 0xb587b120f55ffULL, 0x895fb39869507ULL, \
     0xbb23ba5c279c2ULL, 0x8dd3db21a5d66ULL, 0x8f51cbff34d25ULL, 0x000000000d008ULL}

// The modulus r.
#define FR8_R \
    { \
     0xfffff00000001ULL, 0x02fffe5bfefffULL, 0x9a1d80553bda4ULL, 0x7d483339d8080ULL, \
     0x073eda753299dULL}

// (k r + 1) / 2^52, where k r = -1 mod 2^52.
#define FR8_Q \
    { \
     0xfdfff1a402001ULL, 0x2d083dd6c33ffULL, 0x44cd43798bcceULL, 0x436f80f0223a9ULL, \
     0x073eda0144f28ULL}

// 2^260 mod r: the element one.
#define FR8_ONE \
    { \
     0x00022ffffffddULL, 0x9700396c23000ULL, 0xedf77458d1293ULL, 0xdf20ff1776e6aULL, \
     0x026821fa14f77ULL}

// 16: a product with it takes a 2^256 to the plain integer a.
#define FR8_PLAIN_LEAVE \
    { \
     0x0000000000010ULL, 0x0000000000000ULL, 0x0000000000000ULL, 0x0000000000000ULL, \
     0x0000000000000ULL}

// -1/p and -1/r mod 2^52.
#define FP8_N0 0x3fffcfffcfffdULL
#define FR8_N0 0xffffeffffffffULL

// floor(2^52 / (top limb of p + 1)), floor(2^97 / (top limb of r + 1)).
#define FP8_RECIPROCAL 0x9d8307de6ULL
#define FR8_RECIPROCAL 0x46aa129dbfdb7ULL

// Row k: limb k of 0, p, 2 p, ..., 7 p.
#define FP8_MULTIPLES \
    { \
     {0x0ULL, 0xeffffffffaaabULL, 0xdffffffff5556ULL, 0xcffffffff0001ULL, \
      0xbfffffffeaaacULL, 0xafffffffe5557ULL, 0x9fffffffe0002ULL, 0x8fffffffdaaadULL}, \
     {0x0ULL, 0xfeb153ffffb9fULL, 0xfd62a7ffff73fULL, 0xfc13fbffff2dfULL, \
      0xfac54ffffee7fULL, 0xf976a3fffea1fULL, 0xf827f7fffe5bfULL, 0xf6d94bfffe15fULL}, \
     {0x0ULL, 0x6b0f6241eabffULL, 0xd61ec483d57ffULL, 0x412e26c5c03ffULL, \
      0xac3d8907aafffULL, 0x174ceb4995bffULL, 0x825c4d8b807ffULL, 0xed6bafcd6b3ffULL}, \
     {0x0ULL, 0x12bf6730d2a0fULL, 0x257ece61a541eULL, 0x383e359277e2eULL, \
      0x4afd9cc34a83dULL, 0x5dbd03f41d24dULL, 0x707c6b24efc5cULL, 0x833bd255c266bULL}, \
     {0x0ULL, 0x764774b84f385ULL, 0xec8ee9709e70aULL, 0x62d65e28eda8fULL, \
      0xd91dd2e13ce14ULL, 0x4f6547998c199ULL, 0xc5acbc51db51eULL, 0x3bf4310a2a8a3ULL}, \
     {0x0ULL, 0x1ba7b6434bacdULL, 0x374f6c869759aULL, 0x52f722c9e3068ULL, \
      0x6e9ed90d2eb35ULL, 0x8a468f507a603ULL, 0xa5ee4593c60d0ULL, 0xc195fbd711b9eULL}, \
     {0x0ULL, 0x1ea397fe69a4bULL, 0x3d472ffcd3496ULL, 0x5beac7fb3cee1ULL, \
      0x7a8e5ff9a692cULL, 0x9931f7f810377ULL, 0xb7d58ff679dc2ULL, 0xd67927f4e380dULL}, \
     {0x0ULL, 0x1a011ULL, 0x34022ULL, 0x4e033ULL, \
      0x68044ULL, 0x82055ULL, 0x9c066ULL, 0xb6077ULL}}
