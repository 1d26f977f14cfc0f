// Kernels of the curve BLS12-381. Buffers belong to the caller, nothing is allocated, nothing is
// checked that a caller can check, and nothing is constant-time: all inputs are public.
#pragma once

#include "CBLS12381Lanes.h"
#include "bls_fft.h"
#include "bls_fp.h"
#include "bls_fr.h"
#include "bls_g1.h"
#include "bls_g1_fft.h"
#include "bls_msm.h"
#include "bls_tower.h"
