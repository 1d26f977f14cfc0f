"""The exact sampling bound and the healing floor (specs/sampling.md)."""

from fractions import Fraction
from math import comb


def miss_probability(cells, missing, samples, allowed=0):
    """P(at most `allowed` of `samples` distinct cells are among the missing)."""
    total = comb(cells, samples)
    return sum(
        Fraction(comb(missing, i) * comb(cells - missing, samples - i), total)
        for i in range(allowed + 1)
    )


def samples_for(cells, missing, target, allowed=0):
    """The fewest samples with which the miss probability is at most the target (a Fraction)."""
    samples = allowed + 1
    while miss_probability(cells, missing, samples, allowed) > target:
        samples += 1
    return samples
