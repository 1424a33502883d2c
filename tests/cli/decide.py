"""Decisions from end to end: what `recoup run` adds to the results, and `recoup compare` prints."""

import unittest

import h5py
import numpy
import yaml

from harness import SCENARIO, RecoupTest, digest, read_json

DECISIONS = "decisions: {target: 40%, delay: [14, 7], sensitivity: true, draws: 4, margin: 30%}\n"
PLANS = """\
plans:
  - name: as is
  - name: coach
    levers:
      - coach: {cohort: hunters, stage: second, logit: {normal: [0.4, 0.2]}, start: +7d, cost: 9000}
  - name: push
    levers:
      - adjust: {exit: advance, logit: 0.15, evidence: opinion}
"""
TEAM = (SCENARIO[:SCENARIO.index("plans:")]
        .replace("paths: 2000", "paths: 2000, parameter_draws: 16") + DECISIONS + PLANS)


def variables(path):
    with h5py.File(path) as file:
        return {name: data[()] for name, data in file.items()}


def names(values):
    return [value.decode() for value in values]


class Decide(RecoupTest):
    def setUp(self):
        super().setUp()
        self.write({"scenario.yaml": TEAM})

    def compare(self, *options, status=0):
        done = self.recoup("compare", "out/results.h5", *options)
        self.assert_status(done, status)
        return done

    def test_results_and_prints(self):
        comparison = self.run_json()
        data = variables(self.out / "results.h5")
        self.assertEqual(list(data["delay"]), [0, 7, 14])
        self.assertEqual(data["decision_draws"], 4)
        self.assertEqual((data["target"], data["margin"]), (0.4, 0.3))
        self.assertEqual(comparison["margin"], 0.3)

        # P(best), regret and net gain by brute force over the draws.
        draws = data["hit_probability_draw"]
        best = draws == draws.max(axis=0)
        numpy.testing.assert_allclose(data["best_probability"], (best / best.sum(axis=0)).mean(axis=1))
        numpy.testing.assert_allclose(data["expected_regret"], (draws.max(axis=0) - draws).mean(axis=1))
        for plan, gain in zip(comparison["plans"], data["bookings_gain_mean"]):
            self.assertAlmostEqual(plan["net_gain"], 0.3 * gain - plan["cost"])
        # What knowing the parameters is worth: the mean of the best less the best of the means.
        regret = min(plan["expected_regret"] for plan in comparison["plans"])
        self.assertAlmostEqual(regret, draws.max(axis=0).mean() - draws.mean(axis=1).max())

        # Differences of all pairs, from the replicates and from the draws.
        replicates = data["hit_probability_replicate"]
        numpy.testing.assert_allclose(replicates.mean(axis=1), data["hit_probability"], rtol=1e-12)
        order = names(data["plan"])
        self.assertEqual(len(comparison["pairs"]), 3)
        for pair in comparison["pairs"]:
            a, b = order.index(pair["plan"]), order.index(pair["other"])
            difference = replicates[b] - replicates[a]
            self.assertAlmostEqual(pair["hit_gain"], difference.mean())
            self.assertAlmostEqual(pair["hit_gain_se"], max(difference.std(ddof=1) / 4, 1e-6))
            self.assertEqual(pair["differs"], pair["low"] > 0 or pair["high"] < 0)
            middle = (pair["draws_low"] + pair["draws_high"]) / 2
            self.assertAlmostEqual(middle, (draws[b] - draws[a]).mean())

        # Doing nothing has no effects; strength 1 is the plan as it stands, 0 is doing nothing.
        strength = list(data["strength"])
        table = data["strength_hit_probability"]
        self.assertTrue(numpy.isnan(data["hit_probability_centered"][0]))
        numpy.testing.assert_allclose(table[1:, 0], table[0, 0], atol=2e-4)
        numpy.testing.assert_allclose(table[:, strength.index(1)], data["delay_hit_probability"][:, 0],
                                      atol=2e-4)
        # P(hit) reaches the target at the break-even, between two strengths of the table.
        self.assertTrue(numpy.isfinite(data["break_even"][1:]).any())
        for row, point in zip(table, data["break_even"]):
            reached = [s for s, hit in zip(strength, row) if hit >= 0.4]
            self.assertEqual(numpy.isnan(point), not reached)
            if reached and point > 0:
                self.assertLessEqual(point, reached[0])
                self.assertGreaterEqual(point, strength[strength.index(reached[0]) - 1])

        # Shares of variance sum to one; the model is certain, so that only effects vary.
        self.assertEqual(names(data["source"]), ["coach", "adjust", "not explained"])
        shares = data["variance_share"]
        self.assertTrue(numpy.isnan(shares[0]).all())
        numpy.testing.assert_allclose(numpy.nansum(shares[1:], axis=1), 1)
        self.assertTrue(numpy.isnan([shares[1, 1], shares[2, 0]]).all())
        self.assertGreater(shares[1, 0], 0.95)

        delays = read_json(self.compare("--delay", "--json").stdout)["delays"]
        self.assertEqual(len(delays), 9)
        self.assertEqual([row["hit_gain"] for row in delays],
                         list(data["delay_hit_gain"].reshape(-1)))
        tornado = read_json(self.compare("--sensitivity", "--json").stdout)
        self.assertEqual({row["plan"] for row in tornado["variance_shares"]}, set(order[1:]))
        self.assertIn("conversion: second", {row["factor"] for row in tornado["sensitivity"]})
        self.assertEqual(len(self.compare("--delay", "--csv").stdout.splitlines()), 10)

        cohorts = read_json(self.compare("--by", "cohort", "--json").stdout)["units"]
        self.assertEqual([row["bookings_mean"] for row in cohorts],
                         list(data["cohort_bookings_mean"].T.reshape(-1)))
        reps = read_json(self.compare("--by", "rep", "--json").stdout)["units"]
        hits = data["rep_hit_probability"]
        numpy.testing.assert_allclose([row["hit_gain"] for row in reps], (hits - hits[0]).T.reshape(-1))

        for options in ([], ["--delay"], ["--sensitivity"], ["--by", "rep"], ["--by", "cohort"]):
            for line in self.compare(*options).stdout.splitlines():
                self.assertLessEqual(len(line), 80, f"{options}: {line}")

    def test_later_starts_are_later_starts(self):
        """The delay curve against runs of scenarios that start later, with equal draws."""
        self.run_json()
        curve = variables(self.out / "results.h5")["delay_hit_probability"]
        for column, days in enumerate((0, 7, 14)):
            later = (TEAM.replace(DECISIONS, "").replace("parameter_draws: 16", "parameter_draws: 4")
                     .replace("start: +7d", f"start: +{7 + days}d")
                     .replace("evidence: opinion", f"evidence: opinion, start: +{days}d"))
            (self.folder / "scenario.yaml").write_text(later)
            plans = self.run_json("--estimator", "conditional")["plans"]
            # Both come from win tables that are right to 1e-4 for each deal.
            numpy.testing.assert_allclose(curve[:, column], [p["hit_probability"] for p in plans],
                                          atol=2e-4)

    def test_ends_are_separate_runs(self):
        """The tornado's ends against runs of scenarios with the shifted parameter."""
        self.run_json()
        data = variables(self.out / "results.h5")
        factor = names(data["factor"]).index("conversion: second")
        for end, shift in enumerate(data["factor_value"][factor]):
            lever = f"adjust: {{stage: second, exit: advance, logit: {float(shift)!r}}}"
            shifted = (TEAM.replace(DECISIONS, "").replace("parameter_draws: 16", "parameter_draws: 4")
                       .replace("  - name: as is\n", f"  - name: as is\n    levers: [{lever}]\n"))
            (self.folder / "scenario.yaml").write_text(shifted)
            plan = self.run_json("--estimator", "conditional")["plans"][0]
            self.assertAlmostEqual(data["sensitivity_hit_probability"][0, factor, end],
                                   plan["hit_probability"], delta=2e-4)
            self.assertAlmostEqual(data["sensitivity_bookings_mean"][0, factor, end] /
                                   plan["bookings_mean"], 1, delta=2e-4)

    def test_equal_bytes(self):
        found = set()
        for threads in ("1", "3"):
            self.run_json("--threads", threads)
            found.add(digest(self.out / "results.h5"))
        self.assertEqual(len(found), 1)

    def test_nothing_is_computed_unasked(self):
        (self.folder / "scenario.yaml").write_text(TEAM.replace(DECISIONS, ""))
        comparison = self.run_json()
        data = variables(self.out / "results.h5")
        for name in ("strength", "delay", "factor", "source", "margin", "break_even"):
            self.assertNotIn(name, data)
        self.assertNotIn("break_even", comparison["plans"][1])
        self.assertIn("decisions: {delay: [7, 14, 21]}", self.compare("--delay", status=3).stderr)
        self.assertIn("decisions: {sensitivity: true}",
                      self.compare("--sensitivity", status=3).stderr)

    def test_resolved(self):
        done = self.recoup("check", "scenario.yaml", "--resolved")
        self.assert_status(done, 0)
        self.assertEqual(yaml.safe_load(done.stdout)["decisions"],
                         {"target": 0.4, "delay": [7, 14], "sensitivity": True, "draws": 4,
                          "margin": 0.3})

    def test_refusals(self):
        for given, expected in (
                ("target: 1", "'target' is 1"),
                ("target: 0", "'target'"),
                ("delay: [7.5]", "whole days"),
                ("delay: [7, 7]", "twice"),
                ("delay: [-7]", "a number of days above 0"),
                ("draws: 0", "'draws'"),
                ("margin: 2", "'margin'"),
                ("targets: 50%", "target"),
        ):
            (self.folder / "scenario.yaml").write_text(
                TEAM.replace(DECISIONS, f"decisions: {{{given}}}\n"))
            done = self.recoup("check", "scenario.yaml")
            self.assert_status(done, 3)
            self.assertIn("scenario.yaml:", done.stderr)
            self.assertIn(expected, done.stderr, given)
        self.assert_status(self.recoup("compare", "out/results.h5", "--by", "moon"), 2)
        self.assert_status(self.recoup("compare", "out/results.h5", "--delay", "--sensitivity"), 2)


if __name__ == "__main__":
    unittest.main()
