#!/usr/bin/env python3
"""Maximum likelihood of amounts by SciPy, with location 0: writes amounts_scipy.csv (fits) and
amounts_data.csv (samples). SciPy maximises by the simplex method; here its result is polished until
the likelihood stands still.

    python3 amounts_scipy.py
"""

import csv
from pathlib import Path

import numpy as np
import scipy
from scipy import optimize, stats

LAWS = {
    "lognormal": (stats.lognorm, lambda p: (np.log(p[2]), p[0])),
    "gamma": (stats.gamma, lambda p: (np.log(p[2]), p[0])),
    "weibull": (stats.weibull_min, lambda p: (np.log(p[2]), p[0])),
}


def samples():
    random = np.random.default_rng(20260101)
    for n in (12, 40, 150, 600):
        for name, (law, _) in LAWS.items():
            for shape in (0.5, 1.3):
                yield f"{name}-{shape}-{n}", law.rvs(shape, scale=20000, size=n, random_state=random)


def fit(law, values):
    start = law.fit(values, floc=0)

    def loss(x):
        return -law.logpdf(values, np.exp(x[0]), scale=np.exp(x[1])).sum()

    best = optimize.minimize(loss, [np.log(start[0]), np.log(start[2])], method="Nelder-Mead",
                             options={"xatol": 1e-10, "fatol": 1e-10, "maxiter": 4000})
    return (np.exp(best.x[0]), 0, np.exp(best.x[1])), -best.fun


def main():
    folder = Path(__file__).parent
    with open(folder / "amounts_data.csv", "w", newline="") as data, \
            open(folder / "amounts_scipy.csv", "w", newline="") as fits:
        data, fits = (csv.writer(file, lineterminator="\n") for file in (data, fits))
        data.writerow(["sample", "amount"])
        fits.writerow(["sample", "family", "mu", "shape", "log_likelihood"])
        for sample, (name, values) in enumerate(samples()):
            values = np.array([float(f"{value:.6g}") for value in values])
            data.writerows([sample, f"{value:.6g}"] for value in values)
            for family, (law, parameters) in LAWS.items():
                found, likelihood = fit(law, values)
                mu, shape = parameters(found)
                fits.writerow([sample, family, f"{mu:.9g}", f"{shape:.9g}", f"{likelihood:.10g}"])
    print(f"SciPy {scipy.__version__}")


if __name__ == "__main__":
    main()
