"""The reference instance bench/w1 against its exact answer (bench/w1/README.md, by characteristic
functions on a money grid), by each of the three estimators. Every figure must lie within 4 Monte Carlo
standard errors.

    python3 tests/cli/reference.py RECOUP [PATHS]       PATHS: default 100,000

Standard errors: of a share sqrt(p (1 - p) / n), p exact; of a mean sd / sqrt(n), sd exact; of an sd
sqrt((m4 - sd^4) / (4 sd^2 n)), the delta method with the fourth moment m4 of the kept paths; of a
quantile sqrt(q (1 - q) / n) / f, f the density that the kept paths show between the q ± .02
quantiles; of a paired gain from the kept paths' differences; of mean wins and of a cohort's mean,
whose paths are not kept, from the scatter over 20 runs with other seeds. A reported quantile comes
from a histogram, so half a bin is allowed on top, as documented in docs/results.md.

`conditional` has next to no Monte Carlo error. Its P(hit) is allowed 1.5e-6 on top of 4 standard errors:
1e-6 of the inversion (engine/characteristic.h) and half a digit of the exact figures. Over many seeds
its 95 % intervals must cover the exact figure in 95 % of them. Its other figures have no Monte Carlo
error at all; ALLOWED is 1e-6 of the inversion and up to half a digit of the exact figures, 5e-7.
"""

import re
import shutil
import sys
import unittest

import h5py
import numpy as np
from scipy import stats

PATHS = int(sys.argv.pop(2)) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 100000

from harness import BENCH, RecoupTest  # noqa: E402  (takes its argument when imported)

W1 = BENCH / "w1"
BATCHES = 20
SEEDS = 200
REPLICATES = 16  # that the standard error of `conditional` comes from (engine/conditional.h)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BIN_WIDTH = 2.0 ** -11  # relative, of the histogram of bookings
ALLOWED = 1.5e-6  # relative, of what `conditional` says without Monte Carlo error
ALLOWED_HIT = 1.5e-6
MOST_SE = 1e-4  # of its P(hit)


def number(text):
    return float(text.replace(",", "").replace("−", "-"))


def read_exact():
    """The tables of the README: per plan P, mean, sd, quantiles, wins; cohort means; gains."""
    text = (W1 / "README.md").read_text()
    plans = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 10 and re.match(r"0\.\d+$", cells[1]):
            plans.append((cells[0].split()[0], [number(cell) for cell in cells[1:]]))
    cohorts = re.search(r"Mean bookings by cohort, baseline: (.*)\. Mean number", text)[1]
    cohorts = {name: number(value) for name, value in
               (part.rsplit(" ", 1) for part in cohorts.split("; "))}
    gains = re.search(r"Paired gains in P: (.*)\.\n", text)[1]
    gains = {name: number(value) for name, value in
             (part.rsplit(" ", 1) for part in gains.split(", "))}
    return dict(plans), cohorts, gains


