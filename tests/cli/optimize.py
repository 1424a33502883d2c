"""The best plan under a budget, from the command line: `recoup optimize`."""

import re
import unittest

from harness import RecoupTest, SCENARIO, digest, read_json

CANDIDATES = """\
optimize:
  budget: 50
  hours: 30
  candidates:
    - name: coach
      levels: [0.5, 1]
      levers:
        - coach: {cohort: hunters, logit: 0.4, cost: 20, hours: 10}
    - name: faster
      levels: [0.5, {strength: 1, cost: 0.8, hours: 2}]
      excludes: [hand over]
      levers:
        - unblock: {stage: second, speed: 1.5, cost: 30, hours: 8}
    - name: hand over
      levers:
        - reassign: {from: {rep: R2}, to: {rep: R1}, handover_days: 2, cost: 12}
    - name: more
      requires: [coach]
      levers:
        - activity: {channel: web, increase: 0.5, returns: 0.8, cost: 15, hours: 12}
"""


class Optimize(RecoupTest):
    def choose(self, *arguments, status=0, text=SCENARIO + CANDIDATES):
        self.write({"scenario.yaml": text})
        done = self.recoup("optimize", "scenario.yaml", "--json", "-q", *arguments)
        self.assert_status(done, status)
        return read_json(done.stdout) if status == 0 else done.stderr

    def test_feasible(self):
        for budget, hours in ((50, 30), (20, 30), (1000, 11), (0, 0)):
            answer = self.choose("--budget", budget, "--hours", hours)
            winner = answer["winner"]
            self.assertTrue(answer["is_exhaustive"])
            self.assertLessEqual(winner["cost"], budget)
            self.assertLessEqual(winner["hours"], hours)
            self.assertAlmostEqual(winner["cost"], sum(c["cost"] for c in answer["chosen"]))
            self.assertGreaterEqual(winner["hit_probability"],
                                    answer["nothing"]["hit_probability"])
            chosen = {c["candidate"] for c in answer["chosen"]}
            self.assertFalse({"faster", "hand over"} <= chosen)
            self.assertTrue("more" not in chosen or "coach" in chosen)
            for other in answer["runners_up"]:
                self.assertLessEqual(other["behind"], 0)
                self.assertGreater(other["doubt"], 0.05)

    def test_frontier_rises(self):
        frontier = self.choose("--budget", 1000)["frontier"]
        self.assertGreater(len(frontier), 2)
        for lower, higher in zip(frontier, frontier[1:]):
            self.assertLess(lower["budget"], higher["budget"])
            self.assertLess(lower["hit_probability"], higher["hit_probability"])
        for point in frontier:
            self.assertLessEqual(point["cost"], point["budget"] + 1e-9)

    def test_reach(self):
        answer = self.choose()
        low, high = (answer[who]["hit_probability"] for who in ("nothing", "winner"))
        target = (low + high) / 2
        reached = self.choose("--reach", target)
        self.assertTrue(reached["is_reached"])
        self.assertGreaterEqual(reached["winner"]["hit_probability"], target)
        self.assertLess(reached["winner"]["cost"], answer["winner"]["cost"])
        # With a little less than it costs it cannot be reached.
        poor = self.choose("--reach", target, "--budget", reached["winner"]["cost"] - 0.01)
        self.assertFalse(poor["is_reached"])

    def test_written_plan_runs(self):
        """The plan in the file has, in a run of its own, the P(hit) that was told."""
        answer = self.choose("-o", "best.yaml")
        text = (self.folder / "best.yaml").read_text()
        self.assertIn("name: optimized", text)
        done = self.recoup("run", "best.yaml", "-o", "out/best.h5", "--estimator", "conditional",
                           "--json", "-q")
        self.assert_status(done, 0)
        plan = read_json(done.stdout)["plans"][-1]
        self.assertEqual(plan["plan"], "optimized")
        self.assertAlmostEqual(plan["cost"], answer["winner"]["cost"])
        # The same draws and points of Z; rounding of written numbers remains.
        self.assertAlmostEqual(plan["hit_probability"], answer["winner"]["hit_probability"],
                               delta=1e-9)
        # Once more: the name is taken, the candidates are there still.
        again = self.recoup("optimize", "best.yaml", "-q")
        self.assert_status(again, 0)
        self.assertIn("name: optimized 2", again.stdout)

    def test_another_folder(self):
        """Paths of a scenario written elsewhere lead to the same tables."""
        self.choose("-o", "out/best.yaml")
        self.assertIn(str(self.folder.resolve() / "deals.csv"),
                      (self.out / "best.yaml").read_text())
        self.assert_status(self.recoup("check", "out/best.yaml"), 0)

    def test_snippet_can_be_pasted(self):
        """What is printed as a plan is one: the scenario with it reads."""
        self.write({"scenario.yaml": SCENARIO + CANDIDATES})
        done = self.recoup("optimize", "scenario.yaml", "-q")
        self.assert_status(done, 0)
        snippet = done.stdout.split("As a plan of the scenario:\n\n")[1]
        indented = "".join("  " + line + "\n" for line in snippet.splitlines())
        self.write({"scenario.yaml": SCENARIO + indented})
        self.assert_status(self.recoup("check", "scenario.yaml"), 0)
        self.assertTrue(all(len(line) <= 80 for line in done.stdout.splitlines()), done.stdout)

    def test_levers_of_plans(self):
        answer = self.choose(text=SCENARIO)
        self.assertEqual(answer["n_candidates"], 1)
        self.assertEqual(answer["winner"]["name"], "push")

    def test_bookings(self):
        answer = self.choose(text=SCENARIO + CANDIDATES.replace(
            "optimize:\n", "optimize:\n  objective: bookings\n"))
        self.assertEqual(answer["objective"], "bookings")
        self.assertGreater(answer["winner"]["bookings_mean"], answer["nothing"]["bookings_mean"])

    def test_threads(self):
        one, two = (self.choose("--threads", n) for n in (1, 2))
        self.assertEqual(one, two)

    def test_mistakes(self):
        for old, new, words in (
                ("excludes: [hand over]", "excludes: [hand in]", "no candidate"),
                ("requires: [coach]", "requires: [more]", "the candidate itself"),
                ("name: more", "name: coach", "two candidates are called"),
                ("levels: [0.5, 1]", "levels: [0.5, 0]", "a factor above 0"),
                ("levels: [0.5, 1]", "levels: 0.5", "is not a list"),
                ("budget: 50", "budget: -1", "an amount of money"),
                ("cohort: hunters, logit: 0.4", "cohort: gatherers, logit: 0.4", "gatherers"),
                ("  hours: 30\n", "  hour: 30\n", "did you mean 'hours'"),
                (CANDIDATES[CANDIDATES.index("    - name: coach"):], "    []\n", "candidates")):
            with self.subTest(words):
                text = CANDIDATES.replace(old, new)
                self.assertNotEqual(text, CANDIDATES)
                message = self.choose(status=3, text=SCENARIO + text)
                self.assertIn(words, message)
                self.assertRegex(message, r"scenario\.yaml:\d+")

    def test_usage(self):
        self.write({"scenario.yaml": SCENARIO + CANDIDATES})
        for arguments in (["--reach", "1.2"], ["--budget", "-3"], ["--hours", "many"], []):
            scenario = ["scenario.yaml"] if arguments else []
            self.assert_status(self.recoup("optimize", *scenario, *arguments), 2)
        before = digest(self.folder / "scenario.yaml")
        done = self.recoup("optimize", "scenario.yaml", "-o", "nowhere/best.yaml")
        self.assert_status(done, 1)
        self.assertEqual(before, digest(self.folder / "scenario.yaml"))
        self.assertTrue(re.search("cannot write", done.stderr))


if __name__ == "__main__":
    unittest.main()
