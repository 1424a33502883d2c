"""Tables of any CRM: what a mapping makes of them, and what is wrong with one.

Where the environment variable RECOUP_DATA names a folder of public data (public_data.py), its raw
files must give the same as its canonical ones.
"""

import csv
import os
import unittest
from pathlib import Path

import yaml

from harness import DEALS, SCENARIO, RecoupTest, read_json

DATA = os.environ.get("RECOUP_DATA")
DATA_KEYS = """\
  deals: deals.csv
  stage_history: stage_history.csv
  reps: reps.csv
  activities: activities.csv
"""
# The small team's deals as another system has them: other names, American dates, decimal commas, the
# list amount in a table of its own, the amount of D3 only there, and a row that is no deal.
EXPORT = """\
Key;Person;Worth;Made;Step;Result;Since;Ended;Origin;Item;Void
D1;R1;12.000,00;8/3/2026;2;Won;8/20/2026;9/10/26;WEB;i1;no
D2;R2;8000;8/10/2026;1;Lost;8/10/2026;9/1/26;WEB;i2;no
D3;R1;0;9/1/2026;2;Won;9/15/2026;10/20/26;event;i3;no
D4;R1;15.000,0;9/20/2026;2;Open;10/5/2026 12:00 AM;12/31/26;WEB;i4;no
D5;R2;9000;10/1/2026;1;Open;10/1/2026;;event;i5;no
D6;R2;30000;10/12/2026;1;Open;10/12/2026;;WEB;i6;no
X;;;;;;;;;;YES
"""
ITEMS = "Item,List\ni1,12500\ni2,8000\ni3,20000\ni4,15000\ni5,10000\ni6,30000\n"
MAPPED = """\
  deals:
    file: export.csv
    columns:
      deal_id: Key
      rep_id: Person
      amount: [Worth, List]
      created: Made
      stage: Step
      outcome: Result
      stage_entered: Since
      closed: Ended
      expected_close: Ended
      channel: Origin
      list_amount: List
    values:
      channel: {WEB: web}
      stage: {"1": first, "2": second}
    join:
      - {file: items.csv, on: Item}
    skip: {Void: yes}
    dates: us
    decimal: comma
  stage_history: stage_history.csv
  reps: {file: reps.csv}
  activities: activities.csv
"""
# MAPPED begins on line 8 of the scenario.


def swap(text, old, new):
    assert text.count(old) == 1, (old, text.count(old))
    return text.replace(old, new)


def scenario(data):
    return swap(SCENARIO, DATA_KEYS, data)


def mapping(old, new):
    return swap(MAPPED, old, new)