class Reference(RecoupTest):
    @classmethod
    def setUpClass(cls):
        cls.plans, cls.cohorts, cls.gains = read_exact()

    def setUp(self):
        super().setUp()
        for path in W1.iterdir():
            shutil.copy(path, self.folder)
        scenario = (self.folder / "scenario.yaml").read_text()
        changed = re.sub(r"simulation: .*", "simulation: {seed: 1, keep_paths: true}", scenario)
        self.assertNotEqual(changed, scenario)
        (self.folder / "scenario.yaml").write_text(changed)

    def run_w1(self, estimator, paths, seed):
        self.run_json("--estimator", estimator, "--paths", str(paths), "--seed", str(seed), "--quiet")
        return h5py.File(self.out / "results.h5")

    def assert_near(self, what, value, exact, standard_error, allowance=0.0):
        errors = (abs(value - exact) - allowance) / standard_error
        self.assertLessEqual(errors, 4, f"{what}: {value:.6g}, exact {exact:.6g}, "
                                        f"standard error {standard_error:.3g}")

    def test_the_exact_tables_were_read(self):
        self.assertEqual(list(self.plans), ["baseline", "coach", "unblock"])
        self.assertEqual(len(self.cohorts), 4)
        self.assertEqual(list(self.gains), ["coach", "unblock"])

    def test_paths(self):
        for estimator in ("walk", "sample"):
            with self.run_w1(estimator, PATHS, 1) as results:
                names = [name.decode() for name in results["plan"][:]]
                self.assertEqual(names, list(self.plans))
                levels = results["quantile"][:]
                hits = results["bookings"][:] >= results["quota"][()]
                for i, name in enumerate(names):
                    with self.subTest(estimator=estimator, plan=name):
                        self.check_plan(results, i, levels, *self.plans[name])
                        if name in self.gains:
                            self.check_gain(results, i, hits, self.gains[name])

    def test_conditional(self):
        """By itself, and beside the paths of `sample`."""
        for estimator in ("conditional", "sample"):
            with self.run_w1(estimator, 1000, 1) as results:
                self.assertEqual(results.attrs["hit_estimator"], b"conditional")
                for i, name in enumerate(self.plans):
                    with self.subTest(estimator=estimator, plan=name):
                        self.check_hit(results, i, "hit_probability", self.plans[name][0])
                        if name in self.gains:
                            self.check_hit(results, i, "hit_gain", self.gains[name])
                        if estimator == "conditional":
                            self.check_exact(results, i, *self.plans[name])

    def test_conditional_covers(self):
        covered = np.zeros(len(self.plans))
        exact = np.array([plan[0] for plan in self.plans.values()])
        for seed in range(1, 1 + SEEDS):
            with self.run_w1("conditional", 1000, seed) as results:
                half = stats.t.ppf(0.975, REPLICATES - 1) * results["hit_probability_se"][:]
                covered += abs(results["hit_probability"][:] - exact) <= half
        print("covered:", covered, "of", SEEDS)
        self.assertLessEqual(abs(covered - 0.95 * SEEDS).max(), 4 * np.sqrt(SEEDS * 0.95 * 0.05))

    def check_hit(self, results, i, variable, exact):
        error = results[f"{variable}_se"][i]
        self.assertLessEqual(error, MOST_SE)
        self.assertLessEqual(abs(results[variable][i] - exact), 4 * error + ALLOWED_HIT, variable)

    def check_exact(self, results, i, _, mean, sd, *quantiles_and_wins):
        levels = list(np.round(results["quantile"][:], 12))
        found = [results[name][i] for name in ("bookings_mean", "bookings_sd")]
        found += [results["bookings_quantile"][i, levels.index(q)] for q in QUANTILES]
        found.append(results["wins_mean"][i])
        np.testing.assert_allclose(found, [mean, sd, *quantiles_and_wins], rtol=ALLOWED)

    def check_plan(self, results, i, levels, chance, mean, sd, *quantiles_and_wins):
        paths = results["bookings"][i]
        n = len(paths)
        self.assertEqual(n, PATHS)
        error = np.sqrt(chance * (1 - chance) / n)
        self.assert_near("P", results["hit_probability_paths"][i], chance, error)
        self.assertAlmostEqual(results["hit_probability_paths_se"][i] / error, 1, delta=0.05)
        self.assert_near("mean", results["bookings_mean"][i], mean, sd / np.sqrt(n))
        self.assertAlmostEqual(results["bookings_mean_se"][i] / (sd / np.sqrt(n)), 1, delta=0.05)
        m4 = np.mean((paths - paths.mean()) ** 4)
        self.assert_near("sd", results["bookings_sd"][i], sd,
                         np.sqrt((m4 - sd ** 4) / (4 * sd ** 2 * n)))
        for q, exact in zip(QUANTILES, quantiles_and_wins):
            k = int(np.argmin(abs(levels - q)))
            self.assertAlmostEqual(levels[k], q)
            low, high = np.quantile(paths, [q - 0.02, q + 0.02])
            error = np.sqrt(q * (1 - q) / n) * (high - low) / 0.04
            self.assert_near(f"quantile {q}", results["bookings_quantile"][i, k], exact, error,
                             BIN_WIDTH * exact / 2)

    def check_gain(self, results, i, hits, exact):
        difference = hits[i].astype(float) - hits[0]
        error = difference.std() / np.sqrt(len(difference))
        self.assert_near("gain", difference.mean(), exact, error)
        if results.attrs["hit_estimator"] == b"paths":
            self.assertAlmostEqual(results["hit_gain"][i], difference.mean(), places=12)
            self.assertAlmostEqual(results["hit_gain_se"][i] / error, 1, delta=0.01)
        self.assertLess(error, np.sqrt(0.5 / len(difference)),
                        "pairing is worse than independent runs")

    def test_wins_and_cohorts(self):
        for estimator in ("walk", "sample"):
            wins, cohorts, names = [], [], None
            for seed in range(101, 101 + BATCHES):
                with self.run_w1(estimator, PATHS // BATCHES, seed) as results:
                    wins.append(results["wins_mean"][:])
                    cohorts.append(results["cohort_bookings_mean"][0])
                    names = [name.decode() for name in results["cohort"][:]]
            for i, (name, exact) in enumerate(self.plans.items()):
                self.check_batches(f"{estimator}: wins of {name}", np.array(wins)[:, i], exact[-1])
            self.assertEqual(set(names), set(self.cohorts))
            for i, name in enumerate(names):
                self.check_batches(f"{estimator}: cohort {name}", np.array(cohorts)[:, i],
                                   self.cohorts[name])

    def check_batches(self, what, values, exact):
        self.assert_near(what, values.mean(), exact, values.std(ddof=1) / np.sqrt(BATCHES))


if __name__ == "__main__":
    unittest.main()
