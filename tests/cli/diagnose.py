"""The diagnosis in a terminal: one screen a topic, whatever the tables hold; everything as JSON."""

import re
import unicodedata
import unittest

from harness import DEALS, REPS, SOURCE, RecoupTest, as_csv, make_history, read_json

TOPICS = ("gap", "causes", "reps", "skills", "swot", "hygiene", "quality")
TITLES = ("GAP", "CAUSES", "REPS", "SKILLS", "SWOT", "HYGIENE", "DATA QUALITY")
LINES, COLUMNS = 24, 80

HOSTILE = ['</script><b>', '"quoted, text"', "Jürgen 🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀🚀", "שלום עולם", "x" * 300,
           "北京市朝阳区建国路八十八号现代城", "a\tb", "O'Brien"]


def columns(text):
    """Of a terminal, as wcwidth counts them."""
    return sum(0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else
               2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Diagnose(RecoupTest):
    def screens(self, scenario, *arguments):
        """The topics' screens by name, each checked for its size."""
        done = self.recoup("diagnose", scenario, "-q", *arguments)
        self.assert_status(done, 0)
        lines = done.stdout.split("\n")
        starts = [i for i, line in enumerate(lines) if re.match("|".join(TITLES), line)]
        found = {}
        for start, end in zip(starts, starts[1:] + [len(lines)]):
            name = TOPICS[[lines[start].startswith(title) for title in TITLES].index(True)]
            found[name] = lines[start:end - 1]  # the blank line between, or the end of the text
        for name, screen in found.items():
            self.assertLessEqual(len(screen), LINES, "\n".join(screen))
            for line in screen:
                self.assertLessEqual(columns(line), COLUMNS, line)
                self.assertTrue(line.isprintable(), repr(line))
        return found

    def diagnose(self, scenario):
        done = self.recoup("diagnose", scenario, "-q", "--json")
        self.assert_status(done, 0)
        return read_json(done.stdout)

    def test_example(self):
        folder = SOURCE / "scenarios/recovery-q4"
        text = (folder / "scenario.yaml").read_text()
        text = text[:text.index("# What is worked out")] + "plans: [{name: baseline}]\n"
        text = re.sub("simulation: .*", "simulation: {paths: 4000, seed: 1, parameter_draws: 10}", text)
        for name in ("deals", "stage_history", "reps", "activities"):
            text = text.replace(f": {name}.csv", f": {folder}/{name}.csv")
        (self.folder / "example.yaml").write_text(text)
        found = self.screens("example.yaml")
        self.assertEqual(tuple(found), TOPICS)
        everything = self.diagnose("example.yaml")
        # What is cut names how many rows more JSON has.
        behind = [row for row in everything["standing"] if row["level"] == "rep" and row["gap"] is not None
                  and row["gap"] > 0]
        more = int(re.fullmatch(r"\.\.\. and (\d+) more \(--json has all\)", found["reps"][-1])[1])
        shown = [line for line in found["reps"] if re.match(r"R\d\d ", line)]
        self.assertEqual(len(shown) + more, len(behind))
        largest = max(behind, key=lambda row: row["gap"])
        self.assertTrue(shown[0].startswith(largest["name"]), shown[0])
        team = everything["standing"][0]
        self.assertIn(f"{team['gap']:,.0f}", found["gap"][0])
        self.assertIn(f"{len(everything['hygiene'])} open deals to look at", found["hygiene"][0])
        for row in everything["gap"]:
            if not row["cohort"] and row["factor"] != "total":
                self.assertTrue([line for line in found["gap"]
                                 if row["factor"] in line and f" {row['effect']:,.0f} " in line], row)
        # A topic alone is the same screen.
        for topic in ("gap", "quality"):
            self.assertEqual(self.screens("example.yaml", "--topic", topic), {topic: found[topic]})

    def test_hostile_names(self):
        """Of reps, cohorts, deals and stages; and amounts of fifteen digits."""
        deals, history, reps = make_history()
        self.write()
        quoted = ['"' + name.replace('"', '""') + '"' for name in HOSTILE]
        rep_of = {f"R{k + 1}": quoted[k] for k in range(8)}
        for row in deals:
            row[0] = '"' + row[0] + HOSTILE[4] + HOSTILE[2] + '"'
            row[1], row[2] = rep_of[row[1]], 1e12 * row[2]
            row[9] = 1e12 * row[9]
        for row in history:
            row[0] = '"' + row[0] + HOSTILE[4] + HOSTILE[2] + '"'
        for k, row in enumerate(reps):
            row[0], row[2], row[4] = quoted[k], quoted[k // 4 + 4], 1e17
        (self.folder / "deals.csv").write_text(as_csv(DEALS, deals))
        (self.folder / "stage_history.csv").write_text(
            as_csv("deal_id,stage,entered\n", history))
        (self.folder / "reps.csv").write_text(as_csv(REPS, reps))
        text = (self.folder / "scenario.yaml").read_text()
        text = text.replace("model: model.yaml\n", "").replace("  activities: activities.csv\n", "")
        text = text[:text.index("plans:")].replace("quota: 60000", "quota: {from: reps}")
        text = text.replace("currency: EUR\n", "").replace("as_of: 2026-11-02", "as_of: 2026-10-20")
        (self.folder / "scenario.yaml").write_text(text)
        self.assertEqual(tuple(self.screens("scenario.yaml")), TOPICS)
        names = {row["name"] for row in self.diagnose("scenario.yaml")["standing"]}
        self.assertLessEqual({HOSTILE[0], HOSTILE[2], HOSTILE[4]}, names)  # JSON has them whole
        done = self.recoup("track", "scenario.yaml", "-q")
        self.assert_status(done, 0)
        self.assertFalse([line for line in done.stdout.split("\n") if columns(line) > COLUMNS])

    def test_little_data(self):
        """A hand-written model and six deals: every topic says something, and nothing is made up."""
        self.write()
        found = self.screens("scenario.yaml")
        self.assertEqual(tuple(found), TOPICS)
        self.write({"deals.csv": DEALS.splitlines()[0] + "\n",
                    "stage_history.csv": "deal_id,stage,entered\n"})
        self.assertEqual(tuple(self.screens("scenario.yaml")), TOPICS)

    def test_status(self):
        self.write()
        done = self.recoup("diagnose", "scenario.yaml", "--topic", "skils")
        self.assert_status(done, 2)
        self.assertIn("skills", done.stderr)
        self.assert_status(self.recoup("diagnose", "scenario.yaml", "--topic", "gap", "--json"), 2)
        self.assert_status(self.recoup("diagnose"), 2)
        self.assert_status(self.recoup("diagnose", "nowhere.yaml"), 3)
        (self.folder / "scenario.yaml").write_text("recoup: scenario/1\n")
        done = self.recoup("diagnose", "scenario.yaml", "--topic", "gap")
        self.assert_status(done, 3)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
