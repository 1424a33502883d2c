"""From a gap to activity: the textbook's case, and a scenario whose answer follows from its model."""

import math
import unittest

from harness import MODEL, SCENARIO, SOURCE, RecoupTest, read_json

PLAIN = ("activity", "--gap", "50000", "--deal", "10000", "--close-rate", "0.25")


def tail(n, p, k):
    """P(Binomial(n, p) >= k)."""
    return sum(math.comb(n, i) * p**i * (1 - p)**(n - i) for i in range(k, n + 1))


def logistic(x):
    return 1 / (1 + math.exp(-x))


class Activity(RecoupTest):
    def json(self, *arguments):
        done = self.recoup(*arguments, "--json")
        self.assert_status(done, 0)
        return read_json(done.stdout)

    def test_textbook(self):
        done = self.recoup(*PLAIN, "--calls-per-proposal", "4")
        self.assert_status(done, 0)
        lines = [line.split() for line in done.stdout.splitlines()]
        self.assertIn("5 deals", done.stdout)
        self.assertEqual([line[-3:] for line in lines if line and line[-1][0].isdigit()][-4:],
                         [["20", "80", "58.5"], ["26", "104", "81.6"], ["30", "120", "90.2"],
                          ["34", "136", "95.1"]])
        answer = self.json(*PLAIN, "--calls-per-proposal", "4")
        self.assertEqual(answer["deals"], 5)
        for key, calls in {"mean": 80, "0.8": 104, "0.9": 120, "0.95": 136}.items():
            need = answer["needs"][key]
            self.assertEqual(need["calls"], calls)
            self.assertAlmostEqual(need["probability"], tail(calls // 4, 0.25, 5), places=12)

    def test_without_calls(self):
        answer = self.json(*PLAIN)
        self.assertEqual([need["calls"] for need in answer["needs"].values()], [None] * 4)
        self.assertEqual(answer["needs"]["mean"]["proposals"], 20)

    def test_scenario(self):
        """Conversions are products of the model's logits; the rest follows from them."""
        self.write({"activities.csv": "rep_id,date,type\n" + 7 * "R1,2026-09-01,call\n" +
                    "R2,2026-10-30,Call\nR2,2026-10-30,email\nR1,2026-11-20,call\n"})
        answer = self.json("activity", "scenario.yaml")
        expected = self.run_json("--estimator", "conditional")["plans"][0]["bookings_mean"]
        self.assertEqual(answer["plan"], "as is")
        self.assertAlmostEqual(answer["expected"], expected, delta=1e-9 * expected)
        self.assertAlmostEqual(answer["gap"], 60000 - expected, delta=1e-9 * expected)
        self.assertAlmostEqual(answer["deal"], 12000 * math.exp(0.5**2 / 2))
        k = math.ceil(answer["gap"] / answer["deal"])
        self.assertEqual((answer["deals"], answer["stages"]), (k, ["first", "second"]))
        # 8 calls before the as-of date, from 1 September on, in which D3 and D4 came to `second`
        self.assertEqual((answer["proposal_stage"], answer["calls_per_proposal"]), ("second", 4))
        self.assertEqual(len(answer["week_end"]), 9)
        self.assertEqual((answer["week_end"][0], answer["week_end"][-1]), ("2026-11-08", "2026-12-31"))

        first = logistic(0.2)
        win = {"hunters": first * logistic(0.7), "farmers": first * logistic(0.3)}
        rate = {("hunters", "web"): 0.05, ("hunters", "event"): 0.02,
                ("farmers", "web"): 0.03, ("farmers", "event"): 0.01}
        self.assertEqual([(row["cohort"], row["channel"]) for row in answer["rows"]],
                         [(None, None), *rate])
        for row in answer["rows"]:
            cells = [cell for cell in rate if row["cohort"] in (None, cell[0])
                     and row["channel"] in (None, cell[1])]
            total = sum(rate[cell] for cell in cells)
            chance = sum(rate[cell] * win[cell[0]] for cell in cells) / total
            self.assertAlmostEqual(row["win"], chance, places=9)
            self.assertAlmostEqual(row["arrivals_a_week"], 7 * total, places=9)
            self.assertAlmostEqual(row["entries"][0], 1, places=9)
            self.assertAlmostEqual(row["entries"][1], first, places=9)
            self.check_needs(row, k)

    def check_needs(self, row, k):
        share = row["in_time"]
        self.assertEqual(sorted(share, reverse=True), share)
        weeks = sum(part >= 0.5 for part in share)
        self.assertEqual((row["n_weeks"], row["is_too_late"]), (max(weeks, 1), weeks == 0))
        p = row["win"] * sum(share[:row["n_weeks"]]) / row["n_weeks"]
        self.assertAlmostEqual(row["win_by_end"], p, places=9)
        for key, need in row["needs"].items():
            n = int(need["created"])
            self.assertAlmostEqual(need["probability"], tail(n, p, k), places=9)
            if key == "mean":
                self.assertEqual(n, math.ceil(k / p))
            else:
                self.assertLess(tail(n - 1, p, k), float(key))
                self.assertGreaterEqual(tail(n, p, k), float(key))
            self.assertEqual(need["proposals"], math.ceil(n * row["entries"][1]))
            self.assertEqual(need["calls"], 4 * need["proposals"])
            self.assertEqual(need["created_a_week"], math.ceil(n / row["n_weeks"]))

    def test_text(self):
        self.write()
        done = self.recoup("activity", "scenario.yaml", "--calls-per-proposal", "2.5")
        self.assert_status(done, 0)
        for fragment in ("gap", "entering second", "hunters, web", "2.50 calls", "P(gap closed)"):
            self.assertIn(fragment, done.stdout)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 100)

    def test_no_gap(self):
        self.write({"scenario.yaml": SCENARIO.replace("quota: 60000", "quota: 1000")})
        self.assertIn("no gap", self.recoup("activity", "scenario.yaml").stdout)
        answer = self.json("activity", "scenario.yaml")
        self.assertEqual((answer["gap"], answer["deals"], answer["rows"]), (0, 0, []))

    def test_unknown_stage(self):
        self.write()
        done = self.recoup("activity", "scenario.yaml", "--proposal", "third")
        self.assert_status(done, 3)
        self.assertIn("first, second", done.stderr)

    def test_no_arrivals(self):
        self.write({"model.yaml": MODEL[:MODEL.index("arrivals:")]})
        done = self.recoup("activity", "scenario.yaml")
        self.assert_status(done, 3)
        self.assertIn("no new deals", done.stderr)

    def test_uncertain_conversions_take_more(self):
        """On the fitted example: a confidence over parameter draws asks for more than one over luck."""
        certain = self.example(1)
        uncertain = self.example(50)
        for a, b in zip(certain["rows"], uncertain["rows"], strict=True):
            self.assertEqual((a["cohort"], a["channel"]), (b["cohort"], b["channel"]))
            self.assertLessEqual(b["win_low"], b["win"])
            self.assertLessEqual(b["win"], b["win_high"])
            spread = b["needs"]["0.95"]["created"] / b["needs"]["mean"]["created"]
            luck = a["needs"]["0.95"]["created"] / a["needs"]["mean"]["created"]
            if a["cohort"] == "ramping":  # little is known of them
                self.assertGreater(spread, luck)

    def example(self, draws):
        folder = SOURCE / "scenarios" / "recovery-q4"
        text = (folder / "scenario.yaml").read_text().replace("parameter_draws: 200",
                                                              f"parameter_draws: {draws}")
        for table in ("deals", "stage_history", "reps", "activities"):
            text = text.replace(f": {table}.csv", f": {folder}/{table}.csv")
        (self.folder / "example.yaml").write_text(text)
        return self.json("activity", "example.yaml", "-q")


if __name__ == "__main__":
    unittest.main()
