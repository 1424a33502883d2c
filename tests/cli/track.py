"""Forecasts week after week: a small team by hand, the example at three as-of dates against its own
tables, and made-up companies whose true model is known: is what is booked a week later within 10 to 90 %
of the forecast in eight cases of ten?

usage: track.py RECOUP [COMPANIES]
"""

import csv
import math
import re
import sys
import unittest
from datetime import datetime

import h5py
import numpy

COMPANIES = int(sys.argv.pop(2)) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 20

from harness import SCENARIO, SOURCE, RecoupTest, read_json  # noqa: E402

PLANS = """\
plans:
  - name: as is
    owner: sales lead
    review: 2026-10-30
    actions:
      - {what: call list, owner: first rep, due: 2026-11-04, measure: 50 calls}
      - {what: price list, due: 2026-10-20}
"""


def at(as_of, scenario=SCENARIO):
    return scenario.replace("as_of: 2026-11-02", f"as_of: {as_of}")


class TrackTest(RecoupTest):
    def track(self, *arguments):
        done = self.recoup("track", *arguments, "--json")
        self.assert_status(done, 0)
        return read_json(done.stdout)

    def make_weeks(self, *dates, scenario=SCENARIO):
        names = []
        for day in dates:
            names.append(f"s-{day}.yaml")
            (self.folder / names[-1]).write_text(at(day, scenario))
        return names

    def assert_screen(self, done):
        self.assert_status(done, 0)
        self.assertFalse([line for line in done.stdout.splitlines() if len(line) > 80], done.stdout)


