"""The diagnosis as records: `recoup run` stores what `recoup diagnose --json` prints, whatever the
number of threads and whatever happened after the as-of date; on public data it says what can be
counted in the tables.

RECOUP_DATA: as in public_data.py; without it the tests on public data are skipped.
"""

import csv
import math
import os
import random
import re
import unittest
from datetime import date, datetime, timedelta
from pathlib import Path

import h5py

from harness import DEALS, HISTORY, REPS, SOURCE, RecoupTest, as_csv, digest, make_history, read_json

DATA = os.environ.get("RECOUP_DATA")
AS_OF = "2026-11-02"
EPOCH = datetime(1970, 1, 1)

SCENARIO = """\
recoup: scenario/1
as_of: 2026-11-02
period: {start: 2026-10-01, end: 2026-12-31}
quota: 400000
data: {deals: deals.csv, stage_history: stage_history.csv, reps: reps.csv, activities: activities.csv}
pipeline: [first, second]
model: model.yaml
simulation: {paths: 300, seed: 5, parameter_draws: 3}
plans:
  - name: coach
    owner: "</script> \\"Ältester\\""
    review: 2026-11-16
    actions: [{what: listen to calls, due: +9d}, {what: report}]
    levers:
      - coach: {stage: second, logit: {normal: [0.2, 0.1]}}
"""
FITTED = SCENARIO.replace("model: model.yaml\n", "")
MORE = ["segment", "competitor", "product", "expected_close", "next_step", "loss_reason"]


def kinds():
    """The fields of every kind of record, as the program's own table has them."""
    table = (SOURCE / "src/results/record_types.c").read_text()
    return {kind: re.findall(r"FIELD\((\w+), (\w+)", body) for kind, body in re.findall(
        r"recoup_record_field (\w+)_fields\[\] = \{(.*?)\n\};", table, re.S)}


def stored(value, kind):
    """What JSON shows of a value of the file."""
    if kind == "TEXT":
        return value.decode()
    if kind == "INT":
        return int(value)
    if math.isnan(value):
        return None
    if kind == "DATE":
        return str((EPOCH + timedelta(days=value)).date())
    return float(value)


class Records(RecoupTest):
    def setUp(self):
        super().setUp()
        self.deals, self.history, self.reps = make_history()
        choose = random.Random(4)
        for row in self.deals:  # more columns: some of each given
            late = row[7] == ""
            row += [choose.choice(("bank", "retail", "")), choose.choice(("Acme", "Bolt", "")),
                    choose.choice(("P", "Q")),
                    choose.choice(("2026-08-15", "2026-11-20")) if late or row[7] >= AS_OF else "",
                    choose.choice(("", "call", "2026-10-05")),
                    choose.choice(("price", "")) if row[5] == "lost" else ""]
        self.activities = [[f"R{choose.randint(1, 8)}", f"2026-{choose.randint(1, 12):02}-10",
                            choose.choice(("call", "mail"))] for _ in range(300)]

    def make(self, scenario=SCENARIO):
        heading = DEALS.splitlines()[0] + "," + ",".join(MORE)
        self.write({"deals.csv": as_csv(heading, self.deals),
                    "stage_history.csv": as_csv(HISTORY, self.history),
                    "reps.csv": as_csv(REPS, self.reps),
                    "activities.csv": as_csv("rep_id,date,type", self.activities),
                    "scenario.yaml": scenario})

    def diagnose(self, *arguments):
        done = self.recoup("diagnose", "scenario.yaml", "--json", "--quiet", *arguments)
        self.assert_status(done, 0)
        return done.stdout

    def test_stored_as_printed(self):
        self.make()
        printed = read_json(self.diagnose())
        self.run_json("--quiet")
        self.assertEqual(list(printed), list(kinds()))
        for kind in ("document", "lever", "action", "hygiene", "rule", "forecast", "quality"):
            self.assertTrue(printed[kind], f"no row of {kind}")
        self.assertEqual(printed["document"][0]["owner"], "</script> \"Ältester\"")
        self.assertEqual([row["due"] for row in printed["action"]], ["2026-11-11", None])
        with h5py.File(self.out / "results.h5") as results:
            for kind, fields in kinds().items():
                self.assertEqual(kind in results, bool(printed[kind]), kind)
                for i, row in enumerate(printed[kind]):
                    self.assertEqual(list(row), [name for name, _ in fields])
                    for name, of in fields:
                        self.compare(row[name], stored(results[f"{kind}_{name}"][i], of), kind, name)

    def compare(self, shown, value, kind, name):
        if isinstance(value, float):  # the shortest that reads back the same
            self.assertEqual(float(shown), value, f"{kind}.{name}")
        else:
            self.assertEqual(shown, value, f"{kind}.{name}")

    def test_plans_of_a_run(self):
        """A run has the words of all its plans; the diagnosis is of the first."""
        self.make(SCENARIO + "  - {name: none, owner: Ann}\n")
        self.assertEqual([row["plan"] for row in read_json(self.diagnose())["document"]], ["coach"])
        self.run_json("--quiet")
        with h5py.File(self.out / "results.h5") as results:
            self.assertEqual(list(results["document_plan"][:]), [b"coach", b"none"])
            self.assertEqual(list(results["lever_plan"][:]), [b"coach"])

    def test_threads(self):
        self.make()
        found = set()
        for threads in (1, 2, 3):
            self.run_json("--quiet", "--threads", threads)
            found.add((self.diagnose("--threads", threads), digest(self.out / "results.h5")))
        self.assertEqual(len(found), 1)

    def test_order_of_rows(self):
        self.make()
        first = self.diagnose()
        for rows in (self.deals, self.history, self.activities):
            rows.reverse()
        self.make()
        self.assertEqual(self.diagnose(), first)

    def test_later_records(self):
        """What happened at or after the as-of date plays no part."""
        self.make(FITTED)
        first = self.diagnose()
        for row in self.deals:
            if row[7] >= AS_OF:  # the other outcome, another day, another reason
                row[5] = "lost" if row[5] == "won" else "won"
                row[7] = "2027-03-01T10:00:00Z"
                row[-1] = "no budget"
            if row[6] >= AS_OF and row[4] == "second":
                row[6] = "2027-02-01T00:00:00Z"
        for row in self.history:
            if row[2] >= AS_OF and row[1] == "second":
                row[2] = "2027-02-01T00:00:00Z"
        self.deals = [row for row in self.deals if row[3] < AS_OF]
        known = {row[0] for row in self.deals}
        self.history = [row for row in self.history if row[0] in known]
        self.deals.append(["N1", "R1", 9, AS_OF, "first", "open", AS_OF, "", "new", "", "new", "new", "new",
                           "2026-11-03", "", ""])
        self.activities = [row for row in self.activities if row[1] < AS_OF] + [["R1", AS_OF, "visit"]]
        self.make(FITTED)
        self.assertEqual(self.diagnose(), first)


