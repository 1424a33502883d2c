"""What people see on a terminal: colours, the picture of attainment, --quiet and --verbose, 80 columns."""

import os
import pty
import re
import subprocess
import unittest

import h5py
from harness import RECOUP, RecoupTest, as_csv, DEALS, HISTORY, REPS, SCENARIO, environment, make_history

BLOCKS, LETTERS = " ▁▂▃▄▅▆▇█", " .:-=+*#@"


class Terminal(RecoupTest):
    def on_terminal(self, *arguments, **variables):
        """Output and messages of the program on a terminal: (exit status, text)."""
        try:
            ours, theirs = pty.openpty()
        except OSError as error:
            self.skipTest(f"no terminal to be had: {error}")
        env = {key: value for key, value in environment().items() if key != "NO_COLOR"}
        with subprocess.Popen([RECOUP, *arguments], cwd=self.folder, stdout=theirs, stderr=theirs,
                              env={**env, "TERM": "xterm", "LC_ALL": "C.UTF-8", **variables}) as process:
            os.close(theirs)
            seen = b""
            while True:
                try:
                    seen += os.read(ours, 4096)
                except OSError:  # the other end is closed
                    break
        os.close(ours)
        return process.returncode, seen.decode()

    def results(self):
        self.write()
        self.assert_status(self.recoup("run", "scenario.yaml", "-o", "out/results.h5"), 0)

    def test_colors(self):
        self.results()
        compare = ["compare", "out/results.h5"]
        _, colored = self.on_terminal(*compare)
        self.assertEqual(len(re.findall(r"\033\[1;32mpush", colored)), 1)  # the best one, once
        self.assertNotRegex(colored, r"\033\[[0-9;]+mas is")
        for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            self.assertNotIn("\033", self.on_terminal(*compare, **variables)[1])
        self.assertIn("\033", self.on_terminal(*compare, NO_COLOR="")[1])
        self.assertNotIn("\033", self.recoup(*compare).stdout)

    def test_names_hold_no_escapes(self):
        self.write({"scenario.yaml": SCENARIO.replace("name: push", 'name: "pu\\e[31msh"')})
        self.assert_status(self.recoup("run", "scenario.yaml", "-o", "out/results.h5"), 0)
        for arguments in (["compare", "out/results.h5"], ["compare", "out/results.h5", "--markdown"]):
            done = self.recoup(*arguments)
            self.assert_status(done, 0)
            self.assertNotIn("\033", done.stdout)

    def test_errors_are_red(self):
        self.write({"scenario.yaml": SCENARIO.replace("quota: 60000", "quota: -1")})
        status, text = self.on_terminal("run", "scenario.yaml")
        self.assertEqual(status, 3)
        self.assertIn("\033[1;31merror:\033[0m", text)
        self.assertNotIn("\033", self.on_terminal("run", "scenario.yaml", NO_COLOR="1")[1])
        self.assertNotIn("\033", self.recoup("run", "scenario.yaml").stderr)

    def picture(self, levels, line, **variables):
        text = self.recoup("compare", "out/results.h5", env=environment(**variables)).stdout
        rows = {}
        for name in ("as is", "push"):
            found = re.search(rf"^{name} {{2,}}([{re.escape(levels + line)}]+)$", text, re.MULTILINE)
            self.assertTrue(found, text)
            rows[name] = found[1]
        return rows, text

    def test_attainment(self):
        """The heights right of the line are the paths that hit quota."""
        self.results()
        rows, text = self.picture(BLOCKS, "│", LC_ALL="en_US.UTF-8")
        letters, _ = self.picture(LETTERS, "|", LC_ALL="C")
        with h5py.File(self.out / "results.h5") as file:
            hit = dict(zip(("as is", "push"), file["hit_probability_paths"][()]))
        for name, row in rows.items():
            self.assertEqual(row.translate(str.maketrans(BLOCKS + "│", LETTERS + "|")), letters[name])
            left, right = ([BLOCKS.index(block) for block in part] for part in row.split("│"))
            # A height is rounded to an eighth of the highest, and so by at most 1/16; what is above
            # 0 but rounds to it counts as 1/8.
            total = sum(left) + sum(right)
            slack = (len(left) + len(right)) / 2 / total + 0.02  # paths of a bin over the quota
            self.assertAlmostEqual(sum(right) / total, hit[name], delta=slack)
        self.assertEqual(len({row.index("│") for row in rows.values()}), 1)
        axis = re.search(r"^ +(\d+) +100 +(\d+)$", text, re.MULTILINE)
        self.assertTrue(axis and int(axis[1]) < 100 < int(axis[2]), text)

    def test_quiet_and_verbose(self):
        inputs = {"run": ["scenario.yaml", "-o", "out/results.h5"], "compare": ["out/results.h5"],
                  "export": ["out/results.h5", "-o", "out/tables"], "check": ["scenario.yaml"],
                  "diagnose": ["scenario.yaml"], "activity": ["scenario.yaml"], "track": ["scenario.yaml"],
                  "batch": ["scenario.yaml", "-o", "out/batch"],
                  "fit": ["scenario.yaml", "-o", "out/model.yaml"]}
        deals, history, reps = make_history()
        self.write({"deals.csv": as_csv(DEALS, deals), "stage_history.csv": as_csv(HISTORY, history),
                    "reps.csv": as_csv(REPS, reps)})
        for command, arguments in inputs.items():
            with self.subTest(command=command):
                quiet = self.recoup(command, *arguments, "--quiet")
                self.assert_status(quiet, 0)
                self.assertEqual(quiet.stderr, "")
                verbose = self.recoup(command, *arguments, "-v")
                self.assert_status(verbose, 0)
                self.assertEqual(verbose.stdout, self.recoup(command, *arguments).stdout)
                steps = re.findall(r"^\[ *(\d+\.\d\d) s\] (.+)$", verbose.stderr, re.MULTILINE)
                self.assertTrue(steps, verbose.stderr)
                self.assertEqual([float(time) for time, _ in steps], sorted(float(time) for time, _ in steps))
                self.assert_status(self.recoup(command, *arguments, "-q", "-v"), 2)
        self.write()
        told = self.recoup("run", "scenario.yaml", "-o", "out/results.h5", "-v").stderr
        for fragment in ("deals.csv", "model.yaml", "6 deals (3 open), 2 reps", "estimator sample", "seed 5",
                         "wrote out/results.h5"):
            self.assertIn(fragment, told)

    def test_eighty_columns(self):
        deals, history, reps = make_history()
        self.write({"deals.csv": as_csv(DEALS, deals), "stage_history.csv": as_csv(HISTORY, history),
                    "reps.csv": as_csv(REPS, reps)})
        for arguments in (["run", "scenario.yaml", "-o", "out/results.h5"], ["--help"], ["fit", "scenario.yaml", "-o", "out/model.yaml", "--reps"], ["activity", "scenario.yaml"],
                          ["compare", "out/results.h5"], ["compare", "out/results.h5", "--by", "rep"],
                          ["diagnose", "scenario.yaml"], ["track", "out/results.h5"], *([[name, "--help"] for name in
                                                                                         ("run", "compare", "export")])):
            done = self.recoup(*arguments, env=environment(LC_ALL="C.UTF-8"))
            self.assert_status(done, 0)
            self.assertFalse([line for line in done.stdout.splitlines() if len(line) > 80], arguments)


if __name__ == "__main__":
    unittest.main()
