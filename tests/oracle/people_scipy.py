#!/usr/bin/env python3
"""Writes people_scipy.csv: Wilson's 95 % intervals of k of n by SciPy.

    python3 people_scipy.py > people_scipy.csv        (recorded with SciPy 1.10.1)
"""
from scipy import stats

print("k,n,low,high")
for k, n in ((0, 5), (1, 5), (5, 5), (7, 20), (39, 52), (44, 59), (500, 1000)):
    interval = stats.binomtest(k, n).proportion_ci(method="wilson")
    print(k, n, repr(float(interval.low)), repr(float(interval.high)), sep=",")
