"""`recoup diagnose` on the example: the gap and where everybody stands, against counts made here from
the tables alone."""

import csv
import json
import re
import unittest
from datetime import datetime, timezone

from harness import SOURCE, RecoupTest

EXAMPLE = SOURCE / "scenarios" / "recovery-q4"
FACTORS = ["volume", "win rate", "value", "velocity", "total"]


def moment(text):
    value = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return value if value.tzinfo else value.replace(tzinfo=timezone.utc)


AS_OF, START, END = moment("2026-11-02"), moment("2026-10-01"), moment("2027-01-01")
REFERENCES = {"last period": (moment("2026-07-01"), START),
              "same period last year": (moment("2025-10-01"), moment("2026-01-01"))}


def read(name):
    with open(EXAMPLE / f"{name}.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class Gap(RecoupTest):
    @classmethod
    def setUpClass(cls):
        cls.reps = {rep["rep_id"]: rep for rep in read("reps")}
        cls.deals = read("deals")

    def diagnose(self, *arguments, changes=()):
        text = (EXAMPLE / "scenario.yaml").read_text(encoding="utf-8")
        text = re.sub(r"(deals|stage_history|reps|activities)\.csv", rf"{EXAMPLE}/\g<0>", text)
        text = text.replace("paths: 20000, seed: 1, parameter_draws: 200",
                            "paths: 2000, seed: 1, parameter_draws: 20")
        for old, new in changes:
            self.assertIn(old, text)
            text = text.replace(old, new)
        (self.folder / "scenario.yaml").write_text(text, encoding="utf-8")
        done = self.recoup("diagnose", "scenario.yaml", "--json", "--quiet", *arguments)
        self.assert_status(done, 0)
        return json.loads(done.stdout)

    def cohort(self, deal):
        return self.reps[deal["rep_id"]]["cohort"]

    def count(self, cohort, start, end):
        """Deals in play, won of these by now, still open, wins within, bookings."""
        play = known = still = wins = bookings = 0
        for deal in self.deals:
            closed = moment(deal["closed"]) if deal["closed"] else None
            is_open = closed is None or closed >= AS_OF
            if (cohort not in ("", self.cohort(deal)) or moment(deal["created"]) >= min(end, AS_OF)
                    or not is_open and closed < start):
                continue
            won = deal["outcome"] == "won" and not is_open
            play, known, still = play + 1, known + won, still + is_open
            if won and closed < end:
                wins, bookings = wins + 1, bookings + float(deal["amount"])
        return play, known, still, wins, bookings

    def check_sums(self, rows):
        """Effects of factors sum to the total, those of cohorts to the team's, in cents."""
        cents = {(row["cohort"], row["factor"]): round(100 * row["effect"]) for row in rows}
        cohorts = {row["cohort"] for row in rows}
        for cohort in cohorts:
            self.assertEqual(sum(cents[cohort, factor] for factor in FACTORS[:4]),
                             cents[cohort, "total"])
        for factor in FACTORS:
            if len(cohorts) > 1:
                self.assertEqual(sum(cents[cohort, factor] for cohort in cohorts - {""}),
                                 cents["", factor])
        for row in rows:
            self.assertAlmostEqual(100 * row["effect"], round(100 * row["effect"]), places=5)
            self.assertLessEqual(row["effect_low"], row["effect_high"])

    def test_references_are_what_the_tables_say(self):
        rows = self.diagnose()["gap"]
        self.assertEqual(list(dict.fromkeys(row["reference"] for row in rows)), list(REFERENCES))
        for name, (start, end) in REFERENCES.items():
            own = [row for row in rows if row["reference"] == name]
            self.check_sums(own)
            for cohort in dict.fromkeys(row["cohort"] for row in own):
                value = {row["factor"]: row for row in own if row["cohort"] == cohort}
                play, known, still, wins, bookings = self.count(cohort, start, end)
                before = {factor: row["reference_value"] for factor, row in value.items()}
                self.assertEqual(before["volume"], play)
                self.assertAlmostEqual(before["total"], bookings, places=4)
                if play == 0:
                    continue
                self.assertAlmostEqual(before["value"], bookings / wins, places=4)
                # what is still open may be won
                in_the_end = before["win rate"] * play
                self.assertLessEqual(known - 1e-9, in_the_end)
                self.assertLessEqual(in_the_end, known + still)
                self.assertEqual(still > 0, in_the_end > known + 1e-9)
                self.assertAlmostEqual(before["velocity"] * in_the_end, wins, places=6)
                # what is in play now is no less than what was seen, and bookings no less than booked
                now = {factor: row["value"] for factor, row in value.items()}
                seen = self.count(cohort, START, AS_OF)
                self.assertGreaterEqual(now["volume"], seen[0])
                self.assertGreater(now["total"], seen[4] - 1e-6)
                self.assertLessEqual(now["velocity"], 1)

    def test_standing_is_what_the_tables_say(self):
        rows = self.diagnose()["standing"]
        held = {}
        for deal in self.deals:
            closed = moment(deal["closed"]) if deal["closed"] else None
            is_open = closed is None or closed >= AS_OF
            names = ("team", "team"), ("cohort", self.cohort(deal)), ("rep", deal["rep_id"])
            for name in names:
                n, amount, booked = held.get(name, (0, 0, 0))
                if is_open:
                    n, amount = n + 1, amount + float(deal["amount"])
                elif deal["outcome"] == "won" and closed >= START:
                    booked += float(deal["amount"])
                held[name] = n, amount, booked
        self.assertEqual(len(rows), 1 + 4 + len(self.reps))
        for row in rows:
            n, amount, booked = held.get((row["level"], row["name"]), (0, 0, 0))
            self.assertEqual(row["n_open"], n)
            self.assertAlmostEqual(row["open_amount"], amount, places=4)
            self.assertAlmostEqual(row["booked"], booked, places=4)
            self.assertGreaterEqual(row["expected"], booked - 1e-6)
            if row["quota"] is not None:
                self.assertAlmostEqual(row["gap"], row["quota"] - row["expected"], places=4)
        expected = {level: sum(row["expected"] for row in rows if row["level"] == level)
                    for level in ("team", "cohort", "rep")}
        self.assertAlmostEqual(expected["cohort"] / expected["team"], 1, places=9)
        # reps' are exact, the team's a mean of 2,000 paths: four standard errors
        spread = (rows[0]["high"] - rows[0]["low"]) / 2.56
        self.assertLess(abs(expected["rep"] - expected["team"]), 4 * spread / 2000 ** .5)

    def test_a_target_is_a_third_reference(self):
        target = "diagnosis: {target: {volume: 900, win_rate: 22%, value: 33_000, velocity: 55%}}\n"
        changes = (("# The best of", target + "# The best of"),)
        first = self.diagnose("--threads", "1", changes=changes)
        rows = [row for row in first["gap"] if row["reference"] == "target"]
        self.assertEqual([row["factor"] for row in rows], FACTORS)
        self.assertEqual([row["reference_value"] for row in rows[:4]], [900, .22, 33000, .55])
        self.assertAlmostEqual(rows[4]["reference_value"], 900 * .22 * 33000 * .55, places=4)
        self.check_sums(rows)
        self.assertEqual(first, self.diagnose("--threads", "3", changes=changes))

    def test_without_history_there_is_no_reference(self):
        """A model of one's own and open deals alone."""
        self.write()
        deals = (self.folder / "deals.csv").read_text().splitlines()
        is_open = [line for line in deals[1:] if ",open," in line]
        (self.folder / "deals.csv").write_text("\n".join(deals[:1] + is_open) + "\n")
        scenario = (self.folder / "scenario.yaml").read_text()
        scenario = scenario.replace("  stage_history: stage_history.csv\n", "")
        (self.folder / "scenario.yaml").write_text(scenario)
        done = self.recoup("diagnose", "scenario.yaml", "--json", "--quiet")
        self.assert_status(done, 0)
        answer = json.loads(done.stdout)
        self.assertEqual(answer["gap"], [])
        self.assertEqual(answer["standing"][0]["booked"], 0)


if __name__ == "__main__":
    unittest.main()