# name: (the mapping, the file and line of the message, what it says)
MISTAKES = {
    "no file": (mapping("    file: export.csv\n", ""), ":9", ["a mapped table", "'file'"]),
    "empty file": (mapping("export.csv", '""'), ":9", ["'file' is empty"]),
    "unknown key": (mapping("columns:", "colums:"), ":10", ["'colums'", "did you mean 'columns'?"]),
    "a list of files": (mapping("{file: reps.csv}", "[reps.csv]"), ":31", ["'reps' is a list"]),
    "unknown column": (mapping("rep_id: P", "rep_idd: P"), ":12", ["'rep_idd'", "did you mean 'rep_id'?"]),
    "column that is not there": (mapping("Person", "Persn"), ":12",
                                 ["export.csv has no column 'Persn'", "did you mean 'Person'?"]),
    "column without a source": (mapping("rep_id: Person", "rep_id:"), ":12",
                                ["'rep_id' has no source"]),
    "empty list of columns": (mapping("[Worth, List]", "[]"), ":13", ["'amount' has no source"]),
    "column twice in a list": (mapping("[Worth, List]", "[List, List]"), ":13", ["'List'", "twice"]),
    "mapping for a column": (mapping("created: Made", "created: {from: Made}"), ":14",
                             ["'created' is a mapping"]),
    "one flag": (mapping("outcome: Result", "outcome: {won: Result}"), ":16", ["'closed'"]),
    "unknown flag": (mapping("outcome: Result", "outcome: {won: Result, closed: Result, is: Key}"),
                     ":16", ["'is'"]),
    "flags and values": (mapping("outcome: Result", "outcome: {won: Void, closed: Void}").replace(
        "values:\n", "values:\n      outcome: {Won: won}\n"), ":23", ["'outcome'", "two columns"]),
    "columns is a text": ("  deals: {file: export.csv, columns: Key}\n", ":8",
                          ["'columns' is not a mapping"]),
    "values are a list": ("  deals: {file: export.csv, values: [won]}\n", ":8",
                          ["'values' is not a mapping"]),
    "skip is a text": ("  deals: {file: export.csv, skip: Void}\n", ":8",
                       ["'skip' is not a mapping"]),
    "values of an unknown column": (mapping("channel: {W", "chanel: {W"), ":23",
                                    ["'chanel'", "did you mean 'channel'?"]),
    "values of a column without a source": (mapping("channel: {W", "segment: {W"), ":23",
                                            ["no source"]),
    "values that are a text": (mapping("{WEB: web}", "web"), ":23", ["'channel' is not a mapping"]),
    "value without a meaning": (mapping("{WEB: web}", "{WEB: }"), ":23",
                                ["'WEB' becomes nothing", '""']),
    "join without a key": (mapping(", on: Item}", "}"), ":26", ["'on'"]),
    "join on a list": (mapping("on: Item", "on: [Item]"), ":26", ["'on' is not one key"]),
    "join on two pairs": (mapping("on: Item", "on: {Item: Item, Key: Item}"), ":26",
                          ["'on' is not one key"]),
    "key that the file lacks": (mapping("on: Item", "on: {Itme: Item}"), ":26",
                                ["export.csv has no column 'Itme'", "did you mean 'Item'?"]),
    "key that the joined file lacks": (mapping("on: Item", "on: {Item: Itme}"), ":26",
                                       ["items.csv has no column 'Itme'", "did you mean 'Item'?"]),
    "join that is no list": (mapping("\n      - {file: items.csv, on: Item}",
                                     " {file: items.csv, on: Item}"), ":25", ["'join'", "a list"]),
    "skip of an unknown column": (mapping("Void: yes", "Viod: yes"), ":27",
                                  ["'Viod'", "did you mean 'Void'?"]),
    "skip without a text": (mapping("{Void: yes}", "{Void: }"), ":27", ["a name"]),
    "unknown way of dates": (mapping("dates: us", "dates: uk"), ":28", ["iso, us, eu"]),
    "unknown decimal sign": (mapping("decimal: comma", "decimal: coma"), ":29",
                             ["did you mean 'comma'?"]),
}
# name: (what of the files is changed, the place of the message, what it says)
BAD_FILES = {
    "joined file is missing": ({"items.csv": None}, "items.csv", ["No such file"]),
    "joined file is empty": ({"items.csv": ""}, "items.csv", ["empty"]),
    "key twice": ({"items.csv": ITEMS + "i1,3\n"}, "items.csv:8",
                  ["'i1' occurs twice, first on line 2"]),
    "other date": ({"export.csv": swap(EXPORT, "8/3/2026", "13/8/2026")}, "export.csv:2: error: Made",
                   ["'13/8/2026'", "month/day/year"]),
    "other number": ({"export.csv": swap(EXPORT, "12.000,00", "12,000.00")},
                     "export.csv:2: error: Worth, List of items.csv", ["decimal comma"]),
    "joined number": ({"items.csv": swap(ITEMS, "i3,20000", "i3,many")},
                      "export.csv:4: error: Worth, List of items.csv", ["'many'"]),
    "other outcome": ({"export.csv": swap(EXPORT, "8/10/2026;1;Lost", "8/10/2026;1;Gone")},
                      "export.csv:3: error: Result", ["'Gone'", "won or lost"]),
    "other stage": ({"export.csv": swap(EXPORT, "9/1/2026;2", "9/1/2026;3")},
                    "export.csv:4: error: Step", ["'3' is not a stage"]),
}