class SmallTeam(TrackTest):
    def test_small_team(self):
        """D3 is won on October 20th, so that it is booked in the second forecast and not in the first."""
        self.write()
        scenario = SCENARIO[:SCENARIO.index("plans:")] + PLANS
        first, second = self.make_weeks("2026-10-19", "2026-11-02", scenario=scenario)
        self.assert_status(self.recoup("run", first, "-o", "first.h5", "-q"), 0)
        found = self.track(second, "first.h5")
        self.assertEqual([row["as_of"] for row in found["week"]], ["2026-10-19", "2026-11-02"])
        self.assertEqual([row["source"] for row in found["week"]], ["first.h5", second])
        self.assertEqual([row["booked"] for row in found["week"]], [0, 20000])
        self.assertEqual((found["period_start"], found["period_end"]), ("2026-10-01", "2026-12-31"))
        [forecast] = found["forecast"]
        self.assertEqual((forecast["made"], forecast["due"]), ("2026-10-19", "2026-11-02"))
        self.assertEqual(forecast["actual"], 20000)
        with h5py.File(self.folder / "first.h5") as file:  # two weeks later is the end of a week
            fan = file["cumulative_bookings_quantile"][0, 1]
            self.assertEqual([file.attrs[name].decode() if isinstance(file.attrs[name], bytes) else
                              file.attrs[name] for name in ("as_of", "period_start", "period_end")],
                             ["2026-10-19", "2026-10-01", "2026-12-31"])
        self.assertEqual([forecast[key] for key in ("low", "median", "high")], list(fan[[2, 4, 6]]))
        self.assertEqual((forecast["created"], found["week"][1]["created"]), (0, 2))
        self.assertEqual([(row["what"], row["state"], row["due"]) for row in found["due"]],
                         [("price list", "overdue", "2026-10-20"),
                          ("review of the plan", "overdue", "2026-10-30"),
                          ("call list", "this week", "2026-11-04")])
        self.assertLessEqual({"action overdue", "review passed"},
                             {row["flag"] for row in found["flag"]})
        self.assertEqual({row["goal"] for row in found["pace"]}, {"period", "next month"})
        self.assertEqual({row["calls_now"] for row in found["pace"]}, {0})  # all calls are older
        self.assert_screen(self.recoup("track", second, "first.h5"))

    def test_one_forecast(self):
        self.write()
        found = self.track("scenario.yaml")
        self.assertEqual((len(found["week"]), found["forecast"], found["change"]), (1, [], []))
        self.assertIsNone(found["coverage"])
        self.assert_screen(self.recoup("track", "scenario.yaml", "-q"))

    def test_errors(self):
        self.write()
        self.make_weeks("2026-10-19")
        other = SCENARIO.replace("end: 2026-12-31", "end: 2026-11-30")
        (self.folder / "other.yaml").write_text(other)
        (self.folder / "again.yaml").write_text(SCENARIO)
        (self.folder / "bad.yaml").write_text(SCENARIO.replace("quota: 60000", "quota: many"))
        done = self.recoup("track", "scenario.yaml", "other.yaml", "again.yaml", "-q")
        self.assert_status(done, 3)
        self.assertIn("period is 2026-10-01 to 2026-11-30", done.stderr)
        self.assertIn("its as-of date is 2026-11-02", done.stderr)
        self.assertEqual(done.stdout, "")
        done = self.recoup("track", "bad.yaml", "nowhere.yaml", "-q")
        self.assertEqual(done.returncode, 3)
        self.assertIn("bad.yaml:6", done.stderr)
        self.assertIn("nowhere.yaml", done.stderr)
        self.assert_status(self.recoup("track"), 2)
        self.assert_status(self.recoup("track", "scenario.yaml", "--thread"), 2)
        self.assert_status(self.recoup("run", "scenario.yaml", "-o", "r.h5", "-q"), 0)
        damaged = bytearray((self.folder / "r.h5").read_bytes())
        damaged[len(damaged) // 2] ^= 1
        (self.folder / "r.h5").write_bytes(damaged)
        self.assert_status(self.recoup("track", "r.h5"), 3)

    def test_threads_play_no_part(self):
        self.write()
        names = self.make_weeks("2026-10-26", "2026-11-02")
        texts = {self.recoup("track", *names, "-q", "--json", "--threads", n).stdout for n in (1, 2, 3)}
        self.assertEqual(len(texts), 1)
        self.assertIn("forecast", texts.pop())


class Example(TrackTest):
    """The shipped example, fitted anew at three as-of dates; its tables stay as they are."""

    def test_three_weeks(self):
        folder = SOURCE / "scenarios/recovery-q4"
        text = (folder / "scenario.yaml").read_text()
        text = text[:text.index("# What is worked out")] + "plans: [{name: baseline}]\n"
        text = re.sub("simulation: .*", "simulation: {paths: 4000, seed: 1, parameter_draws: 20}", text)
        for name in ("deals", "stage_history", "reps", "activities"):
            text = text.replace(f": {name}.csv", f": {folder}/{name}.csv")
        days = ("2026-10-19", "2026-10-26", "2026-11-02")
        found = self.track(*self.make_weeks(*days, scenario=text), "-q")
        with open(folder / "deals.csv", newline="") as file:
            deals = list(csv.DictReader(file))
        starts = datetime(2026, 10, 1)
        for row, day in zip(found["week"], days):
            until = datetime.fromisoformat(day)

            def within(text):
                return text and starts <= datetime.fromisoformat(text.rstrip("Z")) < until
            booked = sum(float(deal["amount"]) for deal in deals
                         if deal["outcome"] == "won" and within(deal["closed"]))
            created = sum(bool(within(deal["created"])) for deal in deals)
            self.assertAlmostEqual(row["booked"], booked, delta=1e-6)
            self.assertEqual(row["created"], created)
            self.assertAlmostEqual(row["gap"], row["quota"] - row["expected"], delta=1e-6)
            product = row["volume"] * row["win_rate"] * row["value"] * row["velocity"]
            self.assertLess(abs(product - row["expected"]), .01 * row["expected"])
        self.assertEqual([row["actual"] for row in found["forecast"]],
                         [row["booked"] for row in found["week"][1:]])
        for row in found["forecast"]:
            self.assertLess(row["low"], row["median"])
            self.assertLess(row["median"], row["high"])
            self.assertEqual(row["is_covered"], row["low"] <= row["actual"] <= row["high"])
        self.assertEqual(len(found["change"]), 10)
        for first in (0, 5):
            rows = found["change"][first:first + 5]
            self.assertEqual(sum(round(100 * row["effect"]) for row in rows[:4]),
                             round(100 * rows[4]["effect"]))
            self.assertLessEqual(  # both are rounded to whole cents
                abs(rows[4]["to_value"] - rows[4]["from_value"] - rows[4]["effect"]), .0101)
        behind = {row["rep"] for row in found["pace"] if row["verdict"] != "on track"}
        self.assertTrue(behind)
        for row in found["pace"]:
            self.assertEqual(row["verdict"] == "on track", row["gap"] <= 0)
            if row["n_weeks"] > 0 and row["gap"] > 0:
                self.assertGreaterEqual(row["created_sure"], row["created"])
                self.assertGreaterEqual(row["n_deals"], 1)


class Calibration(TrackTest):
    def test_companies(self):
        """The weeks of one company share its market, so the standard error is that of the companies'
        shares. Forecasts by the true model and without parameter draws; the position of what came
        is then uniform, with mean 1/2 and standard deviation 1/sqrt(12)."""
        covered, expected_new, positions = [], [], []
        days = ("2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26", "2026-11-02")
        for seed in range(1, COMPANIES + 1):
            folder = self.folder / f"c{seed}"
            self.assert_status(self.recoup("example", folder, "--seed", seed, "--deals", 1200), 0)
            text = (folder / "scenario.yaml").read_text()
            text = text[:text.index("# What is worked out")]
            text = re.sub("simulation: .*", "simulation: {paths: 2000, seed: 1}", text)
            names = []
            for day in days:
                names.append(folder / f"s-{day}.yaml")
                names[-1].write_text(at(day, text + "model: truth.yaml\nplans: [{name: as is}]\n"))
            rows = self.track(*names, "-q")["forecast"]
            self.assertEqual(len(rows), len(days) - 1)
            covered.append(numpy.mean([row["is_covered"] for row in rows]))
            expected_new.append(numpy.mean([row["created_low"] <= row["created"] <= row["created_high"]
                                            for row in rows]))
            positions.append(numpy.mean([row["position"] for row in rows]))
        for name, shares, right in (("bookings", covered, .8), ("new deals", expected_new, .8),
                                    ("position", positions, .5)):
            # never below that of independent weeks: few companies may agree by chance
            single = .4 if right == .8 else 1 / math.sqrt(12)
            error = max(numpy.std(shares, ddof=1) / math.sqrt(COMPANIES),
                        single / math.sqrt(COMPANIES * (len(days) - 1)))
            print(f"{name}: {numpy.mean(shares):.3f} +- {error:.3f}, right is {right}")
            self.assertLess(abs(numpy.mean(shares) - right), 4 * error)


if __name__ == "__main__":
    unittest.main()
