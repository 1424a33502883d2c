#!/usr/bin/env python3
"""Writes dist_scipy.csv: densities, survival functions, quantiles and means of every family by SciPy.

    python3 dist_scipy.py > dist_scipy.csv        (recorded with SciPy 1.10.1)

SciPy's log survival of the gamma laws is the log of a number that underflows; below 1e-250 the tail
is integrated instead, scaled by its leading factor.
"""
import numpy as np
from scipy import integrate, special, stats

LAWS = []
for mu in (0.0, np.log(40.0)):
    LAWS.append(("exponential", mu, 0, 0))
    LAWS += [("weibull", mu, k, 0) for k in (0.3, 0.9, 1.7, 6.0)]
    LAWS += [("gamma", mu, k, 0) for k in (0.05, 0.4, 1.0, 2.5, 30.0, 4000.0)]
    LAWS += [("lognormal", mu, s, 0) for s in (0.1, 0.6, 2.0)]
    LAWS += [("loglogistic", mu, k, 0) for k in (0.5, 1.3, 7.0)]
    LAWS += [("gengamma", mu, s, q) for s, q in ((0.8, 0.5), (1.2, 1.7), (0.7, -0.6), (1.0, -2.0), (0.5, 0.05))]

LEVELS = (1e-12, 1e-4, 0.03, 0.3, 0.5, 0.8, 0.99, 1 - 1e-6)
DEEP = (3.0, 10.0, 100.0)  # times the quantile of 1 - 1e-6


def law(family, mu, s1, s2):
    scale = np.exp(mu)
    if family == "exponential":
        return stats.expon(scale=scale)
    if family == "weibull":
        return stats.weibull_min(s1, scale=scale)
    if family == "gamma":
        return stats.gamma(s1, scale=scale)
    if family == "lognormal":
        return stats.lognorm(s1, scale=scale)
    if family == "loglogistic":
        return stats.fisk(s1, scale=scale)
    return stats.gengamma(s2**-2, s2 / s1, scale=scale * (s2**2) ** (s1 / s2))


def log_upper(a, w):
    """log Q(a, w): the tail integral over u = w + x, the factor w^(a-1) e^-w taken out."""
    f = lambda x: np.exp((a - 1) * np.log1p(x / w) - x)
    top = 60 / (1 - min(0.95, max(0.0, (a - 1) / w)))
    value = sum(integrate.quad(f, lo, hi, epsabs=0, epsrel=1e-13)[0]
                for lo, hi in zip(np.linspace(0, top, 31)[:-1], np.linspace(0, top, 31)[1:]))
    return (a - 1) * np.log(w) - w + np.log(value) - special.gammaln(a)


def log_survival(family, mu, s1, s2, t, d):
    if d.cdf(t) < 0.5:
        return np.log1p(-d.cdf(t))
    if family in ("gamma", "gengamma"):
        if d.sf(t) > 1e-250:
            return np.log(d.sf(t))
        if family == "gamma":
            return log_upper(s1, t * np.exp(-mu))
        a = s2**-2
        return log_upper(a, a * np.exp(s2 * (np.log(t) - mu) / s1))
    y = np.log(t) - mu
    return {"exponential": lambda: -np.exp(y), "weibull": lambda: -np.exp(s1 * y),
            "lognormal": lambda: special.log_ndtr(-y / s1),
            "loglogistic": lambda: -np.logaddexp(0, s1 * y)}[family]()


def mean_of(family, s1, s2, d):
    none = (family == "loglogistic" and s1 <= 1) or (family == "gengamma" and s2**-2 + s1 / s2 <= 0)
    return np.inf if none else d.mean()


print("family,mu,shape1,shape2,t,log_density,log_survival,cdf,mean")
for family, mu, s1, s2 in LAWS:
    d = law(family, mu, s1, s2)
    top = d.isf(1e-6)
    for t in [d.ppf(p) for p in LEVELS] + [top * f for f in DEEP]:
        if 1e-200 < t < 1e200:
            print(f"{family},{mu:.17g},{s1:.17g},{s2:.17g},{t:.17g},{d.logpdf(t):.17g},"
                  f"{log_survival(family, mu, s1, s2, t, d):.17g},{d.cdf(t):.17g},{mean_of(family, s1, s2, d):.17g}")
