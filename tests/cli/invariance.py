"""What the results of each estimator do not depend on: threads, kernels, the order of deals and plans,
the other plans of the scenario, and a deal that is not there.

    python3 tests/cli/invariance.py build/release/src/cli/recoup
"""

import random
import subprocess
import unittest

import h5py
import numpy as np

from harness import DEALS, MODEL, RECOUP, REPS, RecoupTest, as_csv, digest, make_history

ESTIMATORS = ("walk", "sample", "conditional")
THREADS = (1, 2, 3, 7)
KERNELS = ("portable", "avx2", "avx512")
AS_OF = "2026-11-02"  # as the scenario says
PATHS = 3000  # more chunks than threads, the last of them not a full one
REVISION = 0.2
# Against the first plan, against all plans, or with bins that all plans share.
OF_ALL_PLANS = ("hit_gain", "hit_gain_se", "bookings_gain_mean", "bookings_gain_se",
                "best_probability", "expected_regret", "bookings_histogram")
# What comes without paths is a sum over slots of time, of which other plans may need more: equal
# but for rounding.
ROUNDING = 1e-9

SCENARIO = """\
recoup: scenario/1
as_of: 2026-11-02
period: {start: 2026-10-01, end: 2026-12-31}
quota: 300000
data: {deals: deals.csv, reps: reps.csv}
pipeline: [first, second]
model: model.yaml
simulation: {keep_paths: true, seed: 5}
plans:
"""
LEVERS = (
    "adjust: {cohort: hunters, stage: second, exit: advance, logit: 0.4, start: +4d, ramp_days: 9}",
    "adjust: {stage: first, dwell: 0.7}",
    "adjust: {rate: 1.8, cohort: farmers, start: +3d}",
    "adjust: {amount: 1.1, start: +6d, ramp_days: 10}",
    "channel_focus: {from: web, to: event, share: 0.5, returns: 0.7, start: +1d}",
    "reassign: {from: {rep: R3}, to: {rep: [R1, R6]}, leads: true, start: +2d, ramp_days: 12, "
    "handover_days: 3}",
    "reassign: {from: {cohort: farmers}, to: {cohort: hunters}, start: +8d, handover_days: 1}",
    "discount_limit: {max: 5%, win_logit_per_point: 0.02, escapes: 20%, start: +5d, ramp_days: 8}",
)
TERMS = ("defaults: {advance: {size_logit: -0.2, discount_logit: 1, "
         "channel_logit: {web: 0.1, event: -0.1}}}\n"
         "market: {conversion: 0.3, arrivals: 0.2, quarter_end: {last_days: 30, logit: 0.6}}\n")


def make_model():
    return (MODEL.replace("exits:\n", TERMS + "exits:\n")
            .replace("sigma: 0.5}\narrivals", f"sigma: 0.5}}\n  revision: {{sigma: {REVISION}}}\n"
                     "  discount: {quantiles: [0, 0.05, 0.2]}\narrivals"))


def make_plans(n, seed=3):
    """(name, text) of n plans: one without levers, one with each, then random sets of them."""
    choose = random.Random(seed)
    sets = [()] + [(lever,) for lever in LEVERS]
    while len(sets) < n:
        sets.append(choose.sample(LEVERS[:7], choose.randint(1, 4)) + [LEVERS[7]] * choose.randint(0, 1))
    plans = []
    for i, levers in enumerate(sets[:n]):
        text = f"  - name: plan {i}\n"
        if levers:
            text += "    levers:\n" + "".join(f"      - {lever}\n" for lever in levers)
        plans.append((f"plan {i}", text))
    return plans


def known_kernels():
    done = subprocess.run([RECOUP, "run", "--isa", "none"], capture_output=True, text=True)
    best = done.stderr.split("is `")[1].split("`")[0]
    return KERNELS[:KERNELS.index(best) + 1]


