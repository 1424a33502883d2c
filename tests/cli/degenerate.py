"""Valid input at the edges: finite numbers, or a reason; never NaN."""

import math
import unittest

from harness import (DEALS, FILES, HISTORY, MODEL, REPS, SCENARIO, RecoupTest, as_csv, make_history)

FITTED = SCENARIO.replace("model: model.yaml\n", "")


def rows_of(text, keep):
    heading, *rows = text.splitlines()
    return "\n".join([heading] + [row for row in rows if keep(row.split(","))]) + "\n"


def history_of(deals):
    ids = {row.split(",")[0] for row in deals.splitlines()[1:]}
    return rows_of(HISTORY, lambda row: row[0] in ids)


class Degenerate(RecoupTest):
    def answer(self, changes):
        """The JSON of a run of the small team with changed files: each number finite; only a cost
        per point may be missing, where there is no gain to pay for."""
        self.write(changes)
        answer = self.run_json()
        for key in ("quota", "booked", "paths"):
            self.assertTrue(math.isfinite(answer[key]), key)
        for plan in answer["plans"]:
            for key, value in plan.items():
                if key not in ("plan", "cost_per_point"):
                    self.assertIsNotNone(value, f"{plan['plan']}: {key}")
                    self.assertTrue(math.isfinite(value), key)
            for key in ("hit_probability", "best_probability"):
                self.assertTrue(0 <= plan[key] <= 1, key)
        return answer

    def both(self, changes):
        """With the given model, and with one fitted."""
        for name, scenario in (("given", SCENARIO), ("fitted", FITTED)):
            with self.subTest(model=name):
                self.answer({"scenario.yaml": scenario, **changes})

    def test_no_open_deals(self):
        deals = rows_of(DEALS, lambda row: row[5] != "open")
        self.both({"deals.csv": deals, "stage_history.csv": history_of(deals)})

    def test_only_open_deals(self):
        deals = rows_of(DEALS, lambda row: row[5] == "open")
        self.both({"deals.csv": deals, "stage_history.csv": history_of(deals)})

    def test_every_deal_lost(self):
        deals = (DEALS.replace(",won,", ",lost,")
                 .replace("second,open,2026-10-05,", "second,lost,2026-10-05,2026-10-20")
                 .replace("first,open,2026-10-01,", "first,lost,2026-10-01,2026-10-21")
                 .replace("first,open,2026-10-12,", "first,lost,2026-10-12,2026-10-22"))
        self.both({"deals.csv": deals})

    def test_one_rep(self):
        self.both({"deals.csv": DEALS.replace("R2", "R1"), "reps.csv": REPS[:REPS.index("R2,")],
                   "activities.csv": FILES["activities.csv"].replace("R2", "R1"),
                   "model.yaml": MODEL})

    def test_no_history_for_a_cohort(self):
        deals = rows_of(DEALS, lambda row: row[1] == "R1")
        self.both({"deals.csv": deals, "stage_history.csv": history_of(deals)})

    def test_no_optional_tables(self):
        scenario = SCENARIO
        for name in ("stage_history", "reps", "activities"):
            scenario = scenario.replace(f"  {name}: {name}.csv\n", "")
        scenario = scenario.replace("model: model.yaml\n", "").replace("cohort: hunters, ", "")
        self.answer({"scenario.yaml": scenario})

    def test_quota_already_reached(self):
        answer = self.answer({"scenario.yaml": SCENARIO.replace("quota: 60000", "quota: 1")})
        self.assertEqual(answer["booked"], 20000)
        for plan in answer["plans"]:
            self.assertEqual(plan["hit_probability"], 1)
            self.assertEqual(plan["expected_shortfall"], 0)

    def test_quota_out_of_reach(self):
        answer = self.answer({"scenario.yaml": SCENARIO.replace("quota: 60000", "quota: 1e15")})
        for plan in answer["plans"]:
            self.assertEqual(plan["hit_probability"], 0)
            self.assertGreater(plan["hit_probability_se"], 0)  # 0 hits do not prove 0

    def test_one_path(self):
        self.answer({"scenario.yaml": SCENARIO.replace("paths: 2000", "paths: 1")})

    def test_last_day_of_the_period(self):
        self.answer({"scenario.yaml": SCENARIO.replace("2026-11-02", "2026-12-31")})

    def test_one_plan(self):
        scenario = SCENARIO[:SCENARIO.index("  - name: push")]
        self.assertEqual(len(self.answer({"scenario.yaml": scenario})["plans"]), 1)
        self.assert_status(self.recoup("compare", "out/results.h5"), 0)

    def test_free_amounts(self):
        """Amounts of 0 are data like others."""
        self.both({"deals.csv": DEALS.replace(",20000,", ",0,").replace(",9000,", ",0,")})

    def test_missing_amounts(self):
        self.both({"deals.csv": DEALS.replace(",20000,", ",,").replace(",9000,", ",,")})

    def test_table_dialects(self):
        """BOM, CRLF, semicolons or tabs, another order of columns: the same results."""
        self.write()
        self.run_json()
        expected = (self.out / "results.h5").read_bytes()
        turned = "\n".join(",".join(reversed(line.split(","))) for line in DEALS.splitlines())
        dialects = {
            "semicolons": DEALS.replace(",", ";"),
            "tabs": DEALS.replace(",", "\t"),
            "CRLF and BOM": "\ufeff" + DEALS.replace("\n", "\r\n"),
            "no line end": DEALS.rstrip("\n"),
            "columns turned round": turned + "\n",
        }
        for name, deals in dialects.items():
            with self.subTest(dialect=name):
                self.write({"deals.csv": deals})
                self.run_json()
                self.assertEqual((self.out / "results.h5").read_bytes(), expected)

    def test_all_wins_and_no_losses(self):
        deals, history, reps = make_history(n_deals=60)
        won = [row for row in deals if row[5] != "lost"]
        names = {row[0] for row in won}
        self.answer({"deals.csv": as_csv(DEALS, won), "reps.csv": as_csv(REPS, reps),
                     "stage_history.csv": as_csv(HISTORY, [row for row in history
                                                           if row[0] in names]),
                     "activities.csv": "rep_id,date,type\n", "scenario.yaml": FITTED})


if __name__ == "__main__":
    unittest.main()
