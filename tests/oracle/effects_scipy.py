#!/usr/bin/env python3
"""Writes effects_scipy.csv: quantiles, means and means of the logarithm of distributions by SciPy.

    python3 effects_scipy.py > effects_scipy.csv        (recorded with SciPy 1.10.1)

Means of the logarithm are by adaptive quadrature over the quantile function.
"""
import numpy as np
from scipy import integrate, stats

LEVELS = (0.001, 0.05, 0.3, 0.5, 0.8, 0.99)
CASES = [
    ("normal", (0.2, 0.05, 0), stats.norm(0.2, 0.05)),
    ("normal", (4, 0.5, 0), stats.norm(4, 0.5)),
    ("lognormal", (1.3, 0.4, 0), stats.lognorm(0.4, scale=1.3)),
    ("uniform", (0.6, 0.9, 0), stats.uniform(0.6, 0.3)),
    ("triangular", (0.5, 0.7, 1.2), stats.triang((0.7 - 0.5) / 0.7, 0.5, 0.7)),
    ("triangular", (0.5, 0.5, 1), stats.triang(0, 0.5, 0.5)),
    ("triangular", (0.5, 1, 1), stats.triang(1, 0.5, 0.5)),
    ("beta", (2, 5, 0), stats.beta(2, 5)),
    ("beta", (8, 2.5, 0), stats.beta(8, 2.5)),
]

print("name,a,b,c,mean,log_mean", *(f"q{level:g}" for level in LEVELS), sep=",")
for name, numbers, law in CASES:
    log_mean = integrate.quad(lambda u: np.log(law.ppf(u)), 0, 1, limit=500)[0] if law.ppf(1e-9) > 0 \
        else float("nan")
    print(name, *numbers, *(repr(float(x)) for x in (law.mean(), log_mean, *law.ppf(LEVELS))), sep=",")
