"""What `recoup check --suggest-mapping` makes of the tables of Salesforce and HubSpot.

The fixtures are written here, as the exports and warehouse tables of the vendors look. Where the
environment variable RECOUP_DATA names a folder of public data (public_data.py), its samples of such
tables are read too: dbt seeds of Fivetran, and exports of a Salesforce developer's organisation.
"""

import os
import unittest
from datetime import datetime
from pathlib import Path

import yaml

from exports import hubspot_export, salesforce, table
from harness import DEALS, HISTORY, REPS, RecoupTest, as_csv, make_history

DATA = os.environ.get("RECOUP_DATA")
HEAD = """\
recoup: scenario/1
as_of: 2026-11-02
period: {start: 2026-10-01, end: 2026-12-31}
quota: 4e5
"""


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
        tables = salesforce(self.deals, self.history, self.reps)
        tables["opportunity"][1].append(
            ["Test", "T1", "R1", "?", "?", "Junk", "?", "?", "?", "", "", "true"])
        tables["opportunity_history"][1].append(["HT", "T1", "Junk", "2026-05-05"])
        return {f"{file}.csv": table(map(name, heading), rows)
                for file, (heading, rows) in tables.items()}

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
                (self.folder / "scenario.yaml").write_text(text.replace("    - Junk\n", ""))
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
        found, _ = self.suggest({"all-deals.csv": hubspot_export(self.deals)})
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


@unittest.skipUnless(DATA, "RECOUP_DATA is not set")
class PublicSamples(RecoupTest):
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
