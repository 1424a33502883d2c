"""Public data sets, end to end: what was forecast at an as-of date against what then happened.

RECOUP_DATA names a folder with loans/ (BPI Challenge 2012, DOI
10.4121/uuid:3926db30-f712-4394-aebc-75976070e91f) and hardware/ (Maven Analytics, "CRM Sales
Opportunities") as canonical tables; without it everything here is skipped. The bookings of one quarter
are one draw from the forecast, so it must lie between the forecast's 1 % and 99 % quantiles.
"""

import csv
import json
import math
import os
import sys
import unittest
from datetime import date, datetime, timezone
from pathlib import Path

import h5py
import numpy
import yaml
from scipy import stats

PATHS = int(sys.argv.pop(2)) if len(sys.argv) > 2 and sys.argv[2].isdigit() else 1000

from harness import RecoupTest  # noqa: E402  (takes its argument when imported)

DATA = os.environ.get("RECOUP_DATA")


def moment(text):
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)


@unittest.skipUnless(DATA, "RECOUP_DATA is not set")
class PublicData(RecoupTest):
    def forecast(self, folder, head, zone):
        tables = Path(DATA).resolve() / folder
        names = [name for name in ("deals", "stage_history", "reps") if (tables / f"{name}.csv").exists()]
        data = ", ".join(f"{name}: {tables / name}.csv" for name in names)
        (self.folder / "scenario.yaml").write_text(
            f"recoup: scenario/1\n{head}data: {{{data}}}\n"
            f"simulation: {{paths: {PATHS}}}\n")
        self.run_json()
        start, end = (moment(text + "T00:00:00" + zone) for text in self.period)
        with open(tables / "deals.csv", newline="") as file:
            actual = sum(float(deal["amount"]) for deal in csv.DictReader(file)
                         if deal["outcome"] == "won" and start <= moment(deal["closed"]) < end)
        with h5py.File(self.out / "results.h5") as results:
            quantiles = dict(zip(results["quantile"][:].round(2), results["bookings_quantile"][0]))
            mean = results["bookings_mean"][0]
            below = (results["bookings_histogram"][0]
                     * (results["bin_edge"][1:] <= actual)).sum() / PATHS
        print(f"{folder}: forecast {mean:,.0f}, 5 % to 95 % {quantiles[.05]:,.0f} to "
              f"{quantiles[.95]:,.0f}; actual {actual:,.0f}, at the {below:.0%} quantile")
        self.assertLess(quantiles[.01], actual)
        self.assertLess(actual, quantiles[.99])

    def test_loans(self):
        self.period = ("2012-01-01", "2012-03-15")
        self.forecast("loans", "as_of: 2012-01-15\ntimezone: +01:00\nquota: 18e6\n"
                      "period: {start: 2012-01-01, end: 2012-03-14}\n", "+01:00")

    def test_loans_by_performance(self):
        self.period = ("2012-01-01", "2012-03-15")
        self.forecast("loans", "as_of: 2012-01-15\ntimezone: +01:00\nquota: 18e6\n"
                      "period: {start: 2012-01-01, end: 2012-03-14}\ncohorts: {by: performance}\n",
                      "+01:00")

    def test_loans_day_31(self):
        """Offers without an answer are cancelled after 30 days: of 676 that lay so long, 475 were
        lost within a day. No family has such a jump, and the fit says where it is."""
        tables = Path(DATA).resolve() / "loans"
        (self.folder / "scenario.yaml").write_text(
            "recoup: scenario/1\nas_of: 2012-01-15\ntimezone: +01:00\nquota: 18e6\n"
            "period: {start: 2012-01-01, end: 2012-03-14}\n"
            f"data: {{deals: {tables}/deals.csv, stage_history: {tables}/stage_history.csv, "
            f"reps: {tables}/reps.csv}}\n")
        done = self.recoup("fit", "scenario.yaml", "-o", "out/model.yaml", "--json")
        self.assert_status(done, 0)
        [lost] = [row for row in json.loads(done.stdout)["exits"]
                  if (row["stage"], row["exit"]) == ("Offer sent", "lost")]
        print(f"loans: {lost}")
        self.assertTrue(30 <= lost["gof_days"] <= 31.5)
        self.assertGreater(lost["gof_distance"], 3 * lost["gof_bound"])

    def test_hardware(self):
        self.period = ("2017-10-01", "2018-01-01")
        self.forecast("hardware", "as_of: 2017-11-15\nquota: 28e5\n"
                      "period: {start: 2017-10-01, end: 2017-12-31}\n"
                      "pipeline: {stages: [deal], labels: {Prospecting: deal, Engaging: deal}}\n",
                      "+00:00")

    def fit_hardware(self, cohorts):
        """Of all deals created by the end of 2017: what the fit shows and its model."""
        tables = Path(DATA).resolve() / "hardware"
        (self.folder / "scenario.yaml").write_text(
            "recoup: scenario/1\nas_of: 2017-12-31\nquota: 28e5\n"
            "period: {start: 2017-10-01, end: 2017-12-31}\n"
            "pipeline: {stages: [deal], labels: {Prospecting: deal, Engaging: deal}}\n"
            f"data: {{deals: {tables}/deals.csv, reps: {tables}/reps.csv}}\n{cohorts}")
        done = self.recoup("fit", "scenario.yaml", "-o", "out/model.yaml", "--reps", "--json")
        self.assert_status(done, 0)
        with open(tables / "deals.csv", newline="") as file:
            deals = [deal for deal in csv.DictReader(file) if "" < deal["created"] < "2017-12-31"]
        for deal in deals:
            deal["open"] = not "" < deal["closed"] < "2017-12-31"
        return json.loads(done.stdout), yaml.safe_load((self.out / "model.yaml").read_text()), deals

    def test_hardware_reps_do_not_differ(self):
        """Whoever drew these outcomes gave the reps no effect: among the deals closed, the reps'
        win rates differ as chance makes them (chi-square). The reps' spread must then be below its
        95 % point: Q of Paule & Mandel is chi-square, so tau² is below v (chi² / (reps - 1) - 1),
        with v a rep's variance 1 / (n p (1 - p)). And the conversions come down to one value: each
        one's 95 % interval holds the team's, and they are no further apart than the shrunk values
        of that spread would be, whose standard deviation is tau² / sqrt(tau² + v); the range of 30
        normals is 4.09 with standard deviation .69 of theirs (Tippett 1925)."""
        found, _, deals = self.fit_hardware("")
        closed = [deal for deal in deals if not deal["open"]]
        reps = sorted({deal["rep_id"] for deal in closed})
        table = numpy.array([[sum(deal["rep_id"] == rep and deal["outcome"] == outcome for deal in closed)
                              for outcome in ("won", "lost")] for rep in reps])
        chance = stats.chi2_contingency(table).pvalue
        win, n = table[:, 0].sum() / table.sum(), table.sum() / len(reps)
        v = 1 / (n * win * (1 - win))
        team, spread = found["stages"][0]["conversion"], found["rep_spread"][0]
        shares = [row["conversion"] for row in found["reps"]]
        shrunk = spread["sd"]**2 / math.sqrt(spread["sd"]**2 + v) * team * (1 - team)
        print(f"hardware: p {spread['p_value']:.3f} (chi-square {chance:.3f}), sd {spread['sd']:.3f}, "
              f"{len(shares)} reps from {min(shares):.3f} to {max(shares):.3f}")
        self.assertGreater(chance, .05)
        self.assertGreater(spread["p_value"], .05)
        self.assertLess(spread["sd"]**2, v * (stats.chi2.ppf(.95, len(reps) - 1) / (len(reps) - 1) - 1))
        self.assertLess(max(shares) - min(shares), (4.09 + 4 * .69) * shrunk)
        for row in found["reps"]:
            self.assertTrue(row["conversion_low"] <= team <= row["conversion_high"], row)

    def diagnose(self, text):
        (self.folder / "scenario.yaml").write_text("recoup: scenario/1\n" + text)
        done = self.recoup("diagnose", "scenario.yaml", "--json")
        self.assert_status(done, 0)
        return json.loads(done.stdout)

    def test_hardware_diagnosis_of_reps(self):
        """No difference in winning is claimed, for chi-square shows none; the amounts of wins do
        differ (Kruskal and Wallis 1952), since reps sell different products."""
        tables = Path(DATA).resolve() / "hardware"
        found = self.diagnose(
            "as_of: 2017-11-15\nquota: 28e5\nperiod: {start: 2017-10-01, end: 2017-12-31}\n"
            "pipeline: {stages: [deal], labels: {Prospecting: deal, Engaging: deal}}\n"
            f"data: {{deals: {tables}/deals.csv, reps: {tables}/reps.csv}}\n"
            f"simulation: {{paths: {PATHS}}}\n")
        with open(tables / "deals.csv", newline="") as file:
            closed = [deal for deal in csv.DictReader(file) if "" < deal["closed"] < "2017-11-15"]
        won, lost, amounts = {}, {}, {}
        for deal in closed:
            count = won if deal["outcome"] == "won" else lost
            count[deal["rep_id"]] = count.get(deal["rep_id"], 0) + 1
            if deal["outcome"] == "won":
                amounts.setdefault(deal["rep_id"], []).append(float(deal["amount"]))
        chance = stats.chi2_contingency([[won[rep], lost[rep]] for rep in sorted(won)]).pvalue
        of_amounts = stats.kruskal(*amounts.values()).pvalue
        spread = {row["measure"]: row for row in found["spread"]}
        print(f"hardware: win rate p {spread['win rate']['p_value']:.3f} (chi-square {chance:.3f}), "
              f"amounts p {spread['amount']['p_value']:.3f} (Kruskal-Wallis {of_amounts:.1g})")
        self.assertGreater(chance, .05)
        self.assertLess(of_amounts, 1e-6)
        for measure in "win rate", "conversion":
            self.assertGreater(spread[measure]["p_value"], .05)
            self.assertIn(spread[measure]["verdict"], ("systemic", "no difference"))
        self.assertIn(spread["amount"]["verdict"], ("individual", "both"))
        self.assertEqual({row["verdict"] for row in found["skill"]} - {"as the team", "not enough data"}, set())

    def test_hardware_cohorts_come_down_to_one_value(self):
        """By attainment: two cohorts with deals, whose difference is within its own 95 % interval."""
        found, _, _ = self.fit_hardware("cohorts: {by: performance}\n")
        rows = [row for row in found["stages"] if row["cohort"] and row["n_entered"] > 0]
        self.assertGreater(len(rows), 1)
        values = [row["conversion"] for row in rows]
        half = math.hypot(*[(row["conversion_high"] - row["conversion_low"]) / 2 for row in rows])
        print("hardware:", ", ".join(f"{row['cohort']} {row['conversion']:.3f}" for row in rows))
        self.assertLess(max(values) - min(values), half)

    def test_hardware_quarter_end_and_stale_deals(self):
        """The last 30 days of a quarter against the others: the model's logit and that of the plain
        counts are within 4 of their standard errors. Stale deals are an exit of family never, and
        their share is what Kaplan and Meier leave open after the longest stay that ever ended,
        within 4 of Greenwood's standard errors."""
        _, model, deals = self.fit_hardware("")
        counts, last_day = {}, date(2017, 12, 31)
        ended, censored = [], []
        for deal in deals:
            created = date.fromisoformat(deal["created"])
            if deal["open"]:
                censored.append((last_day - created).days)
                continue
            closed = date.fromisoformat(deal["closed"])
            ended.append((closed - created).days)
            following = 3 * ((closed.month - 1) // 3) + 4
            end = date(closed.year + following // 12, following % 12, 1)
            key = ((end - closed).days <= 30, deal["outcome"])
            counts[key] = counts.get(key, 0) + 1
        effect = math.log(counts[True, "won"] / counts[True, "lost"]
                          / counts[False, "won"] * counts[False, "lost"])
        error = math.sqrt(sum(1 / n for n in counts.values()))
        [note] = [note for note in model["fit"]["notes"] if "quarter_end" in note]
        found = model["market"]["quarter_end"]["logit"]
        found_error = float(note.split("standard error ")[1].split(")")[0])
        print(f"hardware: quarter end {found:.2f} +- {found_error}, of the counts {effect:.2f} +- {error:.2f}")
        self.assertGreater(found, 3 * found_error)
        self.assertLess(abs(found - effect), 4 * math.hypot(error, found_error))

        left, greenwood = 1, 0
        ended, at_risk = numpy.sort(ended), numpy.sort(ended + censored)
        for day in sorted(set(ended)):
            n, d = (at_risk >= day).sum(), (ended == day).sum()
            left *= 1 - d / n
            greenwood += d / n / (n - d)
        stale = model["exits"]["deal"]["stale"]
        odds = [math.exp(model["exits"]["deal"]["advance"]["logit"]), 1, math.exp(stale["logit"])]
        share = odds[2] / sum(odds)
        print(f"hardware: stale {share:.3f}, left open {left:.3f} +- {left * math.sqrt(greenwood):.3f}")
        self.assertEqual(stale["dwell"]["family"], "never")
        self.assertLess(abs(share - left), 4 * left * math.sqrt(greenwood))


if __name__ == "__main__":
    unittest.main()