class Mapping(RecoupTest):
    def write_export(self, data=MAPPED, changes=None):
        self.write({"deals.csv": None, "export.csv": EXPORT, "items.csv": ITEMS,
                    "scenario.yaml": scenario(data), **(changes or {})})

    def test_same_as_the_canonical_table(self):
        canonical = swap(DEALS, "event,25000", "event,20000")
        self.write({"deals.csv": canonical})
        expected = self.run_json("--seed", "3")
        self.write_export()
        done = self.recoup("run", "scenario.yaml", "-o", "out/results.h5", "--json", "--seed", "3")
        self.assert_status(done, 0)
        self.assertEqual(read_json(done.stdout), expected)
        self.assertIn("rows left out by 'skip': 1 of 7", done.stderr)

    def test_resolved_reads_back(self):
        self.write_export()
        once = self.recoup("check", "scenario.yaml", "--resolved")
        self.assert_status(once, 0)
        (self.folder / "again.yaml").write_text(once.stdout)
        twice = self.recoup("check", "again.yaml", "--resolved")
        self.assertEqual(twice.stdout, once.stdout)
        data = yaml.safe_load(once.stdout)["data"]
        self.assertEqual(data["deals"]["columns"]["amount"], ["Worth", "List"])
        self.assertEqual((data["deals"]["dates"], data["deals"]["decimal"]), ("us", "comma"))
        self.assertEqual(data["stage_history"], "stage_history.csv")

    def test_swept(self):
        """Paths of plain and of mapped tables are keys like any other, and both are told apart."""
        self.write_export(changes={
            "more.csv": EXPORT.replace("30000", "60000"), "deals.csv": DEALS,
            "more_deals.csv": DEALS.replace("30000", "60000"),
            "more_items.csv": ITEMS.replace("20000", "70000")})
        booked = {}
        for key, values in (("data.deals.file", "export.csv,more.csv"),
                            ("data.deals.join.0.file", "items.csv,more_items.csv"),
                            ("data.deals", "deals.csv,more_deals.csv")):
            done = self.recoup("batch", "scenario.yaml", "-o", f"out/{key}", "-q", "--sweep",
                               f"{key}={values}")
            self.assert_status(done, 0)
            with open(self.out / key / "summary.csv", newline="") as file:
                rows = list(csv.DictReader(file))
            booked[key] = [row["bookings_mean"] for row in rows if row["plan"] == "as is"]
            self.assertEqual(len(set(booked[key])), 2, rows)

    def test_elsewhere(self):
        """A scenario that is written into another folder names the files where they are."""
        candidates = ("optimize:\n  budget: 50\n  candidates:\n    - name: coach\n"
                      "      levers:\n        - coach: {cohort: hunters, logit: 0.4, cost: 20}\n")
        self.write_export(changes={"scenario.yaml": scenario(MAPPED) + candidates})
        done = self.recoup("optimize", "scenario.yaml", "-q", "-o", "out/best.yaml")
        self.assert_status(done, 0)
        deals = yaml.safe_load((self.out / "best.yaml").read_text())["data"]["deals"]
        self.assertEqual(deals["file"], str((self.folder / "export.csv").resolve()))
        self.assertEqual(deals["join"][0]["file"], str((self.folder / "items.csv").resolve()))
        self.assert_status(self.recoup("check", "out/best.yaml"), 0)

    def test_mistakes(self):
        for name, (data, place, fragments) in MISTAKES.items():
            with self.subTest(mistake=name):
                self.write_export(data)
                self.assert_refused("scenario.yaml" + place, fragments)

    def test_bad_files(self):
        for name, (changes, place, fragments) in BAD_FILES.items():
            with self.subTest(mistake=name):
                (self.folder / "items.csv").unlink(missing_ok=True)
                self.write_export(changes=changes)
                self.assert_refused(place, fragments)

    def assert_refused(self, place, fragments):
        done = self.recoup("run", "scenario.yaml", "-o", "out/results.h5")
        self.assert_status(done, 3)
        lines = " ".join(line for line in done.stderr.splitlines()
                         if place in line and "error:" in line)
        for fragment in fragments:
            self.assertIn(fragment, lines, f"at {place}\n{done.stderr}")
        self.assertEqual(list(self.out.iterdir()), [])

    def test_all_mistakes_at_once(self):
        self.write_export(mapping("Person", "Persn").replace("Void: yes", "Viod: yes").replace(
            "channel: {W", "chanel: {W"))
        for place, fragment in ((":12", "Persn"), (":27", "Viod"), (":23", "chanel")):
            self.assert_refused("scenario.yaml" + place, [fragment])


# --- public data ------------------------------------------------------------------------------------

HARDWARE = """\
recoup: scenario/1
as_of: 2017-11-15
quota: 28e5
period: {{start: 2017-10-01, end: 2017-12-31}}
pipeline: {{stages: [deal], labels: {{Prospecting: deal, Engaging: deal}}}}
simulation: {{paths: 500}}
data: {data}
"""
RAW = """
  deals:
    file: {raw}/{file}
    columns: {{deal_id: opportunity_id, rep_id: sales_agent, created: engage_date, closed: close_date,
              stage: deal_stage, outcome: deal_stage, segment: sector, list_amount: sales_price,
              amount: [close_value, sales_price]}}
    values: {{outcome: {{Won: won, Lost: lost, Engaging: open, Prospecting: open}},
             stage: {{Won: "", Lost: ""}}, product: {{GTXPro: GTX Pro}}}}
    join: [{{file: {raw}/accounts.csv, on: account}}, {{file: {raw}/products.csv, on: product}}]
    dates: {dates}
  reps: {{file: {raw}/sales_teams.csv,
         columns: {{rep_id: sales_agent, name: sales_agent, team: manager}}}}"""


@unittest.skipUnless(DATA, "RECOUP_DATA is not set")
class PublicTables(RecoupTest):
    def answer(self, name, data):
        """The fitted model, byte by byte, and the results of a run with it."""
        folder = self.out / name
        folder.mkdir()
        text = HARDWARE.format(data=data)
        (folder / "scenario.yaml").write_text(text)
        done = self.recoup("fit", folder / "scenario.yaml", "-q", "-o", folder / "model.yaml")
        self.assert_status(done, 0)
        (folder / "run.yaml").write_text(text + "model: model.yaml\nname: hardware\n")
        run = self.recoup("run", folder / "run.yaml", "-q", "-o", folder / "results.h5", "--json")
        self.assert_status(run, 0)
        return ((folder / "model.yaml").read_bytes(), (folder / "model.h5").read_bytes(), run.stdout)

    def test_hardware(self):
        folder = Path(DATA).resolve() / "hardware"
        expected = self.answer(
            "canonical", f"{{deals: {folder}/deals.csv, reps: {folder}/reps.csv}}")
        for file, dates in (("sales_pipeline.csv", "iso"), ("sales_pipeline_us_dates.csv", "us")):
            with self.subTest(file=file):
                data = RAW.format(raw=folder / "raw", file=file, dates=dates)
                self.assertEqual(self.answer(dates, data), expected)


if __name__ == "__main__":
    unittest.main()
