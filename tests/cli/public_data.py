"""Public data sets, end to end: what was forecast at an as-of date against what then happened.

RECOUP_DATA names a folder with loans/ (BPI Challenge 2012, DOI
10.4121/uuid:3926db30-f712-4394-aebc-75976070e91f) and hardware/ (Maven Analytics, "CRM Sales
Opportunities") as canonical tables; without it everything here is skipped. The bookings of one quarter
are one draw from the forecast, so it must lie between the forecast's 1 % and 99 % quantiles.
"""

import csv
import json
import os
import sys
import unittest
from datetime import datetime, timezone
from pathlib import Path

import h5py

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

    def test_hardware(self):
        self.period = ("2017-10-01", "2018-01-01")
        self.forecast("hardware", "as_of: 2017-11-15\nquota: 28e5\n"
                      "period: {start: 2017-10-01, end: 2017-12-31}\n"
                      "pipeline: {stages: [deal], labels: {Prospecting: deal, Engaging: deal}}\n",
                      "+00:00")

    def test_hardware_reps_do_not_differ(self):
        """Of the deals closed by the end of 2017 the reps' win rates differ no more than chance
        (chi-square p .28), so the shrunk conversions come down to about one."""
        tables = Path(DATA).resolve() / "hardware"
        (self.folder / "scenario.yaml").write_text(
            "recoup: scenario/1\nas_of: 2017-12-31\nquota: 28e5\n"
            "period: {start: 2017-10-01, end: 2017-12-31}\n"
            "pipeline: {stages: [deal], labels: {Prospecting: deal, Engaging: deal}}\n"
            f"data: {{deals: {tables}/deals.csv, reps: {tables}/reps.csv}}\n")
        done = self.recoup("fit", "scenario.yaml", "-o", "out/model.yaml", "--reps", "--json")
        self.assert_status(done, 0)
        found = json.loads(done.stdout)
        shares = [row["conversion"] for row in found["reps"]]
        spread = found["rep_spread"][0]
        print(f"hardware: p {spread['p_value']}, {len(shares)} reps from {min(shares):.3f} to "
              f"{max(shares):.3f}")
        self.assertGreater(spread["p_value"], .1)
        self.assertLess(max(shares) - min(shares), .05)


if __name__ == "__main__":
    unittest.main()