class Invariance(RecoupTest):
    def setUp(self):
        super().setUp()
        deals, _, self.reps = make_history()
        self.deals = [row[:9] + [round(row[2] * (1 + i % 4 / 10))] for i, row in enumerate(deals)]
        self.make(make_plans(9))

    def make(self, plans, deals=None, more=""):
        self.write({"deals.csv": as_csv(DEALS, deals or self.deals),
                    "reps.csv": as_csv(REPS, self.reps), "model.yaml": make_model(),
                    "scenario.yaml": SCENARIO + more + "".join(text for _, text in plans)})

    def run_estimator(self, estimator, *arguments):
        """The digest of the results file."""
        self.run_json("--estimator", estimator, "--paths", PATHS, "--quiet", *arguments)
        return digest(self.out / "results.h5")

    def read(self, estimator):
        """What a run says of each plan by itself: {variable: {plan: numbers}}."""
        self.run_estimator(estimator)
        with h5py.File(self.out / "results.h5") as results:
            plans = [name.decode() for name in results["plan"][:]]
            return {name: dict(zip(plans, variable[:])) for name, variable in results.items()
                    if self.is_of_plan(results, name) and name not in OF_ALL_PLANS}

    @staticmethod
    def is_of_plan(results, name):
        variable = results[name]
        return name != "plan" and variable.ndim > 0 and "plan" in variable.dims[0]

    def assert_same(self, few, many):
        """All that `few` says of its plans `many` says too."""
        self.assertEqual(set(few), set(many))
        self.assertIn("bookings_quantile", few)
        for name, of_plan in few.items():
            for plan, numbers in of_plan.items():
                exact = many[name][plan]
                if name.startswith("hit_probability") or "bookings" not in many:
                    np.testing.assert_allclose(numbers, exact, rtol=ROUNDING, err_msg=name)
                else:
                    np.testing.assert_array_equal(numbers, exact, err_msg=f"{name} of {plan}")

    def test_threads_and_kernels(self):
        kernels = known_kernels()
        for estimator in ESTIMATORS:
            found = {self.run_estimator(estimator, "--threads", threads, "--isa", isa)
                     for threads in THREADS for isa in kernels}
            self.assertEqual(len(found), 1, estimator)

    def test_order_of_deals(self):
        shuffled = list(self.deals)
        random.Random(1).shuffle(shuffled)
        self.assertNotEqual(shuffled, self.deals)
        for estimator in ESTIMATORS:
            self.make(make_plans(9))
            first = self.run_estimator(estimator)
            self.make(make_plans(9), shuffled)
            self.assertEqual(self.run_estimator(estimator), first, estimator)

    def test_order_of_plans(self):
        for estimator in ESTIMATORS:
            with self.subTest(estimator=estimator):
                self.make(make_plans(9))
                first = self.read(estimator)
                self.make(make_plans(9)[::-1])
                self.assert_same(self.read(estimator), first)

    def test_plan_alone(self):
        plans = make_plans(50)
        for estimator in ESTIMATORS:
            self.make(plans)
            many = self.read(estimator)
            for plan in plans[:9:4] + plans[20:50:15]:
                with self.subTest(estimator=estimator, plan=plan[1]):
                    self.make([plan])
                    self.assert_same(self.read(estimator), many)

    def read_paths(self, estimator):
        self.run_estimator(estimator)
        with h5py.File(self.out / "results.h5") as results:
            return results["bookings"][:]

    def test_removed_deal(self):
        """Where the deal is not won the path is the same to the last bit but one or two, since sums
        are added in another order; where it is, it is less by a revision of its amount times what
        the plan makes of it."""
        still_open = [row for row in self.deals if row[6] < AS_OF and not "" < row[7] < AS_OF]
        still_open.sort(key=lambda row: row[2])
        for estimator in ("walk", "sample"):
            self.make(make_plans(9))
            with_it = self.read_paths(estimator)
            for removed in (still_open[len(still_open) // 2], still_open[-1]):
                with self.subTest(estimator=estimator, amount=removed[2]):
                    self.make(make_plans(9), [row for row in self.deals if row is not removed])
                    self.check_removed(removed[2], with_it, self.read_paths(estimator))

    def check_removed(self, amount, with_it, without):
        lost = with_it - without
        won = abs(lost) > 1e-9 * with_it
        self.assertTrue(0.02 < won.mean() < 0.9, won.mean())
        ratio = lost[won] / amount
        # 6 standard deviations of the revision; adjust and discount_limit raise amounts
        self.assertGreater(ratio.min(), np.exp(-6 * REVISION - REVISION ** 2 / 2))
        self.assertLess(ratio.max(), 1.1 / 0.75 * np.exp(6 * REVISION))


if __name__ == "__main__":
    unittest.main()
