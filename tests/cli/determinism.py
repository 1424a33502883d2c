"""The same input gives the same bytes: whatever the number of threads, however often, and whatever
happened after the as-of date."""

import unittest

from harness import DEALS, HISTORY, REPS, SCENARIO, RecoupTest, as_csv, digest, make_history

AS_OF = "2026-11-02"
SCENARIO_OF_TEAM = (SCENARIO.replace("model: model.yaml\n", "")
                    .replace("  activities: activities.csv\n", "")
                    .replace("quota: 60000", "quota: 400000").replace("paths: 2000", "paths: 5000"))


class Determinism(RecoupTest):
    def make_team(self, deals, history, reps):
        self.write({"deals.csv": as_csv(DEALS, deals), "stage_history.csv": as_csv(HISTORY, history),
                    "reps.csv": as_csv(REPS, reps), "scenario.yaml": SCENARIO_OF_TEAM})

    def outputs(self, threads=2):
        """Digests of the fitted model and of the results."""
        self.assert_status(self.recoup("fit", "scenario.yaml", "-o", "out/model.yaml"), 0)
        self.run_json("--threads", str(threads))
        return digest(self.out / "model.yaml"), digest(self.out / "results.h5")

    def test_threads_and_repetition(self):
        self.make_team(*make_history())
        found = {threads: self.outputs(threads) for threads in (1, 2, 3, 7, 1)}
        self.assertEqual(len(set(found.values())), 1, found)

    def test_another_seed_differs(self):
        self.make_team(*make_history())
        self.run_json("--seed", "1")
        first = digest(self.out / "results.h5")
        self.run_json("--seed", "2")
        self.assertNotEqual(digest(self.out / "results.h5"), first)

    def test_order_of_rows_plays_no_part(self):
        """But cohorts are listed in the order of reps.csv."""
        deals, history, reps = make_history()
        self.make_team(deals, history, reps)
        first = self.outputs()
        self.make_team(deals[::-1], history[::-1], reps)
        self.assertEqual(self.outputs(), first)

    def test_what_happened_later_plays_no_part(self):
        deals, history, reps = make_history()
        later = [row for row in deals if row[7] >= AS_OF or row[6] >= AS_OF]
        self.assertGreater(len(later), 10, "the made-up history ends too early for this test")
        self.make_team(deals, history, reps)
        first = self.outputs()
        for row in deals:  # what closed later: the other outcome, on another day
            if row[7] >= AS_OF:
                row[5] = "lost" if row[5] == "won" else "won"
                row[7] = "2027-03-01T10:00:00Z"
        for row in history:  # what moved later: on other days
            if row[2] >= AS_OF and row[1] == "second":
                row[2] = "2027-02-01T00:00:00Z"
        for row in deals:
            if row[6] >= AS_OF and row[4] == "second":
                row[6] = "2027-02-01T00:00:00Z"
        deals = [row for row in deals if row[3] < AS_OF]  # what was created later: gone, and others
        known = {row[0] for row in deals}
        history = [row for row in history if row[0] in known]
        deals.append(["N1", "R1", 123456, "2026-11-20", "first", "open", "2026-11-20", "", "web", ""])
        history.append(["N1", "first", "2026-11-20"])
        self.make_team(deals, history, reps)
        self.assertEqual(self.outputs(), first)

    def test_what_happened_before_plays_one(self):
        deals, history, reps = make_history()
        self.make_team(deals, history, reps)
        first = self.outputs()
        next(row for row in deals if row[7] and row[7] < AS_OF)[2] += 1000
        self.make_team(deals, history, reps)
        second = self.outputs()
        self.assertNotEqual(second[0], first[0])
        self.assertNotEqual(second[1], first[1])


if __name__ == "__main__":
    unittest.main()
