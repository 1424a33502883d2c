"""Tables of any CRM: what a mapping makes of them, what is wrong with one, what is suggested.

The fixtures are written here, as the exports and warehouse tables of the vendors look. Where the
environment variable RECOUP_DATA names a folder of public data (public_data.py), its raw files and
its samples of Salesforce's and HubSpot's tables are read too.
"""

import csv
import io
import os
import unittest
from datetime import datetime
from pathlib import Path

import yaml

from harness import (DEALS, HISTORY, REPS, SCENARIO, SOURCE, RecoupTest, as_csv, make_history,
                     read_json)

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
        "values:\n", "values:\n      outcome: {Won: won}\n"), ":", ["'values'", "'outcome'"]),
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


# --- what is suggested ------------------------------------------------------------------------------

HEAD = """\
recoup: scenario/1
as_of: 2026-11-02
period: {start: 2026-10-01, end: 2026-12-31}
quota: 4e5
"""


def table(heading, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue()


def day(moment):
    return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%SZ")


class Suggestion(RecoupTest):
    """The same year of a team, as each system would export it."""

    def setUp(self):
        super().setUp()
        self.deals, self.history, self.reps = make_history()

    def suggest(self, files):
        for name, text in files.items():
            (self.folder / name).write_bytes(text.encode())
        done = self.recoup("check", "--suggest-mapping", *files)
        self.assert_status(done, 0)
        (self.folder / "scenario.yaml").write_text(HEAD + done.stdout)
        return yaml.safe_load(done.stdout), done

    def fit(self, name):
        """Its model, without the line that names the file of its draws."""
        folder = self.out / name
        folder.mkdir()
        done = self.recoup("fit", "scenario.yaml", "-q", "-o", folder / "model.yaml")
        self.assert_status(done, 0)
        return (folder / "model.yaml").read_bytes(), (folder / "model.h5").read_bytes()

    def canonical_model(self):
        """Of the canonical tables, with what the other systems have no column for left out."""
        (self.folder / "deals.csv").write_text(as_csv(DEALS, self.deals).replace(
            "list_amount", "ignored"))
        (self.folder / "stage_history.csv").write_text(as_csv(HISTORY, self.history))
        (self.folder / "reps.csv").write_text(as_csv(REPS, self.reps).replace(
            "cohort", "ignored").replace("quota", "ignored too"))
        (self.folder / "scenario.yaml").write_text(
            HEAD + "data: {deals: deals.csv, stage_history: stage_history.csv, reps: reps.csv}\n"
            "pipeline: [first, second]\n")
        return self.fit("canonical")

    def salesforce(self, name):
        """Opportunity, OpportunityHistory and User, with `name` making a column's name."""
        ends = {"won": "Closed Won", "lost": "Closed Lost"}
        deals = [[f"Deal {key}", key, rep, amount, created, ends.get(outcome, stage),
                  outcome == "won", outcome != "open", closed or "2027-03-31", channel,
                  closed or since, "false"]
                 for key, rep, amount, created, stage, outcome, since, closed, channel, _
                 in self.deals]
        deals.append(["Test", "T1", "R1", "?", "?", "Junk", "?", "?", "?", "", "", "true"])
        history = [[f"H{i}", *row] for i, row in enumerate(self.history)]
        history += [[f"E{deal[0]}", deal[0], ends[deal[5]], deal[7]] for deal in self.deals
                    if deal[5] in ends]
        history.append(["HT", "T1", "Junk", "2026-05-05"])
        users = [[rep[0], rep[1].lower() + "@example.org", rep[1], "true", rep[5]]
                 for rep in self.reps]
        return {
            "opportunity.csv": table(map(name, (
                "Name", "Id", "OwnerId", "Amount", "CreatedDate", "StageName", "IsWon", "IsClosed",
                "CloseDate", "LeadSource", "LastStageChangeDate", "IsDeleted")), deals),
            "opportunity_history.csv": table(map(name, (
                "Id", "OpportunityId", "StageName", "CreatedDate")), history),
            "user.csv": table(map(name, ("Id", "Username", "Name", "IsActive", "CreatedDate")), users),
        }

    def test_salesforce(self):
        """The API's names, and those of a warehouse loader, lead to the canonical tables' model."""
        expected = self.canonical_model()

        def snake(name):
            return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")

        for style, name in (("api", str), ("snake", snake)):
            with self.subTest(style=style):
                found, done = self.suggest(self.salesforce(name))
                self.assertEqual(done.stderr, "")
                deals = found["data"]["deals"]
                self.assertEqual(deals["columns"]["outcome"],
                                 {"won": name("IsWon"), "closed": name("IsClosed")})
                self.assertEqual(deals["columns"]["closed"], name("CloseDate"))
                self.assertEqual(deals["columns"]["expected_close"], name("CloseDate"))
                self.assertEqual(deals["skip"], {name("IsDeleted"): True})
                self.assertEqual(found["data"]["reps"]["values"], {"status": {"true": "active"}})
                self.assertEqual(found["pipeline"]["labels"],
                                 {"Closed Won": "won", "Closed Lost": "lost"})
                self.assertNotIn("required", done.stdout)
                # a person corrects the pipeline: Junk is the stage of the row that is left out
                text = (self.folder / "scenario.yaml").read_text()
                (self.folder / "scenario.yaml").write_text(swap(text, "    - Junk\n", ""))
                self.assertEqual(self.fit(style), expected)

    def test_salesforce_report(self):
        """The headings of a report, American dates, no flags: the outcome is in the stages' names."""
        rows = [[key, f"Deal {key}", rep, amount, f"{day(created):%-m/%-d/%Y}",
                 {"won": "Closed Won", "lost": "Closed Lost"}.get(outcome, stage),
                 f"{day(closed):%-m/%-d/%Y}" if closed else "3/31/2027", channel]
                for key, rep, amount, created, stage, outcome, _, closed, channel, _ in self.deals]
        found, done = self.suggest({"report.csv": table(
            ("Opportunity ID", "Opportunity Name", "Opportunity Owner", "Amount", "Created Date",
             "Stage", "Close Date", "Lead Source"), rows)})
        deals = found["data"]["deals"]
        self.assertEqual(deals["dates"], "us")
        self.assertEqual(deals["columns"]["outcome"], "Stage")
        self.assertEqual(deals["values"]["outcome"],
                         {"Closed Won": "won", "Closed Lost": "lost", "first": "open",
                          "second": "open"})
        self.assertEqual(set(found["pipeline"]["stages"]), {"first", "second"})
        done = self.recoup("check", "scenario.yaml")
        self.assert_status(done, 0)
        known = sum(day(deal[3]) < datetime(2026, 11, 2) for deal in self.deals)
        self.assertIn(f"{known} deals known", done.stdout)

    def test_hubspot(self):
        """A loader's tables: stages by ids, which the file of the stages explains."""
        expected = self.canonical_model()
        ids = {"first": "10", "second": "20", "won": "30", "lost": "40"}
        deals = [[key, "false", "default", ids[stage if outcome == "open" else outcome], rep,
                  f"Deal {key}", amount, closed or "2027-03-31", created, channel]
                 for key, rep, amount, created, stage, outcome, _, closed, channel, _ in self.deals]
        stages = [["20", "second", "false", "false", 1], ["10", "first", "false", "false", 0],
                  ["40", "Done, sadly", "false", "true", 3], ["30", "Signed", "true", "true", 2]]
        history = [[deal, ids[stage], entered] for deal, stage, entered in self.history]
        owners = [[rep[0], rep[1], rep[1], "x", rep[5]] for rep in self.reps]
        found, done = self.suggest({
            "deal.csv": table(("deal_id", "is_deleted", "deal_pipeline_id", "deal_pipeline_stage_id",
                               "owner_id", "property_dealname", "property_amount",
                               "property_closedate", "property_createdate",
                               "property_hs_analytics_source"), deals),
            "deal_pipeline_stage.csv": table(("stage_id", "label", "closed_won", "is_closed",
                                              "display_order"), stages),
            "deal_stage.csv": table(("deal_id", "value", "date_entered"), history),
            "owner.csv": table(("owner_id", "email", "first_name", "last_name", "created_at"), owners),
        })
        self.assertEqual(found["pipeline"], {"stages": ["first", "second"], "labels":
                                             {"Signed": "won", "Done, sadly": "lost"}})
        self.assertEqual(found["data"]["deals"]["columns"]["outcome"],
                         {"won": "closed_won", "closed": "is_closed"})
        self.assertNotIn("required", done.stdout)
        self.assertEqual(self.fit("hubspot"), expected)

    def test_hubspot_export(self):
        rows = [[key, f"Deal {key}",
                 {"won": "Closed won", "lost": "Closed lost"}.get(outcome, stage),
                 f"{day(closed):%Y-%m-%d %H:%M}" if closed else "", rep, amount,
                 f"{day(created):%Y-%m-%d %H:%M}", "Sales Pipeline"]
                for key, rep, amount, created, stage, outcome, _, closed, _, _ in self.deals]
        found, _ = self.suggest({"all-deals.csv": table(
            ("Record ID", "Deal Name", "Deal Stage", "Close Date", "Deal owner", "Amount",
             "Create Date", "Pipeline"), rows)})
        columns = found["data"]["deals"]["columns"]
        self.assertEqual({key: columns[key] for key in ("deal_id", "rep_id", "created", "stage")},
                         {"deal_id": "Record ID", "rep_id": "Deal owner", "created": "Create Date",
                          "stage": "Deal Stage"})
        self.assertEqual(found["data"]["deals"]["values"]["outcome"]["Closed won"], "won")
        self.assert_status(self.recoup("check", "scenario.yaml"), 0)

    def test_style(self):
        """Decimal commas and European dates are seen; what cannot be told is said."""
        heading = ("Opportunity ID", "Stage", "Close Date", "Amount", "Owner", "Created Date")
        found, done = self.suggest({"a.csv": table(heading, [
            ("1", "On: hold", "31.12.2026", "1.234,50", "Ann", "1.2.2026"),
            ("2", "won it", "1.2.2026", "?", "Ann", "soon")])})
        deals = found["data"]["deals"]
        self.assertEqual((deals["dates"], deals["decimal"]), ("eu", "comma"))
        self.assertEqual(deals["values"]["outcome"], {"On: hold": "open", "won it": "won"})
        self.assertIn("# some dates cannot be read, such as 'soon'", done.stdout)
        self.assertIn("# some amounts cannot be read, such as '?'", done.stdout)
        found, done = self.suggest({"b.csv": table(heading[:4], [("1", "x", "1/2/2026", "5")])})
        self.assertIn("is it us or eu?", done.stdout)
        self.assertIn("# required, and not found: rep_id, created\n", done.stdout)

    def test_hostile_names(self):
        """Names with every sign of YAML come back as they are."""
        names = ["a: b", "# c", "- d", "'e'", '"f"', "{g}", "[h]", "&i", "*j", "!k", "%l", "@m",
                 "null", "yes", "1e6", "2026-01-01", "back\\slash", "line\nbreak", "emoji 😀",
                 "ends ", "?", "|", "> q", "x #y"]
        text = table(["Opportunity ID", "Stage", "Close Date", "Amount", "Owner", "Created Date"],
                     [(i, name, "2027-01-01", 5, "Ann", "2026-01-01")
                      for i, name in enumerate(names)])
        found, done = self.suggest({"d: e.csv": text})
        self.assertEqual(found["data"]["deals"]["file"], "d: e.csv")
        seen = found["pipeline"]["stages"]
        self.assertEqual(seen, [name.strip() for name in names])
        self.assert_status(self.recoup("check", "scenario.yaml", "--resolved"), 0)

    def test_examples_of_the_manual(self):
        """They are scenarios but for their tables, which are not there."""
        section = (SOURCE / "docs" / "formats.md").read_text().split("## Tables of other systems")[1]
        examples = [block.split("```")[0] for block in section.split("```yaml")[1:]
                    if block.startswith("\ndata:")]
        self.assertEqual(len(examples), 4)
        for example in examples:
            (self.folder / "scenario.yaml").write_text(HEAD + example)
            done = self.recoup("check", "scenario.yaml")
            self.assert_status(done, 3)
            problems = [line for line in done.stderr.splitlines() if "error:" in line]
            self.assertTrue(problems)
            for line in problems:
                self.assertIn("No such file", line)

    def test_refused(self):
        self.write()
        (self.folder / "odd.csv").write_text("colour,taste\nred,sweet\n")
        done = self.recoup("check", "--suggest-mapping", "odd.csv")
        self.assert_status(done, 3)
        self.assertIn("odd.csv:1: note: not known by its columns", done.stderr)
        self.assertEqual(done.stdout, "")
        done = self.recoup("check", "--suggest-mapping", "deals.csv", "nowhere.csv")
        self.assert_status(done, 3)
        self.assertIn("nowhere.csv", done.stderr)
        done = self.recoup("check", "--suggest-mapping", "reps.csv", "odd.csv", "reps.csv")
        self.assert_status(done, 0)
        self.assertIn("the same table as reps.csv", done.stderr)
        self.assertIn("# deals: none of the files", done.stdout)
        for wrong in (("--suggest-mapping",), ("--suggest-mapping", "--resolved", "deals.csv"),
                      ("deals.csv", "reps.csv")):
            self.assert_status(self.recoup("check", *wrong), 2)


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

    def suggest(self, *names):
        folder = Path(DATA).resolve() / "layouts"
        done = self.recoup("check", "--suggest-mapping", *(folder / name for name in names))
        self.assert_status(done, 0)
        return yaml.safe_load(done.stdout), done

    def test_salesforce_of_a_loader(self):
        found, _ = self.suggest("sf_opportunity_data.csv", "sf_opportunity_history_data.csv",
                                "sf_user_data.csv", "sf_task_data.csv", "sf_account_data.csv")
        deals, history, reps, activities = (found["data"][name] for name in (
            "deals", "stage_history", "reps", "activities"))
        self.assertEqual(deals["columns"]["deal_id"], "id")
        self.assertEqual(deals["columns"]["outcome"], {"won": "is_won", "closed": "is_closed"})
        self.assertEqual(deals["columns"]["segment"], "industry")
        self.assertEqual(deals["join"][0][True], {"account_id": "id"})  # `on` is true in YAML 1.1
        self.assertEqual(deals["skip"], {"is_deleted": True, "_fivetran_active": False})
        self.assertEqual(history["columns"], {"deal_id": "id", "stage": "stage_name",
                                              "entered": "_fivetran_start"})
        self.assertEqual(reps["values"], {"status": {"true": "active", "false": "vacant"}})
        self.assertEqual(activities["columns"]["type"], ["type", "task_subtype"])

    def test_salesforce_of_the_api(self):
        """The stages in Salesforce's own order, with two-digit years."""
        found, done = self.suggest("devorg_Opportunity.csv", "devorg_OpportunityHistory.csv")
        self.assertEqual(found["data"]["deals"]["dates"], "us")
        self.assertEqual(found["data"]["stage_history"]["columns"],
                         {"deal_id": "OpportunityId", "stage": "StageName", "entered": "CreatedDate"})
        self.assertEqual(found["pipeline"]["stages"],
                         ["Prospecting", "Qualification", "Needs Analysis", "Value Proposition",
                          "Id. Decision Makers", "Perception Analysis", "Proposal/Price Quote",
                          "Negotiation/Review"])
        self.assertIn("# required, and not found: rep_id\n", done.stdout)
        # what the sample has loads: its simulated dates, and the account for the owner it lacks
        text = done.stdout.replace("CreatedDate", "Opp Creation Date_Simulated", 1).replace(
            "CloseDate", "Opp Close Date_Simulated").replace(
            "deal_id: Id\n", "deal_id: Id\n      rep_id: AccountId\n").replace(
            "stage_history:", "activities:")
        data = yaml.safe_load(text)
        del data["data"]["activities"]
        data["data"]["deals"]["skip"] = {"Opp Creation Date_Simulated": ""}
        (self.folder / "scenario.yaml").write_text(
            "recoup: scenario/1\nas_of: 2024-06-01\nquota: 1e6\n"
            "period: {start: 2024-04-01, end: 2024-12-31}\n" + yaml.safe_dump(data))
        done = self.recoup("check", "scenario.yaml")
        self.assert_status(done, 0)

    def test_hubspot_of_a_loader(self):
        found, _ = self.suggest("hubspot_deal_data.csv", "hubspot_deal_stage_data.csv",
                                "hubspot_owner_data.csv", "hubspot_deal_pipeline_stage_data.csv")
        deals, history = found["data"]["deals"], found["data"]["stage_history"]
        self.assertEqual(deals["columns"]["outcome"], {"won": "closed_won", "closed": "is_closed"})
        self.assertEqual(deals["join"][0][True], {"deal_pipeline_stage_id": "stage_id"})
        self.assertEqual(history["join"][0][True], {"value": "stage_id"})
        self.assertEqual(found["data"]["reps"]["columns"]["rep_id"], "owner_id")


if __name__ == "__main__":
    unittest.main()