@unittest.skipUnless(DATA, "RECOUP_DATA is not set")
class PublicRecords(RecoupTest):
    def diagnose(self, folder, head):
        tables = Path(DATA).resolve() / folder
        names = [name for name in ("deals", "stage_history", "reps") if (tables / f"{name}.csv").exists()]
        data = ", ".join(f"{name}: {tables / name}.csv" for name in names)
        (self.folder / "scenario.yaml").write_text(
            f"recoup: scenario/1\n{head}data: {{{data}}}\nsimulation: {{paths: 100}}\n")
        done = self.recoup("diagnose", "scenario.yaml", "--json", "--quiet")
        self.assert_status(done, 0)
        with open(tables / "deals.csv", newline="") as file:
            return read_json(done.stdout), list(csv.DictReader(file))

    def quality(self, found, column, problem):
        [row] = [row for row in found["quality"] if (row["column"], row["problem"]) == (column, problem)]
        return row["n"], row["n_rows"]

    def test_hardware(self):
        """Most of the open deals are older than any deal that was won was: they are reported, and
        taking them out of the forecast changes next to nothing, for they will not be won."""
        found, deals = self.diagnose("hardware", "as_of: 2017-11-15\nquota: 28e5\n"
                                     "period: {start: 2017-10-01, end: 2017-12-31}\n"
                                     "pipeline: {stages: [deal], labels: {Prospecting: deal, Engaging: deal}}\n")
        as_of = date(2017, 11, 15)
        dated = [deal for deal in deals if "" < deal["created"] < "2017-11-15"]
        ended = [deal for deal in dated if "" < deal["closed"] < "2017-11-15"]
        age = {deal["deal_id"]: (as_of - date.fromisoformat(deal["created"])).days
               for deal in dated if deal not in ended}
        longest = max((date.fromisoformat(deal["closed"]) - date.fromisoformat(deal["created"])).days
                      for deal in ended if deal["outcome"] == "won")
        ancient = {deal for deal, days in age.items() if days > longest}
        undated = sum(not deal["created"] for deal in deals)
        rule = {row["rule"]: row for row in found["rule"]}
        self.assertEqual(rule["ancient"]["n_deals"], len(ancient))
        self.assertGreater(len(ancient), 700)
        self.assertEqual((rule["expired"]["n_deals"], rule["expired"]["missing"]), (-1, "expected_close"))
        self.assertEqual({row["deal"] for row in found["hygiene"] if row["disposition"] == "close-lost"},
                         ancient)
        as_is, scrubbed = found["forecast"]
        self.assertEqual((as_is["n_open"], scrubbed["n_open"]), (len(age), len(age) - len(ancient)))
        lost = as_is["expected"] - scrubbed["expected"]
        self.assertAlmostEqual(lost / as_is["open_amount"], rule["ancient"]["expected"] / as_is["open_amount"],
                               delta=1e-4)  # of the win tables
        self.assertLess(lost, .01 * as_is["expected"])
        self.assertGreater(rule["stale"]["n_deals"], len(ancient))
        self.assertEqual(self.quality(found, "created", "missing in an open deal"),
                         (undated, undated + len(age)))
        self.assertEqual(undated, 500)

    def test_loans(self):
        """Declined within minutes, before anybody owned them."""
        found, deals = self.diagnose("loans", "as_of: 2012-03-14\ntimezone: +01:00\nquota: 18e6\n"
                                     "period: {start: 2012-01-01, end: 2012-03-14}\n")
        limit = datetime.fromisoformat("2012-03-14T00:00:00+01:00")
        known = [deal for deal in deals if datetime.fromisoformat(deal["created"]) < limit]
        nobody = sum(not deal["rep_id"] for deal in known)
        print(f"loans: {nobody} of {len(known)} deals are nobody's")
        self.assertEqual(self.quality(found, "rep_id", "missing"), (nobody, len(known)))
        self.assertEqual(nobody, 3432)


if __name__ == "__main__":
    unittest.main()
