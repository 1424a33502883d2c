#!/usr/bin/env python3
"""Writes sobol_scipy.csv: unscrambled Sobol points of 32 dimensions by SciPy, times 2^32.

    python3 sobol_scipy.py > sobol_scipy.csv        (recorded with SciPy 1.10.1)

SciPy counts points by Gray code: its point n is the point n ^ (n >> 1) of the natural order, which
is the index written here. Beyond the reach of its sequence (2^20) the points are the single
directions, index 2^k, read from the matrix from which SciPy's sequence is made.
"""
import numpy as np
from scipy.stats import qmc

DIMENSIONS = 32


def sampler():
    return qmc.Sobol(DIMENSIONS, scramble=False, bits=32)


def write(index, point):
    print(index, *(int(x) for x in point), sep=",")


print("index", *(f"dimension_{d}" for d in range(DIMENSIONS)), sep=",")
for n, point in enumerate(np.ldexp(sampler().random(32), 32)):
    write(n ^ (n >> 1), point)
for n in (1000, 4095, 65537, 700001, 2**20 - 1):
    write(n ^ (n >> 1), np.ldexp(sampler().fast_forward(n).random(1)[0], 32))
for k, point in enumerate(sampler()._sv.T):
    write(2**k, point)
